"""The log from its newest entry back: so many entries a page are looked at, and no more, whatever is asked for."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.rows import events_within, log_row
from docaxis.backends.auditor.scope import Scope
from docaxis.backends.tables import events
from docaxis.domain.period import Period
from docaxis.hub.ids import first_id
from docaxis.hub.views.audit import LogPage, LogWanted

WALKED = 4_000
"""Entries that one page looks through, by their keys, which are in the order of time."""


async def walk(connection: AsyncConnection, scope: Scope, wanted: LogWanted, after: str, limit: int) -> LogPage:
    """Return a page of the entries of some days, newest first; raises ValueError for a place that is none."""
    since, until = Period(wanted.first, wanted.last).instants()
    low, high = first_id(since), UUID(after) if after else first_id(until)
    within = and_(events.c.event_id >= low, events.c.event_id < high)
    newest = select(events.c.event_id).where(within).order_by(events.c.event_id.desc())
    ends = (await connection.execute(newest.offset(WALKED - 1).limit(1))).scalar_one_or_none()
    query = events_within(scope).where(
        events.c.event_id < high, events.c.event_id >= (ends or low), *of_kinds(connection, wanted)
    )
    found = [
        log_row(row) for row in await connection.execute(query.order_by(events.c.event_id.desc()).limit(limit + 1))
    ]
    if len(found) > limit:
        return LogPage(found[:limit], found[limit - 1].event.event_id.hex, is_full=True)
    return LogPage(found, ends.hex if ends else "")


def of_kinds(connection: AsyncConnection, wanted: LogWanted) -> list[ColumnElement[Any]]:
    """Return the conditions that an event is of a kind that is asked for, and holds what it must."""
    kinds: list[ColumnElement[Any]] = [events.c.kind.in_(wanted.kinds)] if wanted.kinds else []
    return [*kinds, *([holds(connection, wanted.holding)] if wanted.holding else [])]


def holds(connection: AsyncConnection, text: str) -> ColumnElement[bool]:
    """Return the condition that an event's canonical octets hold a text; no index serves it."""
    octets, held = text.encode(), events.c.canonical
    if connection.dialect.name == "postgresql":
        escaped = octets.replace(b"\\", b"\\\\").replace(b"%", b"\\%").replace(b"_", b"\\_")
        return held.op("LIKE", is_comparison=True)(b"%" + escaped + b"%")
    return func.instr(held, octets) > 0
