"""The client library of the hub's broker, under every adapter, the demonstration and the bench.

Within `async with Client(read_settings(file)) as client`: `message_id = await client.send(package)`,
`await client.receipt_for(message_id, timeout_s=30)`, `await client.receive(write)`, `await client.report_status(delivery, "03")`.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from pamqp.commands import Basic

from adapters.blobs import BlobError, Blobs
from adapters.connection import CLOSE_TIMEOUT_S
from adapters.consumer import Consumer
from adapters.delivery import Delivery, Refuse, SetAside, Write
from adapters.inbox import Inbox
from adapters.journal import MEMORY, Journal
from adapters.lanes import lane_of_package
from adapters.publisher import PERSISTENT, Publisher, SendError
from adapters.receipt_box import ReceiptBox, ReceivedReceipt
from adapters.receiver import (
    IsSeen,
    Receiver,
    TakeChanges,
    TakeNotice,
    TakeRecall,
    TakeReport,
    TakeStatus,
    log_changes,
    log_notice,
    log_recall,
    log_report,
    log_status,
)
from adapters.sender_key import SenderKey, load_sender_key
from adapters.set_aside import keep_in
from adapters.settings import EndpointSettings, SettingsError
from adapters.statuses import reported
from docaxis.domain import wire
from docaxis.domain.envelope import BlobReference
from docaxis.domain.receipt import DeliveryNote

JOURNAL_FILE = "journal.sqlite3"
SEND_DEADLINE_S = 300.0
BLOB_WAIT_S = 5.0
PREFETCH = 200
RECEIPTS_PREFETCH = 1000
CONTROL_PREFETCH = 200


class Client:
    """One endpoint at the hub; an asynchronous context manager that closes everything within a bounded time.

    Sending and receiving have connections of their own; one to receive is opened only when something is to be received.
    """

    def __init__(self, settings: EndpointSettings, journal: Journal | None = None, *, prefetch: int = PREFETCH) -> None:
        """Take the settings; without a journal, one is kept in the state folder, or in memory where there is none."""
        self.settings = settings
        self._own_journal = journal is None
        self.journal = journal or Journal(settings.state_dir / JOURNAL_FILE if settings.state_dir else MEMORY)
        if self._own_journal:
            self.journal.forget(datetime.now(UTC) - timedelta(days=settings.keep_days))
        self.blobs = Blobs(settings.hub)
        self._publisher = Publisher(settings.broker, f"{settings.id} publish")
        self._receipts_consumer = Consumer(
            settings.broker, f"{settings.id} receipts", {settings.queue("receipts"): RECEIPTS_PREFETCH}
        )
        lanes = {settings.queue(lane): prefetch for lane in wire.LANES}
        self._inbox_consumer = Consumer(
            settings.broker, f"{settings.id} inbox", {settings.queue("control"): CONTROL_PREFETCH, **lanes}
        )
        self._inbox = Inbox(settings, self._inbox_consumer, self._publisher, self.blobs, self.journal)
        self._receipt_box = ReceiptBox(settings, self._receipts_consumer, self.journal, self._keep_aside)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._key: SenderKey | None = None

    async def __aenter__(self) -> Self:
        """Connect to nothing yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """End all connections within some seconds; what is not acknowledged comes again."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=2 * CLOSE_TIMEOUT_S)
        self._tasks.clear()
        self._inbox.close()
        await self._publisher.close()
        await self.blobs.close()
        if self._own_journal:
            self.journal.close()

    async def send(
        self,
        package: bytes,
        message_id: str | None = None,
        lane: str | None = None,
        deadline_s: float = SEND_DEADLINE_S,
    ) -> str:
        """Send a package and return its message id once the broker has confirmed it; raises SendError at the deadline.

        Without message_id it is derived from the octets, so that sending them again after a crash repeats the message
        and the hub repeats its receipt. To have a refused package decided anew, give a new one.
        """
        until = asyncio.get_running_loop().time() + deadline_s
        digest = wire.digest_of(package)
        message_id = message_id or digest.removeprefix("sha256:")
        lane = lane or lane_of_package(package)
        body, kind = package, wire.PACKAGE_TYPE
        if len(package) > self.settings.hub.inline_limit_bytes:
            await self._put_until(until, digest, package)
            body, kind = wire.write_claim(wire.Claim(digest, len(package))), wire.CLAIM_TYPE
        properties = Basic.Properties(
            message_id=message_id,
            message_type=kind,
            content_type="application/xml" if kind == wire.PACKAGE_TYPE else "application/json",
            delivery_mode=PERSISTENT,
        )
        left_s = max(0.0, until - asyncio.get_running_loop().time())
        key = wire.routing_key(self.settings.id, lane)
        await self._publisher.publish(wire.INGRESS_EXCHANGE, key, body, properties, left_s)
        return message_id

    async def report_status(
        self,
        document: Delivery | DeliveryNote,
        code: str,
        reason: str = "",
        *,
        organ_id: str = "",
        deadline_s: float = SEND_DEADLINE_S,
    ) -> str:
        """Sign and send what our agency says of a document that it got (`01` to `06`, `15`, `16`); return the message id.

        organ_id is the addressee that speaks where it is not the agency of `[signing]`. Each call makes a status of its
        own: to be sure across a crash, keep what `adapters.statuses.reported` makes and `send` that.
        Raises FlowError (02 without a reason, a code that is no addressee's), SettingsError without a key, SendError.
        """
        if self._key is None:
            if self.settings.signing is None:
                raise SettingsError("[signing]: missing, a status must be signed")
            self._key = await asyncio.to_thread(load_sender_key, self.settings.signing)
        speaker = organ_id or self._key.organ_id
        package = await asyncio.to_thread(reported, document, code, reason, speaker, self._key, datetime.now(UTC))
        return await self.send(package, deadline_s=deadline_s)

    async def receive(
        self,
        write: Write,
        refuse: Refuse | None = None,
        notice: TakeNotice = log_notice,
        most: int = 100,
        *,
        status: TakeStatus = log_status,
        recall: TakeRecall = log_recall,
        report: TakeReport = log_report,
        seen: IsSeen | None = None,
        change: TakeChanges = log_changes,
    ) -> None:
        """Receive until cancelled, in batches of up to `most`.

        `write` must be durable when it returns, may raise TryLaterError for one delivery, and may see a delivery again
        after a crash between its return and the journal. Any other exception of it ends receiving; nothing unwritten is
        acknowledged. `refuse` keeps what cannot be trusted (default: the state folder); see SetAside for its fate. The
        others take what comes by the control queue, and only log it where they are left out; `seen` see Receiver.
        """
        self._start("inbox", self._inbox_consumer.run())
        receiver = Receiver(write, refuse or self._keep_aside, notice, status, recall, report, seen, change)
        await self._inbox.receive(receiver, most)

    async def receive_waiting(
        self,
        write: Write,
        refuse: Refuse | None = None,
        notice: TakeNotice = log_notice,
        most: int = 100,
        patience_s: float = 30.0,
        *,
        status: TakeStatus = log_status,
        recall: TakeRecall = log_recall,
        report: TakeReport = log_report,
        seen: IsSeen | None = None,
        change: TakeChanges = log_changes,
    ) -> int:
        """Receive what waits now; return how many were new. TimeoutError without a broker for patience_s."""
        self._start("inbox", self._inbox_consumer.run())
        receiver = Receiver(write, refuse or self._keep_aside, notice, status, recall, report, seen, change)
        return await self._inbox.receive_waiting(receiver, most, patience_s)

    async def receipts(self, after: int | None = None) -> AsyncIterator[ReceivedReceipt]:
        """Yield receipts with a number above `after`, then every new one without end; None: only new ones."""
        self._listen_for_receipts()
        async for received in self._receipt_box.stream(after):
            yield received

    async def receipt_for(
        self, message_id: str, timeout_s: float, digest: str = "", *, final: bool = True
    ) -> ReceivedReceipt:
        """Return the hub's answer to a message; raises TimeoutError.

        With `digest` (of the package sent) an answer to other octets does not count; with final=False a deferral does.
        """
        self._listen_for_receipts()
        return await self._receipt_box.answer(message_id, timeout_s, digest, final=final)

    async def known_receipt(self, message_id: str, digest: str = "", *, final: bool = True) -> ReceivedReceipt | None:
        """Return the answer that is in the journal already, without asking the broker."""
        return await self._receipt_box.known_answer(message_id, digest, final=final)

    async def receipts_settled(self) -> bool:
        """Whether every receipt that the broker held a moment ago is in the journal."""
        self._listen_for_receipts()
        return await self._receipt_box.settled()

    async def put_attachment(self, reference: BlobReference, file: Path) -> None:
        """Store an attachment that a package names by reference, before the package is sent. Raises BlobError."""
        await self.blobs.put_file(reference.digest, reference.size_bytes, file)

    async def get_attachment(self, reference: BlobReference, file: Path) -> None:
        """Write an attachment by reference to a file, checked; continues a partial one. Raises BlobError."""
        await self.blobs.get_file(reference.digest, reference.size_bytes, file)

    async def _put_until(self, until: float, digest: str, octets: bytes) -> None:
        while True:
            try:
                return await self.blobs.put(digest, octets)
            except BlobError as error:
                if not error.temporary or asyncio.get_running_loop().time() + BLOB_WAIT_S >= until:
                    raise SendError(f"blob store: {error}") from error
                await asyncio.sleep(BLOB_WAIT_S)

    def _listen_for_receipts(self) -> None:
        self._start("receipts consumer", self._receipts_consumer.run())
        self._start("receipts", self._receipt_box.run())

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        if name in self._tasks:
            work.close()
        else:
            self._tasks[name] = asyncio.create_task(work, name=f"{self.settings.id} {name}")

    async def _keep_aside(self, aside: SetAside) -> None:
        if self.settings.state_dir:
            await asyncio.to_thread(keep_in, self.settings.state_dir / "set-aside", aside)
