"""The playing agencies: endpoints on the client library, which note in the ledger what they see with their own eyes."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from adapters.client import Client
from adapters.delivery import Delivery, SetAside
from adapters.durable import write_folder
from adapters.journal import MEMORY, Journal
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from adapters.settings import EndpointSettings
from docaxis.domain import wire
from docaxis.domain.envelope import Envelope, Priority
from docaxis.domain.receipt import Notice
from docaxis.domain.report import Report
from docaxis.domain.verdict import Deferral, Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.local.demo.ledger import Answer, Arrival, Ledger, Told
from docaxis.trust import xmldsig
from docaxis.trust.anchors import TrustStore
from docaxis.trust.certificate import verify_signer
from docaxis.trust.receipts import read_receipt

PREFETCH = 20
Row = tuple[str, str, str, bytes]


class WatchedJournal(Journal):
    """A journal that shows each receipt as it comes, repeated ones too, which it rightly keeps only once."""

    def __init__(self, place: Path | str, seen: Callable[[str, bytes], None]) -> None:
        super().__init__(place)
        self._seen = seen

    def put_receipts(self, receipts: Iterable[Row]) -> None:
        """Record, then show."""
        rows = list(receipts)
        super().put_receipts(rows)
        for (message_id, _, _, octets), following in zip(rows, [*rows[1:], None], strict=True):
            # An answer to known octets under a new id is recorded under both ids, one after the other; it came once.
            if following is None or following[3] != octets or following[0] == message_id:
                self._seen(message_id, octets)


class Agency:
    """One connected system; with a trust store it judges each package anew and keeps it, as a ministry would."""

    def __init__(self, settings: EndpointSettings, ledger: Ledger, trust: TrustStore | None = None) -> None:
        self._settings = settings
        self._ledger = ledger
        self._trust = trust
        self._loop = asyncio.get_running_loop()
        journal = WatchedJournal(settings.state_dir / "journal.sqlite3" if settings.state_dir else MEMORY, self._hear)
        self.client = Client(settings, journal, prefetch=PREFETCH)
        self._journal = journal
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, *, sends: bool) -> None:
        """Begin to receive packages and notices, and receipts where it sends."""
        receiving = self.client.receive(
            self._write,
            self._refuse,
            self._take_notice,
            status=self._take_status,
            recall=self._take_recall,
            report=self._take_report,
        )
        self._tasks.append(asyncio.create_task(receiving))
        if sends:
            self._tasks.append(asyncio.create_task(self._listen()))

    async def listens(self) -> bool:
        """Whether its consumer of receipts is up; the broker has confirmed it."""
        return await self.client.receipts_settled()

    async def close(self) -> None:
        """End within some seconds."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.client.close()
        self._journal.close()

    def failure(self) -> BaseException | None:
        """Return why it stopped receiving, None while it does."""
        done = [task for task in self._tasks if task.done() and not task.cancelled()]
        return next((error for task in done if (error := task.exception())), None)

    async def send(self, octets: bytes, message_id: str, priority: Priority) -> None:
        """Send a package; returns once the broker has confirmed it. Raises SendError."""
        await self.client.send(octets, message_id, wire.lane_of(priority), deadline_s=20)

    async def _listen(self) -> None:
        async for _ in self.client.receipts():
            pass

    def _hear(self, message_id: str, octets: bytes) -> None:
        """Note a receipt; called in the journal's thread."""
        receipt = read_receipt(octets, self._certificate())
        answer = Answer(self._settings.id, octets, receipt)
        with suppress(RuntimeError):  # the loop is closing, and so is the run
            self._loop.call_soon_threadsafe(self._ledger.put_answer, message_id, answer)

    def _certificate(self) -> x509.Certificate:
        return self._settings.hub.certificates[0]

    async def _write(self, delivery: Delivery) -> None:
        problem = ""
        if self._trust is not None:
            problem = await asyncio.to_thread(judge, delivery, self._trust) or await self._fetch_attachments(delivery)
            await asyncio.to_thread(self._keep, delivery)
        self._ledger.put_arrival(
            Arrival(
                endpoint=self._settings.id,
                digest=wire.digest_of(delivery.body),
                note_digest=delivery.note.digest,
                lane=delivery.lane,
                addressees=tuple((one.organ_id, one.via) for one in delivery.addressees),
                problem=problem,
            )
        )

    async def _fetch_attachments(self, delivery: Delivery) -> str:
        """Fetch what the package only refers to; the client compares the digests and raises where they differ."""
        parsed = parse(delivery.body)
        envelope = parsed if isinstance(parsed, Rejection) else read_envelope(parsed)
        if not isinstance(envelope, Envelope):
            return "not a document"
        for blob in [one.blob for one in envelope.attachments if one.blob]:
            octets = await self.client.blobs.get(blob.digest, blob.size_bytes)
            if len(octets) != blob.size_bytes:
                return f"attachment of {len(octets)} bytes instead of {blob.size_bytes}"
        return ""

    def _keep(self, delivery: Delivery) -> None:
        if self._settings.state_dir is not None:
            files = {"package.edxml": delivery.body, "delivery-note.xml": delivery.note_bytes}
            write_folder(self._settings.state_dir / "inbox" / delivery.document_key, files)

    async def _refuse(self, aside: SetAside) -> None:
        self._ledger.put_trouble(f"{self._settings.id} set a message aside: {aside.reason}")

    async def _take_notice(self, notice: Notice, _octets: bytes) -> None:
        self._ledger.put_told(Told(self._settings.id, notice))

    async def _take_status(self, status: ReceivedStatus) -> None:
        self._ledger.statuses.append((self._settings.id, status))

    async def _take_recall(self, recall: ReceivedRecall) -> None:
        self._ledger.recalls.append((self._settings.id, recall))

    async def _take_report(self, report: Report, _octets: bytes) -> None:
        self._ledger.reports.append((self._settings.id, report))


def judge(delivery: Delivery, trust: TrustStore) -> str:
    """Verify a package as its receiver must, trusting the hub in nothing; returns what is wrong, or an empty text."""
    parsed = parse(delivery.body)
    if isinstance(parsed, Rejection):
        return f"unreadable: {parsed.code}"
    signed = xmldsig.verify(parsed)
    if isinstance(signed, Rejection):
        return f"signature: {signed.code}"
    signer = verify_signer(signed.certificate, signed.hints, trust, datetime.now(UTC))
    if isinstance(signer, Rejection | Deferral):
        return f"signer: {signer.code}"
    envelope = read_envelope(parsed)
    if not isinstance(envelope, Envelope):
        return "not a document"
    told = (delivery.note.sender, delivery.note.document_id)
    said = (envelope.header.sender.organ_id, envelope.header.document_id)
    return "" if told == said else f"note tells {told}, package says {said}"
