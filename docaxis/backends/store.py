"""The writing half of the audit store on SQLite and PostgreSQL (`hub.ports.Store`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.commit import CommitBatch
from docaxis.backends.copies import Copies
from docaxis.backends.database import Database
from docaxis.backends.deferrals import take_due
from docaxis.backends.fetch_ranges import FetchedRanges
from docaxis.backends.given_back import GivenBackCopies
from docaxis.backends.lane_counts import LaneCounts, load_lanes
from docaxis.backends.leases import append_log, take_lease
from docaxis.backends.outbox import Outbox
from docaxis.backends.pending import read_pending
from docaxis.backends.tables import quarantine
from docaxis.hub.ports import (
    Deferred,
    FetchRange,
    GivenBack,
    Known,
    LaneLoad,
    Outgoing,
    Pending,
    Remainder,
    SubmissionKey,
)
from docaxis.hub.rows import Batch, EventRow


class SqlStore:
    """Every method is one transaction and safe to repeat.

    Each raises StoreUnavailable when the database cannot be used now, StoreRefused when it refuses what it is given.
    """

    def __init__(self, database: Database) -> None:
        """Write to this database; whoever opened it closes it."""
        self._database = database
        self._lane_counts = LaneCounts(database.dialect)
        self._commit = CommitBatch(database, self._lane_counts)
        self._outbox = Outbox(database)
        self._copies = Copies(database, self._lane_counts, self._outbox)
        self._fetched = FetchedRanges(database)
        self._given_back = GivenBackCopies(database.dialect, self._fetched)

    async def commit(
        self,
        keys: Sequence[SubmissionKey],
        compose: Callable[[Sequence[Known]], Batch],
    ) -> Batch:
        """Load what is known of the keys, write what compose makes of it, commit; composes anew when it lost a race."""

        async def work(connection: AsyncConnection) -> Batch:
            return await self._commit(connection, keys, compose)

        return await self._database.run(work)

    async def sequences(self, wanted: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
        """Reserve numbers for (endpoint, lane): returns the first of each block; blocks never overlap."""

        async def work(connection: AsyncConnection) -> dict[tuple[str, str], int]:
            return await self._lane_counts.reserve(connection, wanted)

        return await self._database.run(work)

    async def loads(self) -> Mapping[str, LaneLoad]:
        """Return the use of every endpoint's window (both lanes together)."""
        return await self._database.run(load_lanes)

    async def pending(self) -> Pending:
        """Return what has not come to its end yet, for those who watch over it."""
        return await self._database.run(read_pending)

    async def published(self, outbox_ids: Sequence[UUID], event: EventRow | None) -> None:
        """Forget outbox rows whose publications the broker has confirmed; the event is written if any was there."""

        async def work(connection: AsyncConnection) -> None:
            # Safe without waiting for the disk: what a crash takes back is published again, and receivers drop repeats.
            await self._database.commit_lazily(connection)
            if await self._outbox.forget(connection, outbox_ids) and event is not None:
                await self._database.record(connection, [event])

        if outbox_ids:
            await self._database.run(work)

    async def narrow(self, remainders: Sequence[Remainder], event: EventRow | None) -> None:
        """Keep in the outbox only what is left of publications; the event is written if that changed any row."""

        async def work(connection: AsyncConnection) -> None:
            if await self._outbox.narrow(connection, remainders) and event is not None:
                await self._database.record(connection, [event])

        if remainders:
            await self._database.run(work)

    async def fetched(
        self,
        ranges: Sequence[FetchRange],
        at: datetime,
        record: Callable[[Sequence[FetchRange]], EventRow],
    ) -> Sequence[FetchRange]:
        """Record acknowledgements of what was dispatched; returns the new parts, for which record makes the event."""

        async def work(connection: AsyncConnection) -> Sequence[FetchRange]:
            new = await self._fetched.add(connection, ranges, at)
            if new:
                await self._database.record(connection, [record(new)])
            return new

        return await self._database.run(work) if ranges else ()

    async def given_back(
        self,
        ranges: Sequence[FetchRange],
        at: datetime,
        compose: Callable[[Sequence[GivenBack], Sequence[FetchRange]], Batch],
    ) -> None:
        """Record copies that an endpoint gives back unread: compose makes the rows of those that were asked back."""

        async def work(connection: AsyncConnection) -> None:
            batch = await self._given_back.take(connection, ranges, at, compose)
            if batch:
                await self._commit.write(connection, batch)

        if ranges:
            await self._database.run(work)

    async def take_outbox(self, holder: str, now: datetime, lease_s: float, limit: int) -> Sequence[Outgoing]:
        """Lease publications whose lease ran out, urgent before normal, oldest first."""

        async def work(connection: AsyncConnection) -> Sequence[Outgoing]:
            return await self._outbox.take(connection, holder, now, lease_s, limit)

        return await self._database.run(work)

    async def release_waiting(
        self,
        holder: str,
        now: datetime,
        lease_s: float,
        endpoint: str,
        copies: int,
        size_bytes: int,
    ) -> Sequence[Outgoing]:
        """Turn at most so many waiting copies of an endpoint into leased publications, urgent first.

        The first goes whatever its size when there is any room: a document larger than a window would wait for ever.
        """

        async def work(connection: AsyncConnection) -> Sequence[Outgoing]:
            return await self._copies.release(connection, holder, now, lease_s, endpoint, copies, size_bytes)

        return await self._database.run(work) if copies > 0 and size_bytes > 0 else ()

    async def take_unfetched(
        self, holder: str, now: datetime, lease_s: float, endpoint: str, limit: int
    ) -> Sequence[Outgoing]:
        """Make leased publications, oldest first, of dispatched and unfetched copies that no outbox row holds."""

        async def work(connection: AsyncConnection) -> Sequence[Outgoing]:
            return await self._copies.repeat(connection, holder, now, lease_s, endpoint, limit)

        return await self._database.run(work) if limit > 0 else ()

    async def take_deferred(self, now: datetime, lease_s: float, limit: int) -> Sequence[Deferred]:
        """Return deferred submissions that are due, out of the others' sight for the lease."""

        async def work(connection: AsyncConnection) -> Sequence[Deferred]:
            return await take_due(connection, now, lease_s, limit)

        return await self._database.run(work)

    async def quarantine(
        self,
        origin: str,
        endpoint: str,
        message_id: str,
        body: bytes,
        reason: str,
        event: EventRow,
    ) -> None:
        """Keep a message that made us fail; a repeat with the same event changes nothing."""
        row = (event.event_id, origin, endpoint, message_id, body, reason, event.at)

        async def work(connection: AsyncConnection) -> None:
            await self._database.begin(connection)
            if await self._database.bulk.insert_new(connection, quarantine, [row]):
                await self._database.record(connection, [event])

        await self._database.run(work)

    async def take_lease(self, name: str, holder: str, now: datetime, lease_s: float) -> int | None:
        """Take or renew a lease; returns its fence (grows with every new holder), or None while another holds it."""

        async def work(connection: AsyncConnection) -> int | None:
            return await take_lease(connection, name, holder, now, lease_s)

        return await self._database.run(work)

    async def append_log(self, fence: int, limit: int) -> int:
        """Give committed events their place in the log; returns how many; raises LeaseLost for a fence that is old."""

        async def work(connection: AsyncConnection) -> int:
            return await append_log(connection, self._database.bulk, fence, limit)

        return await self._database.run(work)
