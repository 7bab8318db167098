"""The receivers of the runs by the clock: other machines in life, so they come afterwards; what they find was promised."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from pamqp import decode

from docaxis.domain import wire
from docaxis.trust.receipts import NotSealed, read_note, read_receipt
from tests.bench import frames
from tests.bench.corpus import Corpus
from tests.bench.services import Place
from tests.bench.variants import DOCAXIS, Variant
from tests.vectors.judges import xmlsec_accepts

PATIENCE_S = 60.0
_PREFETCH = 1_000
_CHECKED = 20
"""Of so many notes and receipts a queue every signature and every field is checked, of receipts by xmlsec too."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one queue held: messages, different ones among them, and of the sample how many held."""

    messages: int
    different: int
    foreign: int
    checked: int
    held: int


@dataclass(slots=True)
class _Queue:
    name: str
    receiver: str
    waiting: int = 0
    seen: Counter[bytes] = field(default_factory=Counter)
    sample: list[frames.Delivery] = field(default_factory=list)


class Drain:
    """Empties the inboxes of receivers and the receipts of a sender, all at once on one connection."""

    def __init__(self, place: Place, tokens: dict[str, str], sender: str, receivers: Iterable[str]) -> None:
        self._url = place.broker_url
        inboxes = [_Queue(wire.inbox_queue(one, tokens[one], "normal"), one) for one in receivers]
        self._queues = [_Queue(wire.inbox_queue(sender, tokens[sender], "receipts"), ""), *inboxes]
        self._news = asyncio.Event()
        self._link: frames.Link

    async def run(
        self, corpus: Corpus, variant: Variant, sent: Iterable[str], digests: Iterable[bytes]
    ) -> dict[str, Found]:
        """Take everything out and compare it with message ids and digests of what was sent; by receiver, or `receipts`."""
        self._link = await frames.Link.open(self._url, self._take, self._news.set)
        for number, queue in enumerate(self._queues, 1):
            await self._link.channel(number, prefetch=_PREFETCH)
            queue.waiting = await self._link.depth(number, queue.name)
            await self._link.consume(number, queue.name)
        async with asyncio.timeout(PATIENCE_S + sum(queue.waiting for queue in self._queues) / 2_000):
            while any(queue.seen.total() < queue.waiting for queue in self._queues):
                self._news.clear()
                await self._news.wait()
        await self._link.close()
        wanted = {"": {one.encode() for one in sent}}, set(digests)
        return {
            queue.receiver or "receipts": _judged(queue, corpus, variant, wanted[0].get(queue.receiver, wanted[1]))
            for queue in self._queues
        }

    def _take(self, delivery: frames.Delivery) -> None:
        queue = self._queues[delivery.channel - 1]
        if queue.receiver:
            queue.seen[sha256(delivery.body).digest()] += 1
        else:
            queue.seen[frames.read_properties(delivery.header).get(frames.CORRELATION_ID, b"")] += 1
        if len(queue.sample) < _CHECKED:
            queue.sample.append(delivery)
        if delivery.tag % (_PREFETCH // 4) == 0 or delivery.tag >= queue.waiting:
            self._link.acknowledge(delivery.channel, delivery.tag)


def _judged(queue: _Queue, corpus: Corpus, variant: Variant, wanted: set[bytes]) -> Found:
    foreign = len(queue.seen.keys() - wanted)
    checked = queue.sample if variant.has_notes or not queue.receiver else []
    if queue.receiver:
        held = sum(note_holds(one, corpus, queue.receiver) for one in checked)
    else:
        held = sum(receipt_holds(one.body, corpus, variant) for one in checked)
    return Found(queue.seen.total(), len(queue.seen), foreign, len(checked), held)


def note_holds(delivery: frames.Delivery, corpus: Corpus, endpoint: str) -> bool:
    """Return whether the delivery note beside a package is the hub's, and of this package and endpoint."""
    headers = decode.field_table(frames.read_properties(delivery.header).get(frames.HEADERS, b"\0\0\0\0"))[1]
    header = headers.get(wire.NOTE_HEADER, "")
    octets = header if isinstance(header, bytes) else str(header).encode()
    try:
        note = read_note(octets, corpus.hub_certificate)
    except NotSealed:
        return False
    mine = [one for one in note.endpoints if one.endpoint == endpoint]
    return note.digest == wire.digest_of(delivery.body) and len(mine) == 1


def receipt_holds(octets: bytes, corpus: Corpus, variant: Variant) -> bool:
    """Return whether libxmlsec holds a receipt for the hub's, and docaxis reads its own as an acceptance."""
    if not xmlsec_accepts(octets, corpus.hub_certificate):
        return False
    try:
        return variant.name != DOCAXIS or read_receipt(octets, corpus.hub_certificate).outcome == "accepted"
    except NotSealed:
        return False
