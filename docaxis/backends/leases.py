"""Fenced leases, and the log whose only writer holds one: committed events get their leaf index here."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.bulk import Bulk
from docaxis.backends.clock import has_run_out
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import leases, log_entries, log_pending
from docaxis.hub.ports import LeaseLost

SEQUENCER_LEASE = "sequencer"
"""The name of the lease whose fence `append_log` checks."""


async def take_lease(connection: AsyncConnection, name: str, holder: str, now: datetime, lease_s: float) -> int | None:
    """Take, renew or fail to get the lease in one statement; the fence stays while the holder stays."""
    until = now + timedelta(seconds=lease_s)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    insert = make(leases).values(name=name, holder=holder, fence=1, until=until)
    same = leases.c.holder == insert.excluded.holder
    taken = insert.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={
            "holder": insert.excluded.holder,
            "until": insert.excluded.until,
            "fence": case((same, leases.c.fence), else_=leases.c.fence + 1),
        },
        where=or_(same, has_run_out(leases.c.until, now, lease_s)),
    ).returning(leases.c.fence)
    fence: int | None = (await connection.execute(taken)).scalar_one_or_none()
    return fence


async def append_log(connection: AsyncConnection, bulk: Bulk, fence: int, limit: int) -> int:
    """Number at most so many events; raises LeaseLost when the fence is not the newest.

    Events are claimed by being there, never by "id greater than the last": an event that commits late, with an
    earlier number, is simply appended later. The lease row stays locked, so that nobody takes over meanwhile.
    """
    newest = select(leases.c.fence).where(leases.c.name == SEQUENCER_LEASE).with_for_update()
    if (await connection.execute(newest)).scalar_one_or_none() != fence:
        message = f"fence {fence} of the sequencer is not the newest"
        raise LeaseLost(message)
    pending = select(log_pending.c.pending_id, log_pending.c.event_id).order_by(log_pending.c.pending_id).limit(limit)
    taken = (await connection.execute(pending)).all()
    if not taken:
        return 0
    size = (await connection.execute(select(func.coalesce(func.max(log_entries.c.leaf_index) + 1, 0)))).scalar_one()
    await bulk.insert(connection, log_entries, [(size + i, row.event_id) for i, row in enumerate(taken)])
    # Only what was read: a transaction with lower numbers may have committed since.
    read = rowset(connection.dialect.name, {"pending_id": BigInteger()})
    done = delete(log_pending).where(log_pending.c.pending_id.in_(select(read.c.pending_id)))
    await connection.execute(done, json_rows((row.pending_id,) for row in taken))
    return len(taken)
