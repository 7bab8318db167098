"""A hub's log as the notifier finds it: documents, copies and events, written by the tests themselves."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.store import SqlStore
from docaxis.backends.subscriptions import SqlSubscriptions
from docaxis.backends.tables import deliveries, documents
from docaxis.backends.webhook_address import WebhookSettings
from docaxis.backends.webhooks import Webhooks
from docaxis.hub.acts import act
from docaxis.hub.ids import new_id
from docaxis.hub.log_reading import LogReading
from docaxis.hub.metrics import Metrics
from docaxis.hub.notifier import Carrier, Notifier, Telling
from docaxis.hub.rows import DeliveryRow, DocumentRow, EventRow
from docaxis.hub.runner import end_all
from docaxis.hub.subscription import Subscription
from docaxis.ledger.event import Json
from docaxis.trust.seal import Seal

TO = (("B1", "b"), ("B2", "b"), ("C1", "c"))
LOOPBACK = WebhookSettings(frozenset({"127.0.0.1"}), timeout_s=2.0)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class History:
    """Writes what the hub's own path would write."""

    database: Database
    store: SqlStore
    seal: Seal
    sequences: "count[int]" = field(default_factory=lambda: count(1))
    carriers: dict[str, Carrier] = field(default_factory=dict)

    @property
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self.database)

    async def accept(self, sender: str, to: Sequence[tuple[str, str]], state: str = "dispatched") -> UUID:
        """Accept a document of an endpoint to (organ, endpoint)s, with its event."""
        key, at, sequence = new_id(utc_now()), utc_now(), next(self.sequences)
        paper = DocumentRow(
            key, sender.upper(), f"{sender}-{sequence}", f"sha256:{sequence}", 100, sender, "normal", 0, 0, str(sequence),
            "CV", None, "", "Về việc mật", "ve viec mat", None, at, "", b"salt", b"note",
        )  # fmt: skip
        copies = [
            DeliveryRow(key, organ, organ, endpoint, "normal", sequence, state, 100, "direct", "")
            for organ, endpoint in to
        ]
        addressees: list[Json] = [[one.organ_id, one.endpoint, one.rule, state, sequence] for one in copies]
        event = act("document:accepted", at, {"endpoint": sender, "addressees": addressees}, key)
        await self.write([event], [paper], copies)
        return key

    async def tell(self, kind: str, body: Mapping[str, Json], document_key: UUID | None = None) -> None:
        """Write an event."""
        await self.write([act(kind, utc_now(), body, document_key)])

    async def write(
        self, events: Sequence[EventRow], papers: Sequence[DocumentRow] = (), copies: Sequence[DeliveryRow] = ()
    ) -> None:
        """Write rows in one transaction."""

        async def work(connection: Any) -> None:
            await self.database.begin(connection)
            await self.database.bulk.insert(connection, documents, papers)
            await self.database.bulk.insert(connection, deliveries, copies)
            await self.database.record(connection, events)

        await self.database.run(work)

    async def sequence(self) -> None:
        """Give every event its place in the log."""
        fence = await self.store.take_lease(SEQUENCER_LEASE, "test", utc_now(), 60)
        assert fence is not None
        while await self.store.append_log(fence, 2_000):
            pass

    async def subscribe(
        self, endpoint: str, url: str, *, kind: str = "webhook", from_start: bool = True
    ) -> Subscription:
        """Subscribe an endpoint."""
        return await self.subscriptions.add(new_id(utc_now()), endpoint, kind, url, utc_now(), from_start=from_start)

    async def standing(self, one: Subscription) -> Subscription:
        """Return a subscription as it is now."""
        found, _ = await self.subscriptions.all()
        return next(other for other in found if other.subscription_id == one.subscription_id)

    def notifier(self, holder: str = "hub-1", give_up_after: timedelta = timedelta(days=7)) -> tuple[Notifier, Metrics]:
        """Return a notifier of a process of its own."""
        metrics = Metrics()
        telling = Telling("test hub", holder, 0.05, give_up_after)
        reading = LogReading(LogFacts(self.database))
        notifier = Notifier(
            self.subscriptions, reading, self.carriers, self.store, self.seal, telling, utc_now, metrics
        )
        return notifier, metrics

    @asynccontextmanager
    async def notifying(
        self, settings: WebhookSettings = LOOPBACK, holder: str = "hub-1", **more: Any
    ) -> AsyncIterator[Metrics]:
        """Let a notifier run for the length of the block."""
        async with Webhooks(settings) as webhooks:
            self.carriers = {"webhook": webhooks}
            notifier, metrics = self.notifier(holder, **more)
            task = asyncio.create_task(notifier.run())
            try:
                yield metrics
            finally:
                await end_all([task])


async def life(history: History, documents: int, *, sequence: bool = True) -> None:
    """Let documents be accepted, dispatched and fetched, each in events of its own."""
    for _ in range(documents):
        key = await history.accept("a", TO)
        number = await history.database.run(_last_sequence)
        await history.tell("copies:dispatched", {"dispatched": [[key.hex, ["b", "c"]]]})
        await history.tell("copies:fetched", {"fetched": [["b", "normal", number, number]]})
    if sequence:
        await history.sequence()


async def _last_sequence(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.max(deliveries.c.sequence)))).scalar_one())
