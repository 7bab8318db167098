"""Deferred submissions whose time has come."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clock import has_run_out
from docaxis.backends.tables import packages, submissions
from docaxis.hub.ports import Deferred


async def take_due(connection: AsyncConnection, now: datetime, lease_s: float, limit: int) -> Sequence[Deferred]:
    """Return at most so many that are due, longest due first, and push them out of the others' sight for the lease."""
    due = (
        select(submissions.c.submission_id)
        .where(submissions.c.outcome == "deferred", has_run_out(submissions.c.retry_at, now, lease_s))
        .order_by(submissions.c.retry_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = list(await connection.scalars(due))
    if not taken:
        return ()
    ours = submissions.c.submission_id.in_(taken)
    later = now + timedelta(seconds=lease_s)
    found = await connection.execute(
        select(
            submissions.c.submission_id,
            submissions.c.endpoint,
            submissions.c.message_id,
            submissions.c.lane,
            submissions.c.digest,
            packages.c.body,
            submissions.c.received_at,
        )
        .outerjoin(packages, packages.c.digest == submissions.c.digest)
        .where(ours)
        .order_by(submissions.c.retry_at)
    )
    deferred = [Deferred(*row) for row in found]
    await connection.execute(update(submissions).where(ours).values(retry_at=later))
    return deferred
