"""The outbox: publications that the broker has not confirmed yet, leased so that others can take over."""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clock import has_run_out
from docaxis.backends.commit import notices_json, targets_json
from docaxis.backends.database import Database
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import documents, outbox, packages, submissions
from docaxis.hub.ports import Outgoing, Remainder

_NARROW = (
    update(outbox)
    .where(
        outbox.c.outbox_id == bindparam("key", type_=Uuid()),
        # A repeat changes nothing, and must be seen to change nothing.
        or_(
            outbox.c.targets != bindparam("left_targets", type_=Text()),
            outbox.c.notices != bindparam("left_notices", type_=Text()),
            outbox.c.with_receipt != bindparam("left_receipt", type_=Boolean()),
        ),
    )
    .values(
        targets=bindparam("left_targets", type_=Text()),
        notices=bindparam("left_notices", type_=Text()),
        with_receipt=bindparam("left_receipt", type_=Boolean()),
    )
)


class Outbox:
    """The statements, built once for a dialect."""

    def __init__(self, database: Database) -> None:
        """Build the statements."""
        wanted = rowset(database.dialect, {"outbox_id": Uuid()})
        named = outbox.c.outbox_id.in_(select(wanted.c.outbox_id))
        self._forget = delete(outbox).where(named)
        self._lease = (
            update(outbox)
            .where(named)
            .values(
                leased_by=bindparam("holder"), leased_until=bindparam("lease_end", type_=outbox.c.leased_until.type)
            )
        )
        self._whole = (
            select(
                outbox,
                submissions.c.endpoint,
                submissions.c.message_id,
                submissions.c.lane,
                submissions.c.digest,
                case((outbox.c.with_receipt, submissions.c.receipt)).label("receipt"),
                packages.c.size_bytes,
                # A receipt or a notice alone needs no package.
                case((outbox.c.targets != "[]", packages.c.body)).label("body"),
                documents.c.document_key,
                # What is no delivery travels with the hub's receipt as its note.
                func.coalesce(documents.c.note, submissions.c.receipt).label("note"),
            )
            .join(submissions, submissions.c.submission_id == outbox.c.submission_id)
            .outerjoin(packages, packages.c.digest == submissions.c.digest)
            .outerjoin(documents, and_(documents.c.document_key == outbox.c.submission_id))
            .where(named)
            .order_by(outbox.c.turn, outbox.c.created_at, outbox.c.outbox_id)
        )

    async def forget(self, connection: AsyncConnection, outbox_ids: Iterable[UUID]) -> int:
        """Delete rows; returns how many there were."""
        return (await connection.execute(self._forget, json_rows((key,) for key in outbox_ids))).rowcount

    async def narrow(self, connection: AsyncConnection, remainders: Sequence[Remainder]) -> int:
        """Replace what is to be published by what is left, and forget what is done; returns how many rows changed."""
        changed = await self.forget(connection, [left.outbox_id for left in remainders if left.done])
        for left in sorted(remainders, key=lambda left: left.outbox_id):
            if not left.done:
                values = {
                    "key": left.outbox_id,
                    "left_targets": targets_json(left.targets),
                    "left_notices": notices_json(left.notices),
                    "left_receipt": left.with_receipt,
                }
                changed += (await connection.execute(_NARROW, values)).rowcount
        return changed

    async def take(
        self, connection: AsyncConnection, holder: str, now: datetime, lease_s: float, limit: int
    ) -> Sequence[Outgoing]:
        """Lease rows whose lease ran out, passing over those that another process is taking at this moment."""
        due = (
            select(outbox.c.outbox_id)
            .where(has_run_out(outbox.c.leased_until, now, lease_s))
            .order_by(outbox.c.turn, outbox.c.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        taken = list(await connection.scalars(due))
        if not taken:
            return ()
        rows = json_rows((key,) for key in taken)
        await connection.execute(self._lease, {**rows, "holder": holder, "lease_end": now + timedelta(seconds=lease_s)})
        return await self.load(connection, taken)

    async def load(self, connection: AsyncConnection, outbox_ids: Sequence[UUID]) -> Sequence[Outgoing]:
        """Return publications whole, with the octets where they are not in the blob store."""
        found = await connection.execute(self._whole, json_rows((key,) for key in outbox_ids))
        return [
            Outgoing(
                outbox_id=row.outbox_id,
                submission_id=row.submission_id,
                document_key=row.document_key,
                sender_endpoint=row.endpoint,
                message_id=row.message_id,
                lane=row.lane,
                digest=row.digest,
                size_bytes=row.size_bytes or 0,
                body=row.body,
                note=row.note or b"",
                targets=tuple(json.loads(row.targets)),
                receipt=row.receipt,
                notices=tuple((endpoint, base64.b64decode(body)) for endpoint, body in json.loads(row.notices)),
            )
            for row in found
        ]
