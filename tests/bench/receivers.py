"""A run apart: a real sender and eight real receivers on the client library, which verify every note and receipt.

Three processes of them share the cores with the hub and need more CPU than it does, so on two cores these times say more
about the receivers.
"""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from urllib.parse import quote

from adapters.client import Client
from adapters.delivery import Delivery
from adapters.settings import BrokerSettings, EndpointSettings, HubSettings
from docaxis.logs import set_up_logs
from tests.bench.books import Books
from tests.bench.corpus import WARM_UP, Corpus
from tests.bench.latency import percentile
from tests.bench.plan import Plan
from tests.bench.registration import register
from tests.bench.services import Place, Services
from tests.bench.speed import receivers
from tests.bench.traffic import Traffic
from tests.bench.variants import Variant
from tests.simulator import SENDER, endpoint_of

_PATIENCE_S = 60.0
_PER_PROCESS = 4


@dataclass(slots=True)
class Received:
    """What the run gave; times in milliseconds."""

    documents: int
    offered_rate: float
    sent_rate: float
    receipt_p50_ms: float
    receipt_p99_ms: float
    delivery_p50_ms: float
    delivery_p99_ms: float
    last_delivery_p99_ms: float
    warnings: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


Times = list[tuple[bytes, float]]
"""The SHA-256 of a package and a moment of CLOCK_MONOTONIC, which all processes of a machine share."""


async def measure(
    plan: Plan, services: Services, corpus: Corpus, variant: Variant, rate: float, count: int
) -> Received:
    """Do the run at a place of its own."""
    place = await services.place()
    try:
        return await _at(place, plan, corpus, variant, rate, count)
    finally:
        await services.leave(place)


async def _at(place: Place, plan: Plan, corpus: Corpus, variant: Variant, rate: float, count: int) -> Received:
    tokens = await register(place.store_url)
    hubs = variant.programs(place, corpus, tokens, plan)
    loop = asyncio.get_running_loop()
    endpoints = receivers(plan)
    groups = [endpoints[at : at + _PER_PROCESS] for at in range(0, len(endpoints), _PER_PROCESS)]
    total = WARM_UP + count
    try:
        await hubs.start()
        with ProcessPoolExecutor(len(groups) + 1, mp_context=get_context("spawn")) as pool:
            receiving = [
                loop.run_in_executor(pool, _receive, place.broker_url, corpus, [(e, tokens[e]) for e in group], total)
                for group in groups
            ]
            await _warm_up(place, plan, corpus, variant, tokens)
            sender = (endpoint_of(SENDER), tokens[endpoint_of(SENDER)])
            sent, receipted = await loop.run_in_executor(pool, _send, place.broker_url, corpus, sender, rate, count)
            delivered = await asyncio.gather(*receiving)
        await hubs.stop()
    finally:
        await hubs.stop()
    async with Books(place.store_url, variant) as books:
        counts, progress = await books.counts(), await books.progress()
    copies = [one for group in delivered for one in group]
    result = _result(dict(sent), receipted, copies, rate, count)
    result.warnings = hubs.warnings()
    wanted = {"documents": total, "deliveries": total * plan.addressees}
    result.broken = [
        f"{name}: {counts[name]}, not {number}" for name, number in wanted.items() if counts[name] != number
    ]
    for name, number, due in (("receipts", len(receipted), count), ("copies", len(copies), count * plan.addressees)):
        if number != due:
            result.broken.append(f"{name}: {number}, not {due}")
    if progress.fetched != wanted["deliveries"]:
        result.broken.append(f"fetched: {progress.fetched}, not {wanted['deliveries']}")
    return result


async def _warm_up(place: Place, plan: Plan, corpus: Corpus, variant: Variant, tokens: dict[str, str]) -> None:
    """Return when the first packages have gone all the way, so that every process of the run is up and at rest."""
    async with Traffic(place.broker_url, tokens) as traffic, Books(place.store_url, variant) as books:
        await traffic.queues_made()
        await traffic.fill(corpus.packages(0, WARM_UP), "warm")
        async with asyncio.timeout(_PATIENCE_S):
            while (await books.progress()).fetched < WARM_UP * plan.addressees:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.1)


