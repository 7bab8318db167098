"""The run at half load: packages at an even pace, whatever comes back; times from just before the publish to the receipt.

Sender and receivers are one cheap connection: receipts are noted as they come and inboxes emptied, so that the figure is
the hub's. What it costs to verify on the receivers' side is another matter (`receivers`).
"""

import asyncio
import gc
import time
from dataclasses import dataclass, field
from math import inf

from docaxis.domain import wire
from tests.bench import frames
from tests.bench.books import Books
from tests.bench.corpus import WARM_UP, Corpus
from tests.bench.drain import note_holds, receipt_holds
from tests.bench.plan import Plan
from tests.bench.programs import Programs
from tests.bench.registration import register
from tests.bench.services import Place, Services
from tests.bench.speed import receivers, spent
from tests.bench.traffic import CONSUMING, Traffic, package_frames
from tests.bench.variants import Variant
from tests.simulator import SENDER, endpoint_of

_PATIENCE_S = 60.0
_PREFETCH = 2_000
_CHECKED = 20
_EVERY_S = 0.2
_MINUTE_S = 60.0


@dataclass(slots=True)
class Minute:
    """One minute of the run, or what there was of it: by the moment of sending."""

    receipt_p50_ms: float
    receipt_p99_ms: float
    memory_mib: float


@dataclass(slots=True)
class Latency:
    """What the run gave; times in milliseconds, CPU in µs a document."""

    documents: int
    processes: int
    offered_rate: float
    sent_rate: float
    receipt_p50_ms: float
    receipt_p99_ms: float
    receipt_max_ms: float
    hub_us: float
    broker_us: float
    database_us: float
    minutes: list[Minute]
    warnings: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


class Exchange(Traffic):
    """Sends at a pace, notes when each receipt comes, and empties the inboxes."""

    def __init__(self, url: str, tokens: dict[str, str], endpoints: list[str]) -> None:
        super().__init__(url, tokens)
        self.endpoints = endpoints
        self.sent: dict[bytes, float] = {}
        self.receipted: dict[bytes, float] = {}
        self.doubled = 0
        self.copies = [0] * len(endpoints)
        self.receipts_sample: list[bytes] = []
        self.copies_sample: list[tuple[str, frames.Delivery]] = []
        self._last = [0] * (1 + len(endpoints))

    async def listen(self) -> None:
        """Consume the receipts of the sender and the inboxes, each on a channel of its own."""
        sender = endpoint_of(SENDER)
        queues = [wire.inbox_queue(sender, self.tokens[sender], "receipts")]
        queues += [wire.inbox_queue(one, self.tokens[one], "normal") for one in self.endpoints]
        for number, queue in enumerate(queues, CONSUMING):
            await self.link.channel(number, prefetch=_PREFETCH)
            await self.link.consume(number, queue)

    def on_delivery(self, delivery: frames.Delivery) -> None:
        """Note a receipt, or count a copy."""
        place = delivery.channel - CONSUMING
        self._last[place] = delivery.tag
        if place:
            self.copies[place - 1] += 1
            if len(self.copies_sample) < _CHECKED:
                self.copies_sample.append((self.endpoints[place - 1], delivery))
            return
        name = frames.read_properties(delivery.header).get(frames.CORRELATION_ID, b"")
        self.doubled += name in self.receipted
        self.receipted[name] = time.monotonic()
        if len(self.receipts_sample) < _CHECKED:
            self.receipts_sample.append(delivery.body)

    def take(self) -> None:
        """Tell the broker that everything that has come is taken."""
        for place, tag in enumerate(self._last):
            if tag:
                self.link.acknowledge(CONSUMING + place, tag)
                self._last[place] = 0

    async def send(self, corpus: Corpus, rate: float, count: int) -> None:
        """Send at an even pace, an open loop."""
        endpoint, started = endpoint_of(SENDER), time.monotonic()
        for number, body in enumerate(corpus.packages(WARM_UP, count)):
            octets = package_frames(endpoint, f"m-{number}", body)
            if (early := started + number / rate - time.monotonic()) > 0:
                await asyncio.sleep(early)
            self.sent[b"m-%d" % number] = time.monotonic()
            self.link.publish(octets, 1)


async def measure(plan: Plan, services: Services, corpus: Corpus, variant: Variant, rate: float, count: int) -> Latency:
    """Do the run at a place of its own."""
    place = await services.place()
    try:
        return await _at(place, plan, services, corpus, variant, rate, count)
    finally:
        await services.leave(place)


