"""The one transaction of a batch: what is known, what pure code makes of it, and every row of the outcome."""

import base64
import json
from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.changes import Changes
from docaxis.backends.database import Database
from docaxis.backends.engine import RaceLost
from docaxis.backends.flow_tables import deadlines, links, reports, statuses
from docaxis.backends.known import KnownFacts
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.tables import attachments, deliveries, documents, outbox, packages, quarantine, submissions
from docaxis.hub.ports import Known, StoreRefused, SubmissionKey
from docaxis.hub.rows import Batch, OutboxRow, SubmissionRow

REDECIDED = (
    "outcome", "code", "detail", "place", "sender", "document_id", "decided_at", "retry_at", "event_id", "receipt",
)  # fmt: skip
"""What a later decision replaces in a submission that was deferred."""

_compact_json = json.JSONEncoder(separators=(",", ":")).encode

_REDECIDE = (
    update(submissions)
    .where(submissions.c.submission_id == bindparam("key"), submissions.c.outcome == "deferred")
    .values({name: bindparam(f"new_{name}", type_=submissions.c[name].type) for name in REDECIDED})
)


class CommitBatch:
    """Writes batches; lock order is packages, submissions, documents, each by key, and the lanes last."""

    def __init__(self, database: Database, lane_counts: LaneCounts) -> None:
        """Prepare for one database."""
        self._database = database
        self._known = KnownFacts(database.dialect)
        self._lane_counts = lane_counts
        self._changes = Changes(database.dialect, lane_counts)

    async def __call__(
        self,
        connection: AsyncConnection,
        keys: Sequence[SubmissionKey],
        compose: Callable[[Sequence[Known]], Batch],
    ) -> Batch:
        """Load, compose and write; raises RaceLost when another transaction wrote one of the keys first."""
        batch = compose(await self._known.load(connection, keys))
        _check_keys(batch)
        await self.write(connection, batch)
        return batch

    async def write(self, connection: AsyncConnection, batch: Batch) -> None:
        """Write every row; a statement must have been run before."""
        bulk = self._database.bulk
        # Octets that are known already are no lost race: the digest says that they are the same.
        fresh = {row.digest: row for row in batch.packages}
        await bulk.insert_new(connection, packages, [fresh[digest] for digest in sorted(fresh)])
        # Known keys were looked up before: a key that is there now was committed since, and the insert is a lost race.
        rows = sorted(batch.submissions, key=lambda row: (row.endpoint, row.message_id, row.digest))
        await bulk.insert(connection, submissions, rows)
        await self._redecide(connection, batch.redecided)
        accepted = sorted(batch.documents, key=lambda document: (document.document_id, document.sender))
        await bulk.insert(connection, documents, accepted)
        # A recall may bring the same attachments as its document.
        parts = sorted(set(batch.attachments), key=lambda part: (part.digest, part.document_key))
        await bulk.insert_new(connection, attachments, parts)
        await bulk.insert(connection, deliveries, batch.deliveries)
        await bulk.insert(connection, statuses, batch.statuses)
        await bulk.insert(connection, links, batch.links)
        await bulk.insert(connection, deadlines, batch.deadlines)
        await bulk.insert(connection, reports, batch.reports)
        await bulk.insert(connection, quarantine, batch.quarantined)
        if batch.changed_at:
            await self._changes.end(connection, batch.ended, batch.changed_at)
            await self._changes.write(connection, batch.changes, batch.changed_at)
        await self._database.record(connection, batch.events)
        lane_of = {row.submission_id: row.lane for row in (*batch.submissions, *batch.redecided)}
        await bulk.insert(
            connection, outbox, [outbox_values(row, lane_of.get(row.submission_id, "")) for row in batch.outbox]
        )
        # Last, and in key order: every commit touches the same few rows of lanes and holds them until its end.
        await self._changes.count(connection, batch.changes)
        await self._lane_counts.add_deliveries(connection, batch.deliveries)

    async def _redecide(self, connection: AsyncConnection, rows: Sequence[SubmissionRow]) -> None:
        for row in sorted(rows, key=lambda row: row.submission_id):
            values = {f"new_{name}": getattr(row, name) for name in REDECIDED}
            if (await connection.execute(_REDECIDE, {"key": row.submission_id, **values})).rowcount != 1:
                message = f"submission {row.submission_id} is no longer deferred"
                raise RaceLost(message)


def outbox_values(row: OutboxRow, lane: str) -> tuple[object, ...]:
    """Return the row as its table keeps it: lists as JSON, and whether its turn comes before the others."""
    return (
        row.outbox_id, row.submission_id, targets_json(row.targets), notices_json(row.notices), row.with_receipt,
        row.leased_by, row.leased_until, row.created_at, 0 if lane == "urgent" else 1,
    )  # fmt: skip


def targets_json(targets: Sequence[str]) -> str:
    """Return the endpoints that a package goes to as JSON."""
    return _compact_json([*targets])


def notices_json(notices: Sequence[tuple[str, bytes]]) -> str:
    """Return notices as JSON: a list of [endpoint, base64]."""
    if not notices:
        return "[]"
    return _compact_json([[endpoint, base64.b64encode(body).decode("ascii")] for endpoint, body in notices])


def _check_keys(batch: Batch) -> None:
    """Refuse a batch that would lose a race against itself for ever."""
    messages = {(row.endpoint, row.message_id, row.digest) for row in batch.submissions}
    named = {(row.sender, row.document_id) for row in batch.documents}
    if len(messages) != len(batch.submissions) or len(named) != len(batch.documents):
        message = "the batch holds one submission or one document twice"
        raise StoreRefused(message)
