"""The receivers of the first run: other machines in life, so they come afterwards; what they find is what was promised."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context

import aiormq
from aiormq.abc import DeliveredMessage

from docaxis.domain import wire
from docaxis.domain.receipt import DeliveryNote
from docaxis.trust.receipts import NotSealed, read_note, read_receipt
from tests.bench.corpus import Corpus
from tests.vectors.judges import xmlsec_accepts

PATIENCE_S = 60.0
_PREFETCH = 2_000
_CHECKED = 20
"""Of so many notes and receipts a queue every signature and every field is checked, the first by xmlsec too."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one queue held: messages, different packages among them, and of the sample how many held."""

    messages: int
    different: int
    foreign: int
    checked: int
    held: int


async def drain(
    url: str, corpus: Corpus, tokens: Mapping[str, str], sender: str, receivers: list[str], count: int
) -> dict[str, Found]:
    """Empty the inboxes of the receivers and the receipts of the sender; `count` messages are expected in each."""
    queues = {endpoint: wire.inbox_queue(endpoint, tokens[endpoint], "normal") for endpoint in receivers}
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        work = [
            loop.run_in_executor(pool, _drain, url, queue, corpus, count, endpoint)
            for endpoint, queue in queues.items()
        ]
        receipts = wire.inbox_queue(sender, tokens[sender], "receipts")
        work.append(loop.run_in_executor(pool, _drain, url, receipts, corpus, count, ""))
        return dict(zip((*queues, "receipts"), await asyncio.gather(*work), strict=True))


def _drain(url: str, queue: str, corpus: Corpus, count: int, endpoint: str) -> Found:
    return asyncio.run(_emptied(url, queue, corpus, count, endpoint))


async def _emptied(url: str, queue: str, corpus: Corpus, count: int, endpoint: str) -> Found:
    """Take everything out of a queue; of a receiver's (endpoint given) the bodies are compared with what was sent."""
    connection = await aiormq.connect(url)
    channel = await connection.channel()
    waiting = (await channel.queue_declare(queue, passive=True)).message_count or 0
    seen: Counter[bytes] = Counter()
    sample: list[DeliveredMessage] = []
    finished = asyncio.Event()

    async def take(message: DeliveredMessage) -> None:
        seen[
            sha256(message.body).digest() if endpoint else (message.header.properties.correlation_id or "").encode()
        ] += 1
        if len(sample) < _CHECKED:
            sample.append(message)
        if seen.total() >= waiting:
            finished.set()
        if seen.total() % (_PREFETCH // 4) == 0 or seen.total() >= waiting:
            await channel.basic_ack(message.delivery_tag or 0, multiple=True)

    if waiting:
        await channel.basic_qos(prefetch_count=_PREFETCH)
        await channel.basic_consume(queue, take)
        async with asyncio.timeout(PATIENCE_S + waiting / 500):
            await finished.wait()
    await connection.close()
    if endpoint:
        sent = set(corpus.digests(0, count))
        foreign = len(seen.keys() - sent)
        held = sum(_note_holds(message, corpus, endpoint) for message in sample)
    else:
        foreign = seen.pop(b"", 0)
        held = sum(_receipt_holds(message.body, corpus) for message in sample)
    return Found(waiting, len(seen), foreign, len(sample), held)


def _note_holds(message: DeliveredMessage, corpus: Corpus, endpoint: str) -> bool:
    header = (message.header.properties.headers or {}).get(wire.NOTE_HEADER, "")
    octets = header if isinstance(header, bytes) else str(header).encode()
    try:
        note: DeliveryNote = read_note(octets, corpus.hub_certificate)
    except NotSealed:
        return False
    mine = [one for one in note.endpoints if one.endpoint == endpoint]
    return note.digest == wire.digest_of(message.body) and len(mine) == 1


def _receipt_holds(octets: bytes, corpus: Corpus) -> bool:
    try:
        receipt = read_receipt(octets, corpus.hub_certificate)
    except NotSealed:
        return False
    return receipt.outcome == "accepted" and xmlsec_accepts(octets, corpus.hub_certificate)
