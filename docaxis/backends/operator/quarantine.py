"""Messages in quarantine: looked through without their content, handed to the hub again or given up, each with a reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.backends.database import Database
from docaxis.backends.operator.release import Ingress
from docaxis.backends.people_tables import quarantine_ends
from docaxis.backends.reading import Reading, page
from docaxis.backends.tables import quarantine
from docaxis.domain import wire
from docaxis.domain.verdict import Reason
from docaxis.hub.acts import act
from docaxis.hub.views.documents import Cursor
from docaxis.hub.views.operating import NotReleased, SetAside, SetAsideEnd

_CODES = frozenset(reason.value for reason in Reason)
_ABOUT = (
    quarantine.c.event_id, quarantine.c.origin, quarantine.c.endpoint, quarantine.c.message_id,
    func.length(quarantine.c.body), quarantine.c.reason, quarantine.c.quarantined_at,
)  # fmt: skip
_IS_OPEN = ~select(quarantine_ends.c.event_id).where(quarantine_ends.c.event_id == quarantine.c.event_id).exists()


class Quarantine(Reading):
    """Every method raises StoreUnavailable when the database cannot be used now; login is who acts."""

    def __init__(self, url: str, database: Database, ingress: Ingress, clock: Callable[[], datetime]) -> None:
        """Read by an engine of its own that cannot write; write to this database."""
        super().__init__(url, pool_size=2)
        self._database = database
        self._ingress = ingress
        self._clock = clock

    async def waiting(self, after: Cursor | None, limit: int) -> Sequence[SetAside]:
        """Return what waits for somebody, newest first."""
        place = (quarantine.c.quarantined_at, quarantine.c.event_id)
        return await self._set_aside(page(select(*_ABOUT).where(_IS_OPEN), place, after, limit))

    async def one(self, event_id: UUID) -> SetAside | None:
        """Return one that waits, None where there is none of this id."""
        found = await self._set_aside(select(*_ABOUT).where(quarantine.c.event_id == event_id, _IS_OPEN))
        return found[0] if found else None

    async def ended(self, limit: int) -> Sequence[SetAsideEnd]:
        """Return what became of the last ones."""
        ends = quarantine_ends.c
        query = (
            select(
                ends.event_id, quarantine.c.endpoint, quarantine.c.message_id,
                ends.outcome, ends.reason, ends.login, ends.ended_at,
            )
            .join(quarantine, quarantine.c.event_id == ends.event_id)
            .order_by(ends.ended_at.desc(), ends.event_id.desc())
            .limit(limit)
        )  # fmt: skip
        return await self._rows(query, lambda event_id, *row: SetAsideEnd(event_id.hex, *row))

    async def release(self, event_id: UUID, login: str, reason: str) -> bool:
        """Hand a message to the hub again as its endpoint sent it; False where there is nothing (any more) to release.

        Raises NotReleased: then nothing was recorded. Where the recording fails after the broker has taken it, the
        message still waits here, and a second release does no harm: the hub knows its repeats.
        """
        found = await self._octets(event_id)
        if found is None or not _is_releasable(found.origin, found.endpoint, found.reason):
            return False
        try:
            await self._ingress.publish(found.endpoint, found.origin, found.message_id, found.body)
        except BrokerUnavailable as error:
            raise NotReleased(str(error)) from error
        return await self._end(event_id, "released", login, reason, found)

    async def discard(self, event_id: UUID, login: str, reason: str) -> bool:
        """Give a message up: it stays in the store and is never tried again; False where nothing waits under this id."""
        found = await self._octets(event_id)
        return found is not None and await self._end(event_id, "discarded", login, reason, found)

    async def _octets(self, event_id: UUID) -> Any:  # noqa: ANN401 - a row of _ABOUT with the body, or None
        query = select(*_ABOUT, quarantine.c.body).where(quarantine.c.event_id == event_id, _IS_OPEN)

        async def work(connection: AsyncConnection) -> Any:  # noqa: ANN401 - the same
            return (await connection.execute(query)).one_or_none()

        return await self._run(work)

    async def _end(self, event_id: UUID, outcome: str, login: str, reason: str, found: Any) -> bool:  # noqa: ANN401
        now = self._clock()
        row = act(
            f"quarantine:{outcome}",
            now,
            {
                "login": login,
                "reason": reason,
                "quarantined": event_id.hex,
                "endpoint": found.endpoint,
                "message": wire.digest_of(found.body),
            },
        )

        async def work(connection: AsyncConnection) -> bool:
            await self._database.begin(connection)
            ended = (event_id, outcome, reason, login, now)
            if not await self._database.bulk.insert_new(connection, quarantine_ends, [ended]):
                return False
            await self._database.record(connection, [row])
            return True

        return await self._database.run(work)

    async def _set_aside(self, query: Select[Any]) -> list[SetAside]:
        async def work(connection: AsyncConnection) -> list[SetAside]:
            rows = (await connection.execute(query)).all()
            times = await _times(connection, [row.message_id for row in rows])
            return [_view(row, times.get((row.endpoint, row.message_id), 1)) for row in rows]

        return await self._run(work)


async def _times(connection: AsyncConnection, message_ids: Sequence[str]) -> Mapping[tuple[str, str], int]:
    """Return how often each of these messages was set aside."""
    place = quarantine.c.endpoint, quarantine.c.message_id
    query = select(*place, func.count()).where(quarantine.c.message_id.in_(message_ids)).group_by(*place)
    return {(row[0], row[1]): row[2] for row in await connection.execute(query)} if message_ids else {}


def _view(row: Sequence[Any], times: int) -> SetAside:
    event_id, origin, endpoint, message_id, size_bytes, reason, at = row
    releasable = _is_releasable(origin, endpoint, reason)
    return SetAside(event_id.hex, origin, endpoint, message_id, size_bytes, reason, at, releasable, times)


def _is_releasable(origin: str, endpoint: str, reason: str) -> bool:
    """Whether the hub would decide anew: what it has refused by a code, it would refuse again with the same answer."""
    return origin in wire.LANES and bool(wire.ENDPOINT_ID.fullmatch(endpoint)) and reason not in _CODES