def _result(sent: dict[bytes, float], receipted: Times, copies: Times, rate: float, count: int) -> Received:
    to_receipt = sorted(at - sent[digest] for digest, at in receipted)
    to_copy = sorted(at - sent[digest] for digest, at in copies)
    last: dict[bytes, float] = {}
    for digest, at in copies:
        last[digest] = max(last.get(digest, 0.0), at - sent[digest])
    span = max(sent.values()) - min(sent.values())
    return Received(
        documents=count,
        offered_rate=rate,
        sent_rate=(count - 1) / span if span else 0.0,
        receipt_p50_ms=percentile(to_receipt, 50),
        receipt_p99_ms=percentile(to_receipt, 99),
        delivery_p50_ms=percentile(to_copy, 50),
        delivery_p99_ms=percentile(to_copy, 99),
        last_delivery_p99_ms=percentile(sorted(last.values()), 99),
    )


def _settings(url: str, corpus: Corpus, endpoint: str, token: str) -> EndpointSettings:
    # Broker users and their rights are another matter than speed, so all log in as the administrator.
    hub = HubSettings(f"http://127.0.0.1/{quote(endpoint)}", (corpus.hub_certificate,))
    return EndpointSettings(endpoint, token, BrokerSettings(url), hub)


def _send(url: str, corpus: Corpus, sender: tuple[str, str], rate: float, count: int) -> tuple[Times, Times]:
    set_up_logs("warning", json_lines=True)
    return asyncio.run(_sender(url, corpus, sender, rate, count))


async def _sender(url: str, corpus: Corpus, sender: tuple[str, str], rate: float, count: int) -> tuple[Times, Times]:
    """Send at an even pace whatever comes back (an open loop); returns when each was sent and its receipt verified."""
    sent: Times = []
    receipted: Times = []
    async with Client(_settings(url, corpus, *sender)) as client:
        everything = asyncio.Event()

        async def listen() -> None:
            # The receipts of warming up come first, from the queue; they are what tells that listening has begun.
            seen = 0
            async for received in client.receipts(after=0):
                receipted.append((bytes.fromhex(received.receipt.digest.removeprefix("sha256:")), time.monotonic()))
                seen += 1
                if seen in {WARM_UP, WARM_UP + count}:
                    everything.set()

        async def send(body: bytes) -> None:
            sent.append((sha256(body).digest(), time.monotonic()))
            await client.send(body, lane="normal")

        listening = asyncio.create_task(listen())
        async with asyncio.timeout(_PATIENCE_S):
            await everything.wait()
        everything.clear()
        receipted.clear()
        sending: set[asyncio.Task[None]] = set()
        started = time.monotonic()
        for number, body in enumerate(corpus.packages(WARM_UP, count)):
            if (early := started + number / rate - time.monotonic()) > 0:
                await asyncio.sleep(early)
            task = asyncio.create_task(send(body))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        async with asyncio.timeout(_PATIENCE_S):
            await everything.wait()
        listening.cancel()
    return sent, receipted


def _receive(url: str, corpus: Corpus, endpoints: list[tuple[str, str]], total: int) -> Times:
    set_up_logs("warning", json_lines=True)
    return asyncio.run(_receivers(url, corpus, endpoints, total))


async def _receivers(url: str, corpus: Corpus, endpoints: list[tuple[str, str]], total: int) -> Times:
    """Receive with several clients until each has `total` packages; returns when each package was handed over."""
    warm = set(corpus.digests(0, WARM_UP))
    times: Times = []

    async def one(endpoint: str, token: str) -> None:
        finished = asyncio.Event()
        seen: set[bytes] = set()

        async def write(delivery: Delivery) -> None:
            digest = bytes.fromhex(delivery.note.digest.removeprefix("sha256:"))
            if digest not in warm:
                times.append((digest, time.monotonic()))
            seen.add(digest)
            if len(seen) >= total:
                finished.set()

        async with Client(_settings(url, corpus, endpoint, token)) as client:
            receiving = asyncio.create_task(client.receive(write))
            waiting = asyncio.create_task(finished.wait())
            await asyncio.wait({receiving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                await receiving
            # What is written is acknowledged a moment later; leaving at once would leave it unfetched.
            await asyncio.sleep(2)
            receiving.cancel()

    await asyncio.gather(*(one(*pair) for pair in endpoints))
    return times
