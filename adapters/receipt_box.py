"""Receipts: verified against the hub's certificate, journalled durably, then acknowledged; read from the journal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache

import structlog

from adapters.consumer import Consumer, Delivered, acknowledge
from adapters.delivery import Refuse, SetAside, UntrustedError, verify_sealed
from adapters.failpoints import failpoint
from adapters.journal import Journal, KeptReceipt
from adapters.set_aside import set_aside_once
from adapters.settings import EndpointSettings
from docaxis.domain.receipt import Receipt
from docaxis.trust.receipts import read_receipt

log = structlog.get_logger(__name__)

AT_ONCE = 500
VERIFIED_KEPT = 1000
FAILURE_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class ReceivedReceipt:
    """The hub's verified answer to a message; number grows, so that `receipts(after=number)` goes on from here."""

    number: int
    message_id: str
    receipt: Receipt
    octets: bytes = field(repr=False)

    @property
    def is_final(self) -> bool:
        """Whether no other answer will follow: a deferred submission is decided again."""
        return self.receipt.outcome != "deferred"


class ReceiptBox:
    """An endpoint's receipts queue and the answers already in the journal."""

    def __init__(
        self,
        settings: EndpointSettings,
        consumer: Consumer,
        journal: Journal,
        refuse: Refuse,
    ) -> None:
        self._settings = settings
        self._queue = settings.queue("receipts")
        self._consumer = consumer
        self._journal = journal
        self._refuse = refuse
        # Receipts are read again within moments of being kept.
        self._verified = lru_cache(maxsize=VERIFIED_KEPT)(self._verify)
        self._news = asyncio.Event()
        self._awaited: dict[str, set[asyncio.Event]] = {}

    async def run(self) -> None:
        """Take receipts until cancelled."""
        while True:
            await self._consumer.arrived()
            batch = self._consumer.take((self._queue,), AT_ONCE)
            try:
                await self._keep(batch)
            except Exception:
                # A full disk, most likely: nothing was acknowledged, so nothing is lost.
                log.exception("receipts could not be kept")
                for delivered in reversed(batch):
                    self._consumer.put_back(delivered)
                await asyncio.sleep(FAILURE_WAIT_S)

    async def settled(self) -> bool:
        """Whether every receipt that the broker held has been journalled; False while it cannot be told."""
        return await self._consumer.settled(self._queue) and not self._consumer.waits((self._queue,))

    async def stream(self, after: int | None) -> AsyncIterator[ReceivedReceipt]:
        """Yield every receipt with a higher number, then each new one as it comes; None: only new ones."""
        number = await asyncio.to_thread(self._journal.last_receipt_number) if after is None else after
        while True:
            news = self._news
            batch = await asyncio.to_thread(self._journal.receipts_after, number)
            for kept in batch:
                number = kept.number
                if received := self._read(kept):
                    yield received
            if not batch:
                await news.wait()

    async def answer(self, message_id: str, timeout_s: float, digest: str, *, final: bool) -> ReceivedReceipt:
        """Return the answer to a message, from the journal or as soon as it comes; raises TimeoutError."""
        event = asyncio.Event()
        waiting = self._awaited.setdefault(message_id, set())
        waiting.add(event)
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    event.clear()
                    if found := await self.known_answer(message_id, digest, final=final):
                        return found
                    await event.wait()
        finally:
            waiting.discard(event)
            if not waiting:
                self._awaited.pop(message_id, None)

    async def known_answer(self, message_id: str, digest: str, *, final: bool) -> ReceivedReceipt | None:
        """Return the answer that is in the journal; a final one outweighs deferrals."""
        kept = await asyncio.to_thread(self._journal.receipts_of, message_id)
        answers = [read for one in kept if digest in {"", one.digest} and (read := self._read(one))]
        return next((one for one in answers if one.is_final), None if final or not answers else answers[-1])

    async def _keep(self, batch: list[Delivered]) -> None:
        rows = []
        for delivered in batch:
            octets = bytes(delivered.message.body)
            properties = delivered.message.header.properties
            try:
                receipt = self._verified(octets)
            except UntrustedError as error:
                aside = SetAside("receipts", properties.message_id or "", str(error), octets)
                await set_aside_once(aside, self._journal, self._refuse)
                continue
            # A known package sent again under a new id is answered with the first receipt, which names the first id.
            rows += [
                (message_id, receipt.digest, receipt.outcome, octets)
                for message_id in dict.fromkeys((receipt.message_id, properties.correlation_id or receipt.message_id))
            ]
        await asyncio.to_thread(self._journal.put_receipts, rows)
        failpoint("receipt-journalled")
        await acknowledge(batch)
        failpoint("receipt-acknowledged")
        for message_id, *_ in rows:
            for event in self._awaited.get(message_id, ()):
                event.set()
        self._news.set()
        self._news = asyncio.Event()

    def _read(self, kept: KeptReceipt) -> ReceivedReceipt | None:
        """Read a receipt of our own journal: verified again, since a certificate may have been withdrawn meanwhile."""
        try:
            return ReceivedReceipt(kept.number, kept.message_id, self._verified(kept.octets), kept.octets)
        except UntrustedError as error:
            log.warning("a receipt of the journal is no longer trusted", message_id=kept.message_id, reason=str(error))
            return None

    def _verify(self, octets: bytes) -> Receipt:
        receipt = verify_sealed(read_receipt, octets, self._settings.hub.certificates)
        if receipt.endpoint != self._settings.id:
            raise UntrustedError(f"a receipt for {receipt.endpoint}")
        return receipt
