"""The reading half of the audit store: an engine and a role of its own, and no way to write."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.reading import DOCUMENT_COLUMNS, PAGE, Reading, page
from docaxis.backends.tables import (
    deliveries,
    documents,
    events,
    lanes,
    log_entries,
    log_pending,
    outbox,
    packages,
    quarantine,
    submissions,
)
from docaxis.backends.timeline import read_timeline, submissions_of
from docaxis.hub.views.documents import (
    Counts,
    Cursor,
    DocumentView,
    EventView,
    LogState,
    OutboxState,
    QuarantineView,
    SubmissionView,
)
from docaxis.hub.views.timeline import Timeline


class Queries(Reading):
    """Lists come newest first, a page at a time: give the last row's `cursor` as `after` for the next page."""

    async def timelines(self, document_id: str, sender: str | None = None) -> Sequence[Timeline]:
        """Return everything about the accepted documents of this id: several where senders share it."""

        async def work(connection: AsyncConnection) -> list[Timeline]:
            named = (
                select(*DOCUMENT_COLUMNS)
                .where(documents.c.document_id == document_id)
                .order_by(documents.c.accepted_at)
            )
            if sender is not None:
                named = named.where(documents.c.sender == sender)
            found = [DocumentView(*row) for row in await connection.execute(named)]
            return [await read_timeline(connection, document) for document in found]

        return await self._run(work)

    async def document(
        self, document_key: UUID, with_events: Callable[[DocumentView], bool] | None = None
    ) -> Timeline | None:
        """Return everything about one accepted document, or None; its own events only where the document wants them."""

        async def work(connection: AsyncConnection) -> Timeline | None:
            row = (
                await connection.execute(select(*DOCUMENT_COLUMNS).where(documents.c.document_key == document_key))
            ).one_or_none()
            if row is None:
                return None
            document = DocumentView(*row)
            wanted = with_events is None or with_events(document)
            return await read_timeline(connection, document, with_events=wanted)

        return await self._run(work)

    async def submissions(
        self,
        endpoint: str | None = None,
        outcome: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Sequence[SubmissionView]:
        """Return arrivals, of one endpoint or of all, with one outcome or with any."""
        query = select(submissions)
        if endpoint is not None:
            query = query.where(submissions.c.endpoint == endpoint)
        if outcome is not None:
            query = query.where(submissions.c.outcome == outcome)
        place = (submissions.c.received_at, submissions.c.submission_id)
        return await self._rows(page(query, place, after, limit), SubmissionView)

    async def submissions_of(self, document_id: str, sender: str | None = None) -> Sequence[SubmissionView]:
        """Return every arrival that named this document, refused ones included, oldest first."""

        async def work(connection: AsyncConnection) -> Sequence[SubmissionView]:
            return await submissions_of(connection, document_id, sender)

        return await self._run(work)

    async def deferred(self, after: Cursor | None = None, limit: int = PAGE) -> Sequence[SubmissionView]:
        """Return what could not be decided yet."""
        return await self.submissions(outcome="deferred", after=after, limit=limit)

    async def quarantined(self, after: Cursor | None = None, limit: int = PAGE) -> Sequence[QuarantineView]:
        """Return the messages that made us fail, without their octets."""
        query = select(
            quarantine.c.event_id,
            quarantine.c.origin,
            quarantine.c.endpoint,
            quarantine.c.message_id,
            func.length(quarantine.c.body),
            quarantine.c.reason,
            quarantine.c.quarantined_at,
        )
        place = (quarantine.c.quarantined_at, quarantine.c.event_id)
        return await self._rows(page(query, place, after, limit), QuarantineView)

    async def package(self, digest: str) -> bytes | None:
        """Return the octets of a package that the database holds, None where they lie in the blob store or nowhere."""

        async def work(connection: AsyncConnection) -> bytes | None:
            found = await connection.execute(select(packages.c.body).where(packages.c.digest == digest))
            body: bytes | None = found.scalar_one_or_none()
            return body

        return await self._run(work)

    async def counts(self) -> Counts:
        """Count submissions by outcome and code, deliveries by state, and copies; reads whole tables."""

        async def work(connection: AsyncConnection) -> Counts:
            kinds = await connection.execute(
                select(submissions.c.outcome, submissions.c.code, func.count()).group_by(
                    submissions.c.outcome, submissions.c.code
                )
            )
            states = await connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
            copies = (
                await connection.execute(
                    select(
                        *(func.coalesce(func.sum(lanes.c[name]), 0) for name in ("dispatched", "fetched", "waiting"))
                    )
                )
            ).one()
            return Counts(
                submissions={(row[0], row[1]): row[2] for row in kinds},
                documents=await _count(connection, documents),
                deliveries={row[0]: row[1] for row in states},
                copies_dispatched=int(copies[0]),
                copies_fetched=int(copies[1]),
                copies_waiting=int(copies[2]),
                quarantined=await _count(connection, quarantine),
            )

        return await self._run(work)

    async def outbox_state(self) -> OutboxState:
        """Return how much is still to be published."""

        async def work(connection: AsyncConnection) -> OutboxState:
            oldest = func.min(outbox.c.created_at, type_=outbox.c.created_at.type)
            return OutboxState(*(await connection.execute(select(func.count(), oldest).select_from(outbox))).one())

        return await self._run(work)

    async def log_state(self) -> LogState:
        """Return the size of the log."""

        async def work(connection: AsyncConnection) -> LogState:
            size = select(func.coalesce(func.max(log_entries.c.leaf_index) + 1, 0))
            return LogState((await connection.execute(size)).scalar_one(), await _count(connection, log_pending))

        return await self._run(work)

    async def log(self, first: int, limit: int) -> Sequence[EventView]:
        """Return events by their place in the log, from `first` on."""
        query = (
            select(events, log_entries.c.leaf_index)
            .join(log_entries, log_entries.c.event_id == events.c.event_id)
            .where(log_entries.c.leaf_index >= first, log_entries.c.leaf_index < first + limit)
            .order_by(log_entries.c.leaf_index)
        )
        return await self._rows(query, EventView)


async def _count(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()
