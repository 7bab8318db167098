"""Checking a range of the log: each hash is computed again from the stored octets and compared with all that names it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.entry import agrees, moment_of, standing_of
from docaxis.backends.tables import events, log_entries, submissions
from docaxis.hub.views.audit import CheckedPart, Fault
from docaxis.hub.views.documents import EventView, body_of
from docaxis.ledger.event import leaf_hash

_ANSWERS = ("document:accepted", "submission:rejected", "status:accepted", "recall:accepted")
"""Acts with a receipt of their own."""


async def size_of_log(connection: AsyncConnection) -> int:
    """Return the number after the last entry's."""
    last = (await connection.execute(select(func.max(log_entries.c.leaf_index)))).scalar_one()
    return 0 if last is None else int(last) + 1


async def first_since(connection: AsyncConnection, moment: datetime) -> int:
    """Return the number of the first entry from a moment on, the size of the log where there is none.

    Entries get their numbers in the order of their time but for parts of a second, so that it is looked for by halving.
    """
    low, high = 0, await size_of_log(connection)
    size = high
    while low < high:
        middle = (low + high) // 2
        query = (
            select(log_entries.c.leaf_index, events.c.at)
            .join(events, events.c.event_id == log_entries.c.event_id)
            .where(log_entries.c.leaf_index >= middle)
            .order_by(log_entries.c.leaf_index)
            .limit(1)
        )
        found = (await connection.execute(query)).one_or_none()
        if found is None or found.leaf_index >= high:
            high = middle
        elif found.at >= moment:
            high = middle if found.leaf_index == middle else min(found.leaf_index, high - 1)
        else:
            low = found.leaf_index + 1
    return min(low, size)


async def check_part(connection: AsyncConnection, first: int, end: int) -> CheckedPart:
    """Check the entries from first to end (not counted); nothing that is stored there makes it fail."""
    started = time.perf_counter()
    query = (
        select(log_entries.c.leaf_index, log_entries.c.event_id.label("named"), *events.columns)
        .outerjoin(events, events.c.event_id == log_entries.c.event_id)
        .where(log_entries.c.leaf_index >= first, log_entries.c.leaf_index < end)
        .order_by(log_entries.c.leaf_index)
    )
    rows = (await connection.execute(query)).all()
    known = [row for row in rows if row.event_id is not None]
    receipts = await _receipts(connection, known)
    read_s = time.perf_counter() - started
    return await asyncio.to_thread(_compute, rows, receipts, first, end, read_s)


def _compute(
    rows: Sequence[Row[Any]], receipts: Mapping[UUID, bytes], first: int, end: int, read_s: float
) -> CheckedPart:
    started = time.perf_counter()
    faults: list[Fault] = []
    there = {row.leaf_index for row in rows if row.event_id is not None}
    faults += [Fault(index, "missing") for index in range(first, end) if index not in there]
    compared = 0
    for row in rows:
        if row.event_id is None:
            continue
        event = EventView(
            row.event_id, row.kind, row.at, row.document_key, row.canonical, row.leaf_hash, row.leaf_index
        )
        leaf = leaf_hash(event.canonical)
        standing = standing_of(event)
        found = {
            "hash": leaf != event.leaf_hash,
            "unreadable": not standing.is_readable,
            "not-canonical": standing.is_readable and not standing.is_canonical,
            "columns": standing.is_canonical and not standing.columns_agree,
        }
        receipt = receipts.get(event.event_id)
        if receipt is not None:
            compared += 1
            # The receipt went out with the hash of what was written then, whatever the row says now.
            found["receipt"] = not agrees(receipt, leaf)
        faults += [Fault(row.leaf_index, what, event.event_id) for what, is_so in found.items() if is_so]
    faults.sort(key=lambda one: one.leaf_index)
    last_at = max((row.at for row in rows if row.at), default=None)
    return CheckedPart(len(there), compared, tuple(faults), last_at, read_s, time.perf_counter() - started)


async def _receipts(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> Mapping[UUID, bytes]:
    """Return the receipts that answered these events, by event; both look-ups go by an index."""
    accepted = [row.document_key for row in rows if row.kind == "document:accepted" and row.document_key is not None]
    arrivals = []
    for row in rows:
        if row.kind in _ANSWERS and row.kind != "document:accepted":
            body = body_of(row.canonical)
            at, endpoint = moment_of(body.get("received_at")), body.get("endpoint")
            if at is not None and isinstance(endpoint, str):
                arrivals.append((endpoint, at))
    columns = (submissions.c.event_id, submissions.c.receipt)
    found: dict[UUID, bytes] = {}
    place = (submissions.c.endpoint, submissions.c.received_at)
    for condition in (
        submissions.c.submission_id.in_(accepted) if accepted else None,
        tuple_(*place).in_(arrivals) if arrivals else None,
    ):
        if condition is not None:
            found |= {row.event_id: row.receipt for row in await connection.execute(select(*columns).where(condition))}
    wanted = {row.event_id for row in rows if row.kind in _ANSWERS}
    return {event_id: receipt for event_id, receipt in found.items() if event_id in wanted}
