"""What an endpoint may see of the exchange: whose party it is, what waits for it, what became of its messages."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.covered import is_covered
from docaxis.backends.queries import Queries
from docaxis.backends.reading import DOCUMENT_COLUMNS
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents, lanes, submissions
from docaxis.domain.wire import LANES
from docaxis.hub.views.documents import Cursor, DocumentView, SubmissionView
from docaxis.hub.views.machines import Parties, Place, WaitingCopy

_WIDTH = len(DOCUMENT_COLUMNS)


class MachineExchange(Queries):
    """Every method raises StoreUnavailable when the database cannot be read now."""

    async def parties(self, endpoint: str, keys: Collection[UUID]) -> Mapping[UUID, Parties]:
        """Return which of these documents an endpoint sent or was sent; copies that wait in the hub do not count."""
        wanted = rowset(self._engine.dialect.name, {"document_key": Uuid()})
        named = select(wanted.c.document_key)
        sent = select(documents.c.document_key).where(
            documents.c.document_key.in_(named), documents.c.endpoint == endpoint
        )
        got = select(deliveries.c.document_key, deliveries.c.organ_id).where(
            deliveries.c.document_key.in_(named),
            deliveries.c.endpoint == endpoint,
            deliveries.c.state == "dispatched",
        )

        async def work(connection: AsyncConnection) -> Mapping[UUID, Parties]:
            rows = json_rows((key,) for key in keys)
            own = set(await connection.scalars(sent, rows))
            addressees: dict[UUID, list[str]] = {}
            for key, organ_id in await connection.execute(got, rows):
                addressees.setdefault(key, []).append(organ_id)
            return {key: Parties(key in own, tuple(sorted(addressees.get(key, ())))) for key in own | addressees.keys()}

        return await self._run(work) if keys else {}

    async def note(self, key: UUID) -> bytes | None:
        """Return the delivery note of a document, as signed."""

        async def work(connection: AsyncConnection) -> bytes | None:
            found: bytes | None = await connection.scalar(
                select(documents.c.note).where(documents.c.document_key == key)
            )
            return found

        return await self._run(work)

    async def waiting(self, endpoint: str, after: Place | None, limit: int) -> Sequence[WaitingCopy]:
        """Return copies in an endpoint's inbox that it has not acknowledged, urgent first, oldest first."""

        async def work(connection: AsyncConnection) -> list[WaitingCopy]:
            found: list[WaitingCopy] = []
            for turn, lane in enumerate(LANES):
                if after is not None and turn < after.turn:
                    continue
                seen = after.sequence if after is not None and turn == after.turn else 0
                unfetched = select(lanes.c.dispatched - lanes.c.fetched).where(
                    lanes.c.endpoint == endpoint, lanes.c.lane == lane
                )
                count = int(await connection.scalar(unfetched) or 0)
                if count <= 0:
                    continue
                rows = (await connection.execute(_unfetched(endpoint, lane, seen, count))).all()
                found += [_copy(lane, turn, row) for row in reversed(rows)]
                if len(found) >= limit:
                    break
            return found[:limit]

        return await self._run(work)

    async def answer(self, endpoint: str, message_id: str) -> SubmissionView | None:
        """Return the newest decision about an endpoint's message of this id."""
        query = (
            select(submissions)
            .where(submissions.c.message_id == message_id, submissions.c.endpoint == endpoint)
            .order_by(submissions.c.received_at.desc())
            .limit(1)
        )
        found = await self._rows(query, SubmissionView)
        return found[0] if found else None

    async def list_submissions(
        self, endpoint: str, outcome: str | None, after: Cursor | None, limit: int
    ) -> Sequence[SubmissionView]:
        """Return an endpoint's submissions, newest first."""
        return await self.submissions(endpoint, outcome, after, limit)


def _unfetched(endpoint: str, lane: str, seen: int, count: int) -> Select[Any]:
    """Select dispatched copies that no range covers: the newest so many are all of them, and years of fetched ones lie before."""
    newest = (
        select(
            deliveries.c.sequence,
            deliveries.c.document_key,
            func.aggregate_strings(deliveries.c.organ_id, ",").label("organ_ids"),
        )
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.lane == lane,
            deliveries.c.sequence > seen,
            deliveries.c.state == "dispatched",
            ~is_covered(),
        )
        .group_by(deliveries.c.sequence, deliveries.c.document_key)
        .order_by(deliveries.c.sequence.desc())
        .limit(count)
        .subquery("newest")
    )
    return (
        select(*DOCUMENT_COLUMNS, newest.c.sequence, newest.c.organ_ids)
        .join_from(newest, documents, documents.c.document_key == newest.c.document_key)
        .order_by(newest.c.sequence.desc())
    )


def _copy(lane: str, turn: int, row: Any) -> WaitingCopy:  # noqa: ANN401 - a row of the database
    sequence, organ_ids = row[_WIDTH:]
    view = DocumentView(*row[:_WIDTH])
    return WaitingCopy(view, lane, sequence, tuple(sorted(organ_ids.split(","))), Place(turn, sequence))
