"""The first run: the ingress is full, the clock runs until every document is committed, published, receipted, acknowledged."""

import asyncio
import time
from dataclasses import dataclass, field

from docaxis.domain import wire
from docaxis.wiring import utc_now
from tests.bench.books import Books, Progress, register
from tests.bench.corpus import WARM_UP, Corpus
from tests.bench.drain import Found, drain
from tests.bench.hubs import Hubs
from tests.bench.plan import Plan
from tests.bench.processes import cpu_s
from tests.bench.services import Place, Services
from tests.bench.traffic import ACKNOWLEDGE_EVERY_S, Traffic
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of

_LOOK_EVERY_S = 0.05
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Speed:
    """What the first run gave; CPU in µs a document, None where the part is not ours to look at; memory in MiB."""

    documents: int
    seconds: float
    hub_us: float
    broker_us: float | None
    database_us: float | None
    steps_us: dict[str, float]
    peak_mib: float
    quarter_mib: float
    end_mib: float
    quarters: list[float]
    acknowledged_after_s: float
    warnings: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    guarantees: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Return documents a second."""
        return self.documents / self.seconds


async def measure(plan: Plan, services: Services, corpus: Corpus) -> Speed:
    """Do the first run at a place of its own."""
    place = await services.place()
    try:
        return await _at(place, plan, services, corpus)
    finally:
        await services.leave(place)


async def _at(place: Place, plan: Plan, services: Services, corpus: Corpus) -> Speed:
    tokens = await register(place.store_url, Country(now=utc_now()))
    hubs = Hubs(place, corpus, plan.processes, plan.profile)
    try:
        await hubs.start()
        async with Traffic(place.broker_url, tokens) as traffic, Books(place.store_url) as books:
            await traffic.queues_made()
            await traffic.fill(corpus.packages(0, WARM_UP), "warm")
            await _follow(plan, traffic, books, WARM_UP)
            steps = await hubs.steps()
            hubs.hold()
            filled = await traffic.fill(corpus.packages(WARM_UP, plan.documents), "m")
            if filled != plan.documents:
                raise RuntimeError(f"{filled} of {plan.documents} packages reached the ingress")
            await asyncio.sleep(1)  # the broker's own disk work for the filling is not the hub's to pay
            result = await _clocked(plan, services, hubs, traffic, books, steps)
            counts = await books.counts()
            await hubs.stop()
            left = {lane: await traffic.depth_of(wire.ingress_queue(lane)) for lane in wire.LANES}
        found = await drain(place.broker_url, corpus, tokens, endpoint_of(SENDER), receivers(plan), corpus_count(plan))
    finally:
        await hubs.stop()
    result.warnings = hubs.warnings()
    check(result, plan, counts, left, found)
    return result


async def _clocked(
    plan: Plan,
    services: Services,
    hubs: Hubs,
    traffic: Traffic,
    books: Books,
    steps_before: dict[str, tuple[float, float]],
) -> Speed:
    def spent() -> tuple[float, float, float]:
        database = cpu_s(services.database_pid, books.backend_pids)
        return hubs.cpu_s, cpu_s(services.broker_pid), database

    before = spent()
    wanted = corpus_count(plan)
    started = time.monotonic()
    hubs.let_go()
    finished, samples = await _follow(plan, traffic, books, wanted, hubs)
    acknowledged = time.monotonic()
    after, steps = spent(), await hubs.steps()
    hub, broker, database = ((b - a) * 1e6 / plan.documents for a, b in zip(before, after, strict=True))
    marks = [next(at for at, done, _ in samples if done >= WARM_UP + plan.documents * part / 4) for part in range(1, 5)]
    quarters = [plan.documents / 4 / max(b - a, 1e-9) for a, b in zip([started, *marks], marks, strict=False)]
    return Speed(
        documents=plan.documents,
        seconds=finished - started,
        hub_us=hub,
        broker_us=broker if services.broker_pid else None,
        database_us=database if services.database_pid else None,
        steps_us={name: (steps[name][0] - steps_before[name][0]) * 1e6 / plan.documents for name in steps},
        peak_mib=hubs.memory_mib(),
        quarter_mib=next(memory for at, _, memory in samples if at >= marks[0]),
        end_mib=samples[-1][2],
        quarters=quarters,
        acknowledged_after_s=acknowledged - finished,
    )


async def _follow(
    plan: Plan, traffic: Traffic, books: Books, documents: int, hubs: Hubs | None = None
) -> tuple[float, list[tuple[float, float, float]]]:
    """Acknowledge what is dispatched until all is done; returns when the last publication was settled, and samples.

    A sample is (moment, documents committed, memory of the largest hub in MiB).
    """
    copies = documents * plan.addressees
    finished = acknowledged_at = 0.0
    samples: list[tuple[float, float, float]] = []
    best, since = Progress(0, 0, 0, 0), time.monotonic()
    while True:
        now = time.monotonic()
        found = await books.progress()
        samples.append((now, found.dispatched / plan.addressees, hubs.memory_mib("VmRSS") if hubs else 0.0))
        if found != best:
            best, since = found, now
        if now - since > _PATIENCE_S:
            raise RuntimeError(f"the hub stands still: {found} of {copies} copies")
        if found.dispatched == copies and not found.outbox:
            finished = finished or now
            if found.fetched == copies and not found.pending:
                return finished, samples
        if now - acknowledged_at >= ACKNOWLEDGE_EVERY_S:
            acknowledged_at = now
            await traffic.acknowledge(books, late=plan.processes > 1, everything=bool(finished))
        await asyncio.sleep(_LOOK_EVERY_S)


def corpus_count(plan: Plan) -> int:
    """Return how many packages the first run sends, those for warming up included."""
    return WARM_UP + plan.documents


def receivers(plan: Plan) -> list[str]:
    """Return the endpoints that every package is addressed to."""
    return [endpoint_of(organ_id) for organ_id in PROVINCES[: plan.addressees]]


def check(result: Speed, plan: Plan, counts: dict[str, int], left: dict[str, int], found: dict[str, Found]) -> None:
    """Compare what was found with what was promised, and note every difference in `result.broken`."""
    total = corpus_count(plan)
    guarantees = {
        name: (number, total * plan.addressees if name == "deliveries" else total) for name, number in counts.items()
    }
    guarantees |= {f"left in ingress.{lane}": (number, 0) for lane, number in left.items()}
    for name, one in found.items():
        guarantees |= {
            f"{name} messages": (one.messages, total),
            f"{name} different": (one.different, total),
            f"{name} foreign": (one.foreign, 0),
            f"{name} sample verified": (one.held, one.checked),
        }
    result.guarantees = {name: number for name, (number, _) in guarantees.items()}
    result.broken = [
        f"{name}: {number}, not {wanted}" for name, (number, wanted) in guarantees.items() if number != wanted
    ]
