"""Where a scenario takes place: broker, database, hubs behind cables, agencies, the book; and how it comes to rest."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from docaxis.domain import wire
from docaxis.domain.envelope import Attachment, Envelope
from docaxis.local.postgres import PrivatePostgres
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError
from tests.axis import Ground
from tests.cable import Cable
from tests.cluster import Cluster
from tests.faults.agencies import Agency
from tests.faults.balance_flows import taken_back, unsettled
from tests.faults.book import ACCEPTED, Book
from tests.faults.hubs import Hubs
from tests.faults.scenario import Scenario
from tests.faults.talk import Talk
from tests.simulator import Country, endpoint_of
from tests.small_disk import SmallDisk
from tests.waiting import PATIENCE_S, eventually

Way = TypeVar("Way")

MINISTRIES = ("G22", "G12")
PROVINCES = ("H01", "H05", "H12", "H13")
ADDRESSEES_MOST = 4
LOAD_SHORT_PER_S, LOAD_PER_S = 5.0, 20.0
"""The pace of a load in the short form, and in a longer one."""
LOAD_SHORT_MOST = 50
"""So many packages in the short form; from then on one a second."""
OPEN_MOST = 150
"""With flows a document makes more of itself, so no new ones come while so many packages wait for an answer."""
ABSENT = "H13"
"""Receives nothing while a load with flows lasts, so that what is taken back finds copies that stand unfetched."""


@dataclass(frozen=True, slots=True)
class Places:
    """The services that a run may use, and a folder of its own; database_url is a fresh database."""

    folder: Path
    broker: PrivateRabbitMQ
    broker_url: str
    database_url: str
    postgres: PrivatePostgres | None
    disk: SmallDisk | None = None
    cluster: Cluster | None = None


@dataclass
class Stage:
    """All that a scenario can reach. `scale` is 1 in the short form; a scenario multiplies what it does by it.

    The hubs reach broker and database through the two cables; the agencies and the harness reach them directly.
    """

    scenario: Scenario
    places: Places
    ground: Ground
    book: Book
    hubs: Hubs
    dice: random.Random
    """For the plan of the faults. The load has dice of its own, or each would disturb the other's run of numbers."""
    contents: random.Random
    scale: int
    broker_cable: Cable
    database_cable: Cable
    agencies: dict[str, Agency] = field(default_factory=dict)
    numbers: int = 0
    log_before: list[bytes] = field(default_factory=list)
    talk: Talk | None = None
    """What the agencies say of documents; None where the scenario goes without flows."""
    _load: asyncio.Task[None] | None = None

    @property
    def country(self) -> Country:
        """Return the country."""
        return self.ground.country

    @property
    def disk(self) -> SmallDisk:
        """Return the file system of the hub's own files; only where the scenario asked for it."""
        assert self.places.disk
        return self.places.disk

    def each_diced(self, ways: Sequence[Way]) -> Sequence[Way]:
        """Return each of these `scale` times, in an order that is diced."""
        plan = [way for way in ways for _ in range(self.scale)]
        self.dice.shuffle(plan)
        return plan

    @property
    def broker(self) -> PrivateRabbitMQ:
        """Return the broker's node; only a scenario that says `breaks_broker` may stop it."""
        return self.places.broker

    def letter(
        self, sender: str = "", to: Sequence[str] = (), *, number: int = 0, subject: str = "", content_bytes: int = 0
    ) -> tuple[str, str, frozenset[str], Envelope]:
        """Return (sender, a message id, the receivers' endpoints, envelope) of a new document; what is not given is diced.

        content_bytes: so large is its attachment.
        """
        self.numbers += 1
        number = number or self.numbers
        sender = sender or self.contents.choice(MINISTRIES)
        others = [one for one in (*MINISTRIES, *PROVINCES) if one != sender]
        to = to or self.contents.sample(others, self.contents.randint(1, ADDRESSEES_MOST))
        large = [Attachment("tep-1", "Bản vẽ.pdf", "application/pdf", content=self.dice.randbytes(content_bytes))]
        envelope = self.country.envelope(
            number=number,
            to=to,
            sender=sender,
            subject=subject or f"Thử nghiệm số {number}",
            attachments=large if content_bytes else None,
        )
        message_id = f"{sender}-{self.numbers}"
        return sender, message_id, frozenset(endpoint_of(one) for one in to), envelope

    def package(
        self, sender: str = "", to: Sequence[str] = (), *, number: int = 0, subject: str = ""
    ) -> tuple[str, str, frozenset[str], bytes]:
        """Return the same with the signed octets."""
        sender, message_id, receivers, envelope = self.letter(sender, to, number=number, subject=subject)
        return sender, message_id, receivers, self.country.signed(envelope)

    async def send(
        self, count: int, *, sender: str = "", to: Sequence[str] = (), at_once: int = 20, content_bytes: int = 0
    ) -> None:
        """Send so many good packages and return once the broker has them all; each must be accepted."""
        gate = asyncio.Semaphore(at_once)

        async def one() -> None:
            async with gate:
                who, message_id, receivers, letter = self.letter(sender, to, content_bytes=content_bytes)
                agency, package = self.agencies[who], self.country.signed(letter)
                await agency.send(
                    package, message_id, receivers, frozenset({"accepted"}), document_id=letter.header.document_id
                )
                if self.talk:
                    self.talk.perhaps_take_back(agency, message_id, letter)

        await asyncio.gather(*(one() for _ in range(count)))

    async def send_refused(self, sender: str = "G22") -> None:
        """Send a package that must be refused: one octet of the signed text is another."""
        who, message_id, _, package = self.package(sender)
        altered = package.replace("Thử nghiệm".encode(), "Thử nghiêm".encode(), 1)
        assert altered != package
        await self.agencies[who].send(altered, message_id, frozenset(), frozenset({"rejected"}))

    @asynccontextmanager
    async def under_load(self, per_s: float = 0.0) -> AsyncIterator[None]:
        """Send good packages, and a few bad ones, at an even pace for as long as the block lasts; 0: the run's own pace.

        In the short form the pace falls after a while, or a machine that is slow would have the more to do.
        """
        per_s = per_s or (LOAD_SHORT_PER_S if self.scale == 1 else LOAD_PER_S)
        over = asyncio.Event()
        sending: set[asyncio.Task[None]] = set()

        async def load() -> None:
            begun = 0
            while not over.is_set():
                slower = self.scale == 1 and begun > LOAD_SHORT_MOST
                if self.talk and len(self.book.unanswered) > OPEN_MOST:
                    await asyncio.sleep(1 / per_s)
                    continue
                work = self.send_refused() if self.contents.random() < 0.05 else self.send(1)
                sending.add(asyncio.create_task(work))
                begun += 1
                await asyncio.sleep(1 if slower else 1 / per_s)

        absent = self.agencies.get(ABSENT) if self.talk else None
        if absent:
            await absent.leave()
        task = asyncio.create_task(load())
        try:
            yield
        finally:
            over.set()
            await task
            await asyncio.gather(*sending)
        if absent:
            await absent.come()

    async def answered(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until everything that the broker has taken is answered."""

        async def all_answered() -> bool:
            return not self.book.unanswered

        await eventually("all answered", all_answered, patience_s)

    async def has_all(self, organ_id: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until everything accepted so far for an agency is in its business inbox."""
        endpoint = endpoint_of(organ_id)

        async def there() -> bool:
            due = {
                one.digest
                for m, one in self.book.sent.items()
                if endpoint in one.receivers and one.kind == "document" and self.book.outcome(m) in ACCEPTED
            }
            gone = {digest for whose, digest in taken_back(self.book) if whose == endpoint}
            return due - gone <= self.book.inboxes.get(endpoint, {}).keys()

        await self.answered(patience_s)
        await eventually(f"{organ_id} has all", there, patience_s)

    async def management(self, method: str, path: str, body: object = None) -> Any:
        """Ask the broker's management API; `{vhost}` in the path becomes the run's own."""
        vhost = quote(unquote(urlsplit(self.ground.broker_url).path[1:]), safe="")
        broker = self.places.cluster or self.broker
        return await asyncio.to_thread(broker.management, method, path.replace("{vhost}", vhost), body)

    async def depth(self, queue: str) -> int:
        """Return how many messages a queue holds, those with a consumer included; statistics may be a second old."""
        found = await self.management("GET", f"/api/queues/{{vhost}}/{quote(queue, safe='')}")
        return int(found.get("messages", 0))

    async def consumed(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until the broker itself counts a consumer on each of the hub's own queues."""
        queues = [*map(wire.ingress_queue, wire.LANES), wire.QUARANTINE_QUEUE, wire.FETCHED_QUEUE]

        async def all_consumed() -> bool:
            try:
                found = await self.management("GET", "/api/queues/{vhost}")
            except (OSError, HTTPException, ServiceError):
                return False
            counts = {one["name"]: one.get("consumers", 0) for one in found}
            return all(counts.get(queue) for queue in queues)

        await eventually("consumers on every queue of the hub", all_consumed, patience_s)

    async def leaf_hashes(self) -> list[bytes]:
        """Return the log as it is, by leaf hash in the order of the leaves."""
        rows = await self.ground.rows(
            "SELECT e.leaf_hash FROM log_entries l JOIN events e ON e.event_id = l.event_id ORDER BY l.leaf_index"
        )
        return [bytes(row[0]) for row in rows]

    async def backlog(self) -> dict[str, int]:
        """Return what is not done yet, by place; empty when all is."""
        found = {table: await self.ground.count(table) for table in ("outbox", "log_pending")}
        found["waiting"] = await self.ground.count("deliveries WHERE state = 'waiting'")
        found["deferred"] = await self.ground.count("submissions WHERE outcome = 'deferred'")
        for lane in wire.LANES:
            found[f"ingress {lane}"] = await self.depth(wire.ingress_queue(lane))
        found["quarantine queue"] = await self.depth(wire.QUARANTINE_QUEUE)
        found["unfetched"] = int((await self.ground.rows("SELECT sum(dispatched - fetched) FROM lanes"))[0][0] or 0)
        found["unanswered"] = len(self.book.unanswered)
        if self.talk:
            found["unsaid"] = self.talk.pending
            found["not passed on or answered"] = unsettled(self.book)
        return {name: number for name, number in found.items() if number}

    async def is_at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return not await self.backlog()

    async def heal(self) -> None:
        """Undo whatever the scenario has broken, so that nothing but time stands between the hub and rest."""
        self.broker_cable.mend()
        self.database_cable.mend()
        if self.places.disk:
            self.places.disk.make(writable=True)
            self.places.disk.empty()
        if self.places.cluster:
            await asyncio.to_thread(self.places.cluster.heal)
        elif not self.broker.running:
            await asyncio.to_thread(self.broker.start)
        if self.places.postgres and not self.places.postgres.running:
            await asyncio.to_thread(self.places.postgres.start)
        for number, child in list(self.hubs.running.items()):
            self.hubs.let_go(number)
            if child.process.poll() is not None:
                del self.hubs.running[number]
        if not self.hubs.running:
            await self.hubs.start(ready=False)
        for agency in self.agencies.values():
            agency.check()
            await agency.come()
        if self.talk:
            self.talk.check()