async def _at(
    place: Place, plan: Plan, services: Services, corpus: Corpus, variant: Variant, rate: float, count: int
) -> Latency:
    tokens = await register(place.store_url)
    programs = variant.programs(place, corpus, tokens, plan)
    memory: list[tuple[float, float]] = []
    try:
        await programs.start()
        async with (
            Exchange(place.broker_url, tokens, receivers(plan)) as exchange,
            Books(place.store_url, variant) as books,
        ):
            await exchange.queues_made()
            await exchange.listen()
            enough = asyncio.Event()
            keeping = asyncio.create_task(_keep(exchange, books, variant, programs, memory, enough))
            await exchange.fill(corpus.packages(0, WARM_UP), "warm")
            await _until(exchange, WARM_UP, keeping)
            # What is there stays: a full collection of the bench would otherwise stand in the figures.
            gc.collect()
            gc.freeze()
            before = spent(services, programs, books)
            await exchange.send(corpus, rate, count)
            await _until(exchange, WARM_UP + count, keeping)
            # Not cancelled: that would end the connection to the database with the question that is under way.
            enough.set()
            await keeping
            exchange.take()
            await _acknowledge_rest(exchange, books, (WARM_UP + count) * plan.addressees)
            after = spent(services, programs, books)
            counts = await books.counts()
        await programs.stop()
    finally:
        gc.unfreeze()
        await programs.stop()
    cpu_us = [(b - a) * 1e6 / count for a, b in zip(before, after, strict=True)]
    result = _result(exchange, memory, variant, rate, cpu_us)
    repeated = exchange.doubled + sum(exchange.copies) - (WARM_UP + count) * plan.addressees
    result.warnings = programs.warnings() + [f"at half load: {repeated} receipts and copies repeated"] * bool(repeated)
    result.broken = _broken(exchange, corpus, variant, counts, WARM_UP + count)
    return result


async def _keep(
    exchange: Exchange,
    books: Books,
    variant: Variant,
    programs: Programs,
    memory: list[tuple[float, float]],
    enough: asyncio.Event,
) -> None:
    """Again and again: take what came, acknowledge what is committed, look at the memory."""
    while not enough.is_set():
        exchange.take()
        await exchange.acknowledge(books, late=variant.processes > 1, least=1)
        memory.append((time.monotonic(), programs.memory_mib("VmRSS")))
        if not programs.running:
            raise RuntimeError(f"{variant.label} has ended\n{programs.said()}")
        await asyncio.sleep(_EVERY_S)


async def _until(exchange: Exchange, total: int, keeping: asyncio.Task[None]) -> None:
    """Return when all receipts and copies are there; raises TimeoutError when nothing comes any more."""
    seen, since = 0, time.monotonic()
    while len(exchange.receipted) < total or min(exchange.copies) < total:
        if keeping.done():
            keeping.result()
        now = len(exchange.receipted) + sum(exchange.copies)
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > _PATIENCE_S:
            raise TimeoutError(f"{len(exchange.receipted)} receipts and {exchange.copies} copies of {total}")
        await asyncio.sleep(0.05)


async def _acknowledge_rest(exchange: Exchange, books: Books, copies: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while (await books.progress()).fetched < copies:
            await exchange.acknowledge(books, late=True, everything=True)
            await asyncio.sleep(_EVERY_S)


def _result(
    exchange: Exchange, memory: list[tuple[float, float]], variant: Variant, rate: float, cpu_us: list[float]
) -> Latency:
    times = [(at, exchange.receipted[name] - at) for name, at in exchange.sent.items() if name in exchange.receipted]
    begun, ended = times[0][0], times[-1][0]
    ordered = sorted(took for _, took in times)
    minutes = []
    count = max(1, int((ended - begun + 1) // _MINUTE_S))
    for number in range(count):
        # What is left over at the end belongs to the last minute, so that none is short.
        after, before = begun + number * _MINUTE_S, begun + (number + 1) * _MINUTE_S
        before = before if number < count - 1 else inf
        here = sorted(took for at, took in times if after <= at < before)
        sizes = [size for at, size in memory if after <= at < before]
        minutes.append(Minute(percentile(here, 50), percentile(here, 99), max(sizes, default=0.0)))
    return Latency(
        documents=len(times),
        processes=variant.processes,
        offered_rate=rate,
        sent_rate=(len(times) - 1) / max(ended - begun, 1e-9),
        receipt_p50_ms=percentile(ordered, 50),
        receipt_p99_ms=percentile(ordered, 99),
        receipt_max_ms=ordered[-1] * 1000,
        hub_us=cpu_us[0],
        broker_us=cpu_us[1],
        database_us=cpu_us[2],
        minutes=minutes,
    )


def _broken(exchange: Exchange, corpus: Corpus, variant: Variant, counts: dict[str, int], total: int) -> list[str]:
    wanted = {name: total * corpus.addressees if name == "deliveries" else total for name in counts}
    found = counts | {"receipts": len(exchange.receipted)}
    # At least once is what is promised: what came more often stands under the warnings.
    found |= {
        f"copies of {one}": min(seen, total) for one, seen in zip(exchange.endpoints, exchange.copies, strict=True)
    }
    wanted |= {"receipts": total} | {f"copies of {one}": total for one in exchange.endpoints}
    found["receipts that hold"] = sum(receipt_holds(one, corpus, variant) for one in exchange.receipts_sample)
    found["notes that hold"] = sum(note_holds(one, corpus, endpoint) for endpoint, one in exchange.copies_sample)
    wanted |= {"receipts that hold": len(exchange.receipts_sample), "notes that hold": len(exchange.copies_sample)}
    return [f"at half load: {name}: {found[name]}, not {wanted[name]}" for name in found if found[name] != wanted[name]]


def percentile(ordered: list[float], share: int) -> float:
    """Return the nearest-rank percentile of sorted seconds, in milliseconds; NaN of nothing."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] * 1000
