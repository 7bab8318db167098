"""A tiny scripted hub: real queues on a real broker, real seals, /blobs over HTTP, and answers as the test wants them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import aiormq
from aiohttp import web
from aiormq.abc import AbstractChannel, DeliveredMessage
from pamqp.commands import Basic

from adapters.settings import BrokerSettings, EndpointSettings, HubSettings
from docaxis.backends.declare import declare_hub, declare_queues
from docaxis.backends.topology import Topology, inbox_queues
from docaxis.domain import wire
from docaxis.domain.receipt import DeliveryNote, Effect, NoteAddressee, NoteEndpoint, Notice, Receipt
from docaxis.domain.report import Report, ReportAddressee, ReportKind
from docaxis.trust.jws import sign_detached
from docaxis.trust.receipts import write_note, write_notice, write_receipt
from docaxis.trust.reports import write_report
from docaxis.trust.seal import Seal
from tests.adapters.blob_shelf import BEARER, BlobShelf
from tests.adapters.self_signed import new_seal
from tests.waiting import PATIENCE_S

ENDPOINT = "so-y-te"
ORGAN = "000.00.15.H01"
SENDER = "000.00.00.G01"
QUEUE_TOKEN = "ab" * 16


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message on the ingress."""

    message_id: str
    lane: str
    body: bytes
    is_claim: bool

    @property
    def digest(self) -> str:
        return wire.parse_claim(self.body).digest if self.is_claim else wire.digest_of(self.body)


def accept(_: Arrived) -> tuple[str, str]:
    """The default answer."""
    return "accepted", ""


