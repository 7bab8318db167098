"""The agencies of a run: each sends and receives on the client library, and writes what it sees into the book."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from adapters.client import Client
from adapters.delivery import Delivery
from adapters.journal import MEMORY, Journal, Written
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from adapters.settings import BrokerSettings, EndpointSettings, HubSettings
from docaxis.domain import wire
from docaxis.domain.report import Report
from docaxis.domain.verdict import Reason
from tests.axis import Ground
from tests.faults.book import Answer, Book, Sent
from tests.faults.talk import Talk
from tests.simulator import endpoint_of
from tests.waiting import eventually

SEND_DEADLINE_S = 120.0


class CountingJournal(Journal):
    """A journal in memory that counts the copies that it recognises as repeats."""

    def __init__(self, book: Book) -> None:
        """Take the book to count in."""
        super().__init__(MEMORY)
        self._book = book
        self.kept = 0
        """How many deliveries it has recorded."""

    def put_written(self, deliveries: Iterable[Written]) -> None:
        """Record deliveries as written."""
        rows = list(deliveries)
        super().put_written(rows)
        self.kept += len(rows)

    def written(self, keys: Sequence[str]) -> dict[str, Written]:
        """Return which deliveries were written before."""
        found = super().written(keys)
        self._book.wire_repeats += len(found)
        return found


class Agency:
    """One connected agency; its journals live as long as the run, its connections only while it is there."""

    def __init__(
        self, ground: Ground, organ_id: str, book: Book, hub_url: str = "http://127.0.0.1", talk: Talk | None = None
    ) -> None:
        self.organ_id = organ_id
        self.endpoint = endpoint_of(organ_id)
        self._ground = ground
        self._book = book
        self.hub = HubSettings(hub_url, (ground.country.hub.certificate,), token=ground.bearers[self.endpoint])
        self._journal = CountingJournal(book)
        self._client: Client | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._talk = talk
        self._speaking = asyncio.Lock()
        self._answered = 0
        self._written = 0

    async def come(self, *, receiving: bool = True) -> None:
        """Connect and listen for receipts; `receiving`: take deliveries too."""
        if self._client is None:
            self._client = Client(self._settings(), self._journal)
            self._listening = asyncio.create_task(self._listen(self._client))
        if receiving and self._receiving is None:
            self._receiving = asyncio.create_task(
                self._client.receive(self._write, status=self._hear, recall=self._give_back, report=self._read_report)
            )

    async def leave(self, *, entirely: bool = False) -> None:
        """Stop receiving, as a system that is switched off in order; `entirely`: also stop sending and listening."""
        if self._receiving:
            # Between writing and journal only a death may come, after which it is written again: see f02_adapter_killed.
            await eventually("what was written is journalled", self._all_kept)
            self._receiving.cancel()
            with suppress(asyncio.CancelledError):
                await self._receiving
            self._receiving = None
        # What the client has prefetched must go back to the queue, which only the end of its connection does.
        async with self._speaking:
            if self._client:
                if self._listening:
                    self._listening.cancel()
                    with suppress(asyncio.CancelledError):
                        await self._listening
                await self._client.close()
                self._client = self._listening = None
        if not entirely:
            await self.come(receiving=False)

    async def take_up(self, hub: HubSettings) -> None:
        """Work with other settings of the hub from here on, as after an edit of endpoint.toml and a restart."""
        self.hub = hub
        await self.leave(entirely=True)
        await self.come()

    @property
    def client(self) -> Client:
        """Return the client, for what is to stay out of the book."""
        assert self._client
        return self._client

    def set_aside(self) -> list[str]:
        """Return why messages were not believed; a hub in order gives no reason."""
        reasons = (self._settings().state_dir or Path()).glob("set-aside/*/reason.txt")
        return [f"{self.endpoint}: {one.read_text(encoding='utf-8').splitlines()[1]}" for one in reasons]

    def check(self) -> None:
        """Raise what ended one of the agency's tasks: the harness itself must not fail unseen."""
        for task in (self._receiving, self._listening):
            if task and task.done():
                task.result()

    async def send(
        self,
        package: bytes,
        message_id: str,
        receivers: frozenset[str],
        outcomes: frozenset[str],
        lane: str = "normal",
        deadline_s: float = SEND_DEADLINE_S,
        document_id: str = "",
    ) -> None:
        """Send a package and return once the broker has it, receivers are endpoints; raises SendError at the deadline."""
        digest = wire.digest_of(package)
        self._book.send(Sent(message_id, digest, self.endpoint, receivers, outcomes, document_id=document_id))
        await self.client.send(package, message_id, lane=lane, deadline_s=deadline_s)
        self._book.confirm(message_id)

    async def say(self, package: bytes, sent: Sent) -> None:
        """Send what is said of an earlier document, as soon as this agency is there."""
        self._book.send(sent)
        while True:
            async with self._speaking:
                if self._client:
                    await self._client.send(package, sent.message_id, deadline_s=SEND_DEADLINE_S)
                    break
            await asyncio.sleep(0.1)
        self._book.confirm(sent.message_id)

    async def _listen(self, client: Client) -> None:
        async for received in client.receipts(after=self._answered):
            self._answered = received.number
            receipt = received.receipt
            code = Reason(receipt.code).value if receipt.code else ""
            octets = wire.digest_of(received.octets)
            answer = Answer(receipt.outcome, code, octets, receipt.event_hash, receipt.receipt_id, receipt.effects)
            self._book.answer(received.message_id, answer)

    async def _write(self, delivery: Delivery) -> None:
        self._written += 1
        self._book.arrive(self.endpoint, wire.digest_of(delivery.body), delivery.document_key)
        if self._talk:
            self._talk.delivered(self, delivery)

    async def _hear(self, received: ReceivedStatus) -> None:
        self._book.hear(self.endpoint, wire.digest_of(received.octets))

    async def _give_back(self, received: ReceivedRecall) -> None:
        self._book.hear(self.endpoint, wire.digest_of(received.octets))
        if received.unread:
            self._book.withdraw(self.endpoint, set(received.unread))
        if self._talk:
            self._talk.recalled(self, received)

    async def _read_report(self, report: Report, _octets: bytes) -> None:
        if report.kind == "withdrawn":
            for one in report.addressees:
                self._book.give_back(self.endpoint, report.document, one.endpoint)

    async def _all_kept(self) -> bool:
        return self._journal.kept == self._written

    def _settings(self) -> EndpointSettings:
        # Broker users and their rights are another test's matter, so all log in as the administrator.
        token = self._ground.tokens[self.endpoint]
        broker = BrokerSettings(self._ground.broker_url)
        return EndpointSettings(
            self.endpoint, token, broker, self.hub, state_dir=self._ground.folder / "agencies" / self.endpoint
        )
