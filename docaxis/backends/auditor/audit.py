"""The auditor's questions as the pages ask them: a reading engine for the answers, the hub's own for what is recorded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import desc, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.cases import read_cases
from docaxis.backends.auditor.checking import check_part, first_since, size_of_log
from docaxis.backends.auditor.entry import Octets, read_entry
from docaxis.backends.auditor.finding import find
from docaxis.backends.auditor.scope import Scope
from docaxis.backends.auditor.signers import LEARNT_AT_ONCE, Signers
from docaxis.backends.auditor.walk import holds, walk
from docaxis.backends.database import Database
from docaxis.backends.reading import Reading
from docaxis.backends.tables import events, log_entries, packages
from docaxis.domain import wire
from docaxis.domain.people import Mandate
from docaxis.domain.period import Period
from docaxis.hub.acts import act
from docaxis.hub.ports import BlobStore
from docaxis.hub.snapshot import Snapshot
from docaxis.hub.verification import Grounds, verify_package
from docaxis.hub.views.audit import (
    CheckedPart,
    EntryView,
    Found,
    LogPage,
    LogRow,
    LogWanted,
    PackageReport,
    PastAct,
    in_log_order,
)
from docaxis.hub.views.documents import body_of
from docaxis.ledger.event import Json, canonical_json

_NOTHING = LogPage(())
PAST_MAX = 50


class Audit(Reading):
    """Every question takes the mandate; what lies outside of it is as if it were not there. Raises StoreUnavailable."""

    def __init__(
        self,
        url: str,
        database: Database,
        blobs: BlobStore | None,
        snapshot: Callable[[], Snapshot],
        pool_size: int = 5,
    ) -> None:
        """Take the reading address, the writing half, where large packages lie, and what packages are judged by."""
        super().__init__(url, pool_size)
        self._database = database
        self._blobs = blobs
        self._snapshot = snapshot
        self._signers = Signers()

    async def entries(self, mandate: Mandate, wanted: LogWanted, after: str, limit: int) -> LogPage:
        """Return a page of the log, newest first; raises ValueError for a place that this list cannot have given."""
        scope = Scope.of(mandate, wanted)
        if scope is None:
            return _NOTHING
        read = read_cases if scope.is_apart else walk

        async def work(connection: AsyncConnection) -> LogPage:
            page = await read(connection, scope, wanted, after, limit)
            cases = {row.event.document_key or row.event.event_id for row in page.rows} if scope.is_apart else ()
            return replace(page, rows=in_log_order(page.rows), documents=len(cases))

        return await self._run(work)

    async def find(self, mandate: Mandate, found: Found, text: str) -> Sequence[LogRow]:
        """Return the entries that a recognised text means, newest first."""
        scope = Scope.of(mandate)
        if scope is None:
            return ()

        async def work(connection: AsyncConnection) -> Sequence[LogRow]:
            return in_log_order(await find(connection, scope, self._signers, found, text))

        return await self._run(work)

    async def entry(self, mandate: Mandate, event_id: UUID) -> EntryView | None:
        """Return one entry in full, None where there is none within the mandate."""
        scope = Scope.of(mandate)
        if scope is None:
            return None
        bindings = self._snapshot().bindings

        async def work(connection: AsyncConnection) -> EntryView | None:
            return await read_entry(connection, scope, event_id, self._octets(connection), bindings)

        return await self._run(work)

    async def report(self, mandate: Mandate, event_id: UUID) -> PackageReport | None:
        """Verify the package that an entry answered, at the time of its reception; None where the hub has no octets of it."""
        entry = await self.entry(mandate, event_id)
        if entry is None or not entry.package or entry.received_at is None:
            return None
        digest, received_at = entry.package, entry.received_at

        async def work(connection: AsyncConnection) -> bytes | None:
            return await self._octets(connection)(digest)

        body = await self._run(work)
        if body is None:
            return None
        now = self._snapshot()
        # Addressees are not judged: who was connected then is no more known, and today's connections are not its fault.
        grounds = Grounds(now.trust, received_at, now.directory, bindings=now.bindings)
        found = verify_package(body, grounds)
        return PackageReport(digest, len(body), wire.digest_of(body) == digest, found.word, found.cause, received_at)

    async def range_of(self, first: date, last: date) -> tuple[int, int]:
        """Return the numbers of the first entry of some days and of the one after the last."""

        async def work(connection: AsyncConnection) -> tuple[int, int]:
            since, until = Period(first, last).instants()
            return await first_since(connection, since), await first_since(connection, until)

        return await self._run(work)

    async def size(self) -> int:
        """Return how many entries the log has."""
        return await self._run(size_of_log)

    async def check(self, first: int, end: int) -> CheckedPart:
        """Check a portion of the log."""

        async def work(connection: AsyncConnection) -> CheckedPart:
            return await check_part(connection, first, end)

        return await self._run(work)

    async def past(self, kind: str, login: str = "") -> Sequence[PastAct]:
        """Return the latest acts of a kind, `log:verified` or `export:evidence`, of one person or of all; newest first."""
        if kind not in {"log:verified", "export:evidence"}:
            raise ValueError(kind)
        query = (
            select(events.c.event_id, events.c.at, log_entries.c.leaf_index, events.c.canonical)
            .outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
            # In the words of the partial index: a parameter would not match it.
            .where(events.c.kind == literal_column(f"'{kind}'"))
            .order_by(desc(events.c.at), desc(events.c.event_id))
            .limit(PAST_MAX)
        )

        async def work(connection: AsyncConnection) -> Sequence[PastAct]:
            mine = holds(connection, f'"login":{canonical_json(login).decode()}') if login else true()
            rows = await connection.execute(query.where(mine))
            return [PastAct(row.event_id, row.at, row.leaf_index, body_of(row.canonical)) for row in rows]

        return await self._run(work)

    async def record(self, kind: str, at: datetime, body: Mapping[str, Json]) -> UUID:
        """Record what an auditor did; returns the event's id."""
        row = act(kind, at, body)
        await self._database.record_alone(row)
        return row.event_id

    async def learn_signers(self) -> None:
        """Look into all certificates that signed, so that a first search by serial number need not."""

        async def work(connection: AsyncConnection) -> int:
            return await self._signers.learn(connection, LEARNT_AT_ONCE)

        while await self._run(work):
            pass

    def _octets(self, connection: AsyncConnection) -> Octets:
        async def read(digest: str) -> bytes | None:
            query = select(packages.c.body).where(packages.c.digest == digest)
            body: bytes | None = (await connection.execute(query)).scalar_one_or_none()
            if body is None and self._blobs is not None:
                return await self._blobs.read(digest)
            return body

        return read