@dataclass
class StandInHub(BlobShelf):
    """Answers what one endpoint sends and delivers to it."""

    amqp_url: str
    seal: Seal = field(default_factory=new_seal)
    answer: Callable[[Arrived], tuple[str, str] | None] = accept
    arrived: list[Arrived] = field(default_factory=list)
    """Documents, and whatever else is no status."""
    statuses: list[Arrived] = field(default_factory=list)
    fetched: list[tuple[str, int]] = field(default_factory=list)
    withdrawn: list[tuple[str, int]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    http: list[tuple[str, str, int]] = field(default_factory=list)
    break_after_bytes: int = 0
    http_status: int = 0
    first_receipts: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def start(self) -> None:
        self._sequences = {lane: count(1) for lane in wire.LANES}
        await self._connect()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/blobs/{digest}", self.get_blob)
        app.router.add_put("/blobs/{digest}", self.put_blob)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._keeper = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        self._keeper.cancel()
        with suppress(Exception):
            await self._connection.close()
        await self._runner.cleanup()

    def settings(self, **more: object) -> EndpointSettings:
        """The endpoint's settings, in memory unless state_dir is given."""
        hub = HubSettings(self.url, (self.seal.certificate,), BEARER, inline_limit_bytes=20_000)
        values = {"id": ENDPOINT, "queue_token": QUEUE_TOKEN, "broker": BrokerSettings(self.amqp_url), "hub": hub}
        return EndpointSettings(**(values | more))  # type: ignore[arg-type]

    async def deliver(
        self,
        body: bytes,
        *,
        key: str = "",
        lane: str = "normal",
        note: bytes | None = None,
        sequence: int = 0,
        claim: bool = False,
        note_as_blob: bool = False,
    ) -> str:
        """Deliver as the real hub does; every part can be replaced to forge it."""
        key = key or uuid4().hex
        sequence = sequence or next(self._sequences[lane])
        note = note if note is not None else self.note(body, key, lane, sequence)
        headers: dict[str, object] = {wire.NOTE_HEADER: bytearray(note), wire.DIGEST_HEADER: wire.digest_of(body)}
        if note_as_blob:
            self.blobs[wire.digest_of(note)] = note
            headers[wire.NOTE_DIGEST_HEADER] = wire.digest_of(note)
            del headers[wire.NOTE_HEADER]
        kind = wire.PACKAGE_TYPE
        if claim:
            self.blobs.setdefault(wire.digest_of(body), body)
            body, kind = wire.write_claim(wire.Claim(wire.digest_of(body), len(body))), wire.CLAIM_TYPE
        properties = Basic.Properties(message_id=key, message_type=kind, delivery_mode=2, headers=headers)  # type: ignore[arg-type]
        await self._publish(lane, body, properties)
        return key

    def note(self, body: bytes, key: str, lane: str = "normal", sequence: int = 1, **more: object) -> bytes:
        """A delivery note under the hub's seal."""
        values: dict[str, object] = {
            "note_id": key,
            "hub": "test",
            "digest": wire.digest_of(body),
            "size_bytes": len(body),
            "sender": SENDER,
            "document_id": f"doc-{key}",
            "lane": lane,
            "accepted_at": datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
            "endpoints": (NoteEndpoint(ENDPOINT, sequence, (NoteAddressee(ORGAN),)),),
        }
        return write_note(DeliveryNote(**(values | more)), self.seal)  # type: ignore[arg-type]

    async def notify(self, notice_id: str) -> None:
        """Put a notice into the control queue."""
        at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
        notice = Notice(notice_id, "test", ORGAN, "doc", "1/UBND", SENDER, (ORGAN,), at, "rule-1")
        properties = Basic.Properties(message_type=wire.NOTICE_TYPE, delivery_mode=2)
        await self._publish("control", write_notice(notice, self.seal), properties)

    async def pass_on(
        self,
        package: bytes,
        *effects: Effect,
        proof: bytes | None = None,
        claim: bool = False,
        proof_as_blob: bool = False,
        **more: object,
    ) -> None:
        """Put a package of the other party into the control queue, with the hub's receipt of it."""
        digest = wire.digest_of(package)
        values = {"endpoint": "other", "sender": SENDER, "effects": effects} | more
        proof = proof if proof is not None else self.receipt("m", digest, **values)  # type: ignore[arg-type]
        headers: dict[str, object] = {wire.NOTE_HEADER: bytearray(proof)}
        if proof_as_blob:
            self.blobs[wire.digest_of(proof)] = proof
            headers = {wire.NOTE_DIGEST_HEADER: wire.digest_of(proof)}
        kind = wire.PACKAGE_TYPE
        if claim:
            self.blobs[digest] = package
            package, kind = wire.write_claim(wire.Claim(digest, len(package))), wire.CLAIM_TYPE
        properties = Basic.Properties(message_id="0" * 32, message_type=kind, delivery_mode=2, headers=headers)  # type: ignore[arg-type]
        await self._publish("control", package, properties)

    async def report(self, report_id: str, kind: ReportKind = "overdue", **more: object) -> None:
        """Put a report of the hub into the control queue."""
        at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
        addressee = ReportAddressee(ORGAN, ENDPOINT, "03", "addressee")
        values = {"duty": "receipt", "due_at": at} | more
        report = Report(report_id, "test", kind, SENDER, "doc", "a" * 32, at, "00" * 32, (addressee,), **values)  # type: ignore[arg-type]
        properties = Basic.Properties(message_type=wire.NOTICE_TYPE, delivery_mode=2)
        await self._publish("control", write_report(report, self.seal), properties)

    async def tell_changes(self, body: bytes, signature: str | None = None) -> None:
        """Put a message about changes into the control queue."""
        headers = {wire.SIGNATURE_HEADER: sign_detached(body, self.seal) if signature is None else signature}
        properties = Basic.Properties(message_type=wire.CHANGE_TYPE, delivery_mode=2, headers=headers)  # type: ignore[arg-type]
        await self._publish("control", body, properties)

    async def send_receipt(self, octets: bytes, message_id: str) -> None:
        """Put any octets into the receipts queue."""
        properties = Basic.Properties(message_type=wire.RECEIPT_TYPE, correlation_id=message_id, delivery_mode=2)
        await self._publish("receipts", octets, properties)

    def receipt(self, message_id: str, digest: str, outcome: str = "accepted", code: str = "", **more: object) -> bytes:
        """A receipt under the hub's seal."""
        now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
        values: dict[str, object] = {
            "receipt_id": uuid4().hex,
            "hub": "test",
            "endpoint": ENDPOINT,
            "message_id": message_id,
            "digest": digest,
            "outcome": outcome,
            "received_at": now,
            "decided_at": now,
            "event_hash": "00" * 32,
            "code": code,
        }
        return write_receipt(Receipt(**(values | more)), self.seal)  # type: ignore[arg-type]

    async def depth(self, kind: str) -> int:
        """How many messages of an endpoint's queue are ready."""
        channel = await self._connection.channel()
        answer = await channel.queue_declare(wire.inbox_queue(ENDPOINT, QUEUE_TOKEN, kind), passive=True)
        await channel.close()
        return int(answer.message_count or 0)

    async def _publish(self, kind: str, body: bytes, properties: Basic.Properties) -> None:
        queue = wire.inbox_queue(ENDPOINT, QUEUE_TOKEN, kind)
        await self._out.basic_publish(body, routing_key=queue, properties=properties, mandatory=True)

    async def _connect(self) -> None:
        self._connection = await aiormq.connect(self.amqp_url)
        self._out = await self._connection.channel(publisher_confirms=True)
        channel = await self._connection.channel(publisher_confirms=False)
        await declare_hub(channel, Topology())
        await declare_queues(channel, inbox_queues(ENDPOINT, QUEUE_TOKEN), wire.INGRESS_EXCHANGE)
        await channel.basic_qos(prefetch_count=100)
        for lane in wire.LANES:
            await channel.basic_consume(wire.ingress_queue(lane), self._on_message)
        await channel.basic_consume(wire.FETCHED_QUEUE, self._on_fetched)

    async def _keep_connected(self) -> None:
        while True:
            with suppress(Exception):
                await asyncio.shield(self._connection.closing)
            await asyncio.sleep(0.3)
            with suppress(Exception):
                await self._connect()

    async def _on_message(self, message: DeliveredMessage) -> None:
        properties = message.header.properties
        _, lane = wire.parse_routing_key(message.routing_key or "")
        is_claim = properties.message_type == wire.CLAIM_TYPE
        arrived = Arrived(properties.message_id or "", lane, bytes(message.body), is_claim)
        (self.statuses if b"StatusCode>" in arrived.body else self.arrived).append(arrived)
        key = (arrived.message_id, arrived.digest)
        if key not in self.first_receipts and (answer := self.answer(arrived)):
            self.first_receipts[key] = self.receipt(arrived.message_id, arrived.digest, *answer)
        if octets := self.first_receipts.get(key):
            await self.send_receipt(octets, arrived.message_id)
        await _ack(message.channel, message)

    async def _on_fetched(self, message: DeliveredMessage) -> None:
        told = wire.parse_fetched(bytes(message.body))
        for numbers, lanes in ((self.fetched, told.fetched), (self.withdrawn, told.withdrawn)):
            for lane, ranges in lanes.items():
                numbers += [(lane, number) for first, last in ranges for number in range(first, last + 1)]
        await _ack(message.channel, message)


async def _ack(channel: AbstractChannel, message: DeliveredMessage) -> None:
    with suppress(Exception):
        await channel.basic_ack(message.delivery_tag or 0)


async def until(condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition, whoever makes it true
            await asyncio.sleep(0.02)
