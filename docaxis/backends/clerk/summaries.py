"""How all addressees of the documents of a page stand, counted by the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clerk.standing import KINDS, TAKEN
from docaxis.backends.flow_tables import deadlines, misses
from docaxis.backends.tables import deliveries
from docaxis.domain.status import StatusCode, business, is_answered, is_finished, is_recall_asked, recall
from docaxis.hub.views.lists import Standing

Duty = tuple[datetime, bool]
"""When a duty was due, and whether it was missed and is still open."""


async def standings_of(connection: AsyncConnection, keys: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """Return how the addressees of each document stand."""
    found: defaultdict[UUID, Standing] = defaultdict(Standing)
    if not keys:
        return found
    copies = (deliveries.c.document_key, deliveries.c.state, deliveries.c.statuses)
    counted = select(*copies, func.count()).where(deliveries.c.document_key.in_(keys)).group_by(*copies)
    for key, state, statuses, number in await connection.execute(counted):
        found[key] = _with_copies(found[key], state, statuses, number)
    open_misses = (
        select(misses.c.document_key, misses.c.attributable, func.count(misses.c.organ_id.distinct()))
        .where(misses.c.document_key.in_(keys), KINDS["overdue"].stands(misses))
        .group_by(misses.c.document_key, misses.c.attributable)
    )
    for key, attributable, number in await connection.execute(open_misses):
        found[key] = replace(found[key], **{"overdue" if attributable else "unattributed": number})
    due = select(deadlines.c.document_key, deadlines.c.due_at).where(
        deadlines.c.kind == "receipt", deadlines.c.document_key.in_(keys)
    )
    for key, due_at in await connection.execute(due):
        found[key] = replace(found[key], due_at=due_at)
    return found


async def duties_of(connection: AsyncConnection, organ_id: str, keys: Sequence[UUID]) -> Mapping[UUID, Duty]:
    """Return an agency's duty for each document: one that may still be done in time, else one that was missed and is open."""
    if not keys:
        return {}
    due = select(deadlines.c.document_key, deadlines.c.due_at).where(
        deadlines.c.document_key.in_(keys), deadlines.c.kind == "receipt"
    )
    found: dict[UUID, Duty] = {key: (due_at, False) for key, due_at in await connection.execute(due)}
    missed = (
        select(misses.c.document_key, misses.c.due_at)
        .where(misses.c.document_key.in_(keys), misses.c.organ_id == organ_id, KINDS["overdue"].stands(misses))
        .order_by(misses.c.due_at.desc())
    )
    return found | {key: (due_at, True) for key, due_at in await connection.execute(missed)}


def _with_copies(standing: Standing, state: str, statuses: int, number: int) -> Standing:
    code = business(statuses)
    more: dict[str, Any] = {"addressees": number}
    if state in {"withdrawn", "expired"}:
        more["withdrawn"] = number
    elif state == "waiting":
        more["waiting"] = number
    else:
        more["answered"] = number * is_answered(statuses)
        more["accepted"] = number * bool(statuses & TAKEN)
        more["finished"] = number * is_finished(statuses)
        more["refused"] = number * (code is StatusCode.REFUSED)
        more["asked_back"] = number * (is_recall_asked(statuses) and recall(statuses) is StatusCode.RECALL_ASKED)
    return replace(standing, **{name: getattr(standing, name) + count for name, count in more.items()})
