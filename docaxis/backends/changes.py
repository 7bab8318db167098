"""What a batch changes of earlier documents: codes seen, copies taken back, documents ended or finished."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, Update, Uuid, and_, bindparam, case, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.engine import RaceLost
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.status import StatusCode, bit, is_finished, mask_of
from docaxis.hub.rows import DeliveryChange

_DONE = bit(StatusCode.FINISHED)
_REFUSED = bit(StatusCode.REFUSED)
_TAKEN_UP = mask_of((StatusCode.ACCEPTED, StatusCode.ASSIGNED, StatusCode.PROCESSING))
_GIVEN_BACK = mask_of((StatusCode.RECALL_ASKED, StatusCode.AGREED))


class Changes:
    """The statements, built once for a dialect; each is written only where the row still is as it was read."""

    def __init__(self, dialect: str, lane_counts: LaneCounts) -> None:
        """Build the statements."""
        self._lane_counts = lane_counts
        self._change = _change(dialect)
        self._end = _end(dialect)
        named = rowset(dialect, {"document_key": Uuid()})
        touched = documents.c.document_key.in_(select(named.c.document_key))
        self._lock = (
            select(documents.c.document_key).where(touched).order_by(documents.c.document_key).with_for_update()
        )
        at = bindparam("at", type_=documents.c.finished_at.type)
        self._finish = (
            update(documents)
            .where(touched, ~_unfinished())
            # Not a condition: on a young database the planner would walk the index of all unfinished documents for it.
            .values(finished_at=func.coalesce(documents.c.finished_at, at))
        )
        self._reopen = (
            update(documents)
            .where(touched, documents.c.finished_at.is_not(None), documents.c.state.in_(("active", "recalled")))
            .values(finished_at=None)
        )

    async def write(self, connection: AsyncConnection, changes: Sequence[DeliveryChange], at: datetime) -> None:
        """Change copies; raises RaceLost when one is no longer as it was read."""
        if not changes:
            return
        rows = [
            (one.document_key, one.organ_id, one.statuses_before, one.state_before, one.statuses, one.state)
            for one in changes
        ]
        if (await connection.execute(self._change, json_rows(rows))).rowcount != len(rows):
            raise RaceLost("a copy has changed since it was read")
        finished = {one.document_key for one in changes if _is_over(one.statuses, one.state)}
        reopened = {
            one.document_key
            for one in changes
            if _is_over(one.statuses_before, one.state_before) and not _is_over(one.statuses, one.state)
        }
        if finished or reopened:
            # Whether a document is finished hangs on all its copies: two who change different ones go one after the other.
            await connection.execute(self._lock, json_rows((key,) for key in sorted(finished | reopened)))
        if reopened:
            await connection.execute(self._reopen, json_rows((key,) for key in sorted(reopened)))
        if finished:
            await connection.execute(self._finish, {**json_rows((key,) for key in sorted(finished)), "at": at})

    async def end(self, connection: AsyncConnection, ended: Sequence[tuple[UUID, str]], at: datetime) -> None:
        """Set the state of documents that were active; raises RaceLost when another was faster.

        A recalled one is finished only with the last consent; of one that was replaced or has expired nothing is expected.
        """
        if not ended:
            return
        if (await connection.execute(self._end, {**json_rows(ended), "at": at})).rowcount != len(ended):
            raise RaceLost("a document has ended since it was read")

    async def count(self, connection: AsyncConnection, changes: Sequence[DeliveryChange]) -> None:
        """Take copies that never left the hub out of their lanes' waiting lines; last of all, as lanes always are."""
        keys = {(one.document_key, one.organ_id) for one in changes if (one.state_before, one.state) in _LEFT_THE_LINE}
        if not keys:
            return
        copy = (deliveries.c.endpoint, deliveries.c.lane, deliveries.c.sequence)
        named = select(deliveries.c.document_key, deliveries.c.organ_id, *copy).where(
            deliveries.c.document_key.in_({key for key, _ in keys})
        )
        rows = await connection.execute(named)
        gone = {(row.endpoint, row.lane, row.sequence) for row in rows if (row.document_key, row.organ_id) in keys}
        await self._lane_counts.add_withdrawn(connection, [(endpoint, lane) for endpoint, lane, _ in gone])


_LEFT_THE_LINE = {("waiting", "withdrawn"), ("waiting", "expired")}


def _is_over(statuses: int, state: str) -> bool:
    return state in {"withdrawn", "expired"} or is_finished(statuses)


def _unfinished() -> ColumnElement[bool]:
    """Say in SQL what `_is_over` says of one copy, for all copies of a document."""
    seen = deliveries.c.statuses
    return exists().where(
        deliveries.c.document_key == documents.c.document_key,
        deliveries.c.state.not_in(("withdrawn", "expired")),
        seen.bitwise_and(_DONE) == 0,
        ~and_(seen.bitwise_and(_REFUSED) != 0, seen.bitwise_and(_TAKEN_UP) == 0),
        seen.bitwise_and(_GIVEN_BACK) != _GIVEN_BACK,
    )


def _change(dialect: str) -> Update:
    wanted = rowset(
        dialect,
        {
            "document_key": Uuid(),
            "organ_id": Text(),
            "statuses_before": Integer(),
            "state_before": Text(),
            "statuses": Integer(),
            "state": Text(),
        },
    )
    return (
        update(deliveries)
        .where(
            deliveries.c.document_key == wanted.c.document_key,
            deliveries.c.organ_id == wanted.c.organ_id,
            deliveries.c.statuses == wanted.c.statuses_before,
            deliveries.c.state == wanted.c.state_before,
        )
        .values(statuses=wanted.c.statuses, state=wanted.c.state)
    )


def _end(dialect: str) -> Update:
    wanted = rowset(dialect, {"document_key": Uuid(), "state": Text()})
    return (
        update(documents)
        .where(documents.c.document_key == wanted.c.document_key, documents.c.state == "active")
        .values(
            state=wanted.c.state,
            finished_at=case(
                (wanted.c.state == "recalled", documents.c.finished_at),
                else_=func.coalesce(documents.c.finished_at, bindparam("at", type_=documents.c.finished_at.type)),
            ),
        )
    )
