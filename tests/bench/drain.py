"""The receivers of the runs by the clock: other machines in life, so they come afterwards; what they find was promised."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from pamqp import decode

from docaxis.domain import wire
from docaxis.trust.receipts import read_note, read_receipt
from docaxis.trust.sealed import NotSealed
from tests.bench import frames
from tests.bench.corpus import Corpus
from tests.bench.variants import DOCAXIS, Variant
from tests.vectors.judges import xmlsec_accepts

PATIENCE_S = 60.0
_PREFETCH = 1_000
_CHECKED = 20
"""Of so many notes and receipts a queue every signature and every field is checked, of receipts by xmlsec too."""


@dataclass(frozen=True, slots=True)
class Promised:
    """What a queue must hold; `key` tells messages apart, `holds` checks one of the sample (None: nothing to check)."""

    label: str
    queue: str
    wanted: frozenset[bytes]
    key: Callable[[frames.Delivery], bytes]
    holds: Callable[[frames.Delivery], bool] | None


@dataclass(frozen=True, slots=True)
class Found:
    """What one queue held: messages, different ones among them, and of the sample how many held."""

    messages: int
    different: int
    foreign: int
    checked: int
    held: int
    wanted: int


@dataclass(slots=True)
class _Queue:
    promised: Promised
    waiting: int = 0
    seen: Counter[bytes] = field(default_factory=Counter)
    sample: list[frames.Delivery] = field(default_factory=list)


class Drain:
    """Empties queues, all at once on one connection."""

    def __init__(self, url: str, promised: Sequence[Promised]) -> None:
        self._url = url
        self._queues = [_Queue(one) for one in promised]
        self._news = asyncio.Event()
        self._link: frames.Link

    async def run(self) -> dict[str, Found]:
        """Take everything out and compare it with what was promised; by label."""
        self._link = await frames.Link.open(self._url, self._take, self._news.set)
        for number, queue in enumerate(self._queues, 1):
            await self._link.channel(number, prefetch=_PREFETCH)
            queue.waiting = await self._link.depth(number, queue.promised.queue)
            await self._link.consume(number, queue.promised.queue)
        async with asyncio.timeout(PATIENCE_S + sum(queue.waiting for queue in self._queues) / 2_000):
            while any(queue.seen.total() < queue.waiting for queue in self._queues):
                self._news.clear()
                await self._news.wait()
        await self._link.close()
        return {queue.promised.label: _judged(queue) for queue in self._queues}

    def _take(self, delivery: frames.Delivery) -> None:
        queue = self._queues[delivery.channel - 1]
        queue.seen[queue.promised.key(delivery)] += 1
        if len(queue.sample) < _CHECKED:
            queue.sample.append(delivery)
        if delivery.tag % (_PREFETCH // 4) == 0 or delivery.tag >= queue.waiting:
            self._link.acknowledge(delivery.channel, delivery.tag)


def _judged(queue: _Queue) -> Found:
    promised = queue.promised
    foreign = len(queue.seen.keys() - promised.wanted)
    checked = queue.sample if promised.holds else []
    held = sum(promised.holds(one) for one in checked) if promised.holds else 0
    return Found(queue.seen.total(), len(queue.seen), foreign, len(checked), held, len(promised.wanted))


def receipts_of(
    label: str, endpoint: str, token: str, sent: Iterable[str], corpus: Corpus, variant: Variant
) -> Promised:
    """Return that each message of an endpoint has a receipt."""
    return Promised(
        label,
        wire.inbox_queue(endpoint, token, "receipts"),
        frozenset(one.encode() for one in sent),
        lambda one: frames.read_properties(one.header).get(frames.CORRELATION_ID, b""),
        lambda one: receipt_holds(one.body, corpus, variant),
    )


def inbox_of(endpoint: str, token: str, digests: Iterable[bytes], corpus: Corpus, variant: Variant) -> Promised:
    """Return that each package of these SHA-256 stands in an endpoint's inbox, with a delivery note where there are any."""
    return Promised(
        endpoint,
        wire.inbox_queue(endpoint, token, "normal"),
        frozenset(digests),
        _body_digest,
        (lambda one: note_holds(one, corpus, endpoint)) if variant.has_notes else None,
    )


def control_of(label: str, endpoint: str, token: str, digests: Iterable[bytes], corpus: Corpus) -> Promised:
    """Return that each status of these SHA-256 was passed on to an endpoint, with a receipt that proves it."""
    return Promised(
        label,
        wire.inbox_queue(endpoint, token, "control"),
        frozenset(digests),
        _body_digest,
        lambda one: proof_holds(one, corpus, endpoint),
    )


def note_holds(delivery: frames.Delivery, corpus: Corpus, endpoint: str) -> bool:
    """Return whether the delivery note beside a package is the hub's, and of this package and endpoint."""
    try:
        note = read_note(_beside(delivery), corpus.hub_certificate)
    except NotSealed:
        return False
    mine = [one for one in note.endpoints if one.endpoint == endpoint]
    return note.digest == wire.digest_of(delivery.body) and len(mine) == 1


def proof_holds(delivery: frames.Delivery, corpus: Corpus, endpoint: str) -> bool:
    """Return whether the receipt beside a passed-on status is the hub's, by libxmlsec too, and of this status and endpoint."""
    octets = _beside(delivery)
    try:
        receipt = read_receipt(octets, corpus.hub_certificate)
    except NotSealed:
        return False
    named = receipt.outcome == "accepted" and any(one.endpoint == endpoint for one in receipt.addressees)
    return named and receipt.digest == wire.digest_of(delivery.body) and xmlsec_accepts(octets, corpus.hub_certificate)


def receipt_holds(octets: bytes, corpus: Corpus, variant: Variant) -> bool:
    """Return whether libxmlsec holds a receipt for the hub's, and docaxis reads its own as an acceptance."""
    if not xmlsec_accepts(octets, corpus.hub_certificate):
        return False
    try:
        return variant.name != DOCAXIS or read_receipt(octets, corpus.hub_certificate).outcome == "accepted"
    except NotSealed:
        return False


def _beside(delivery: frames.Delivery) -> bytes:
    headers = decode.field_table(frames.read_properties(delivery.header).get(frames.HEADERS, b"\0\0\0\0"))[1]
    header = headers.get(wire.NOTE_HEADER, "")
    return header if isinstance(header, bytes) else str(header).encode()


def _body_digest(delivery: frames.Delivery) -> bytes:
    return sha256(delivery.body).digest()
