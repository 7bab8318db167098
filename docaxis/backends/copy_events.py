"""The acts on many copies at once that concern one document: `copies:dispatched` and `copies:fetched`.

They carry no document's key in a column, so they are looked for where they must be: a dispatch soon after acceptance, or
soon before the fetching where the copy had to wait; a fetching at the moment that its range tells.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.fetch_ranges import JOIN_WITHIN
from docaxis.backends.tables import events, log_entries
from docaxis.hub.views.documents import DocumentView, EventView

DISPATCH_WITHIN = timedelta(seconds=30)
"""How long after acceptance, or before fetching, a dispatch is looked for."""

MOMENTS_MAX = 20
"""Fetchings at different moments that are looked for; a letter to all communes has thousands."""


async def copy_events(
    connection: AsyncConnection, document: DocumentView, copies: Sequence[Row[Any]]
) -> tuple[list[EventView], dict[str, datetime]]:
    """Return the events that hold the document's key or its sequence numbers, and when each endpoint's copy went out."""
    fetched = sorted({row.done_at for row in copies if row.done_at is not None})[:MOMENTS_MAX]
    # One window more for the copies that had to wait, before the first of them was fetched.
    starts = [document.accepted_at, *(at - DISPATCH_WITHIN for at in fetched[:1])]
    found: dict[Any, EventView] = {}
    dispatched: dict[str, datetime] = {}
    key = document.document_key.hex
    for event in await _between(connection, "copies:dispatched", [(at, at + DISPATCH_WITHIN) for at in starts], key):
        for endpoint in _dispatched_to(event, key):
            found[event.event_id] = event
            dispatched.setdefault(endpoint, event.at)
    places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for row in copies:
        places[row.endpoint, row.lane].add(row.sequence)
    for event in await _between(connection, "copies:fetched", [(at, at + JOIN_WITHIN) for at in fetched]):
        # An act without ranges tells of nobody's copy: it is passed over, and the story of the document stays readable.
        ranges = _body(event).get("fetched", ())
        if any(_covers(one, places) for one in ranges):
            found[event.event_id] = event
    return list(found.values()), dispatched


async def _between(
    connection: AsyncConnection, kind: str, windows: Sequence[tuple[datetime, datetime]], holding: str = ""
) -> list[EventView]:
    """Return events of a kind in some spans of time, oldest first; `holding` is a text of theirs."""
    if not windows:
        return []
    query = (
        select(events, log_entries.c.leaf_index)
        .outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
        .where(
            events.c.document_key.is_(None),
            events.c.kind == kind,
            or_(*(and_(events.c.at >= first, events.c.at <= last) for first, last in windows)),
        )
        .order_by(events.c.at, events.c.event_id)
    )
    if holding:
        octets, held = holding.encode(), events.c.canonical
        if connection.dialect.name == "postgresql":
            query = query.where(held.op("LIKE", is_comparison=True)(b"%" + octets + b"%"))
        else:
            query = query.where(func.instr(held, octets) > 0)
    return [EventView(*row) for row in await connection.execute(query)]


def _body(event: EventView) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(event.canonical)["body"]
    return body


def _dispatched_to(event: EventView, key: str) -> Iterator[str]:
    for document, endpoints in _body(event).get("dispatched", ()):
        if document == key:
            yield from endpoints


def _covers(part: Sequence[Any], places: Mapping[tuple[str, str], Collection[int]]) -> bool:
    endpoint, lane, first, last = part
    return any(first <= one <= last for one in places.get((endpoint, lane), ()))
