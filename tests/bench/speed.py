"""A run by the clock: the ingress is full, and it lasts until every document is committed, published, receipted."""

import asyncio
import time
from dataclasses import dataclass, field

from docaxis.domain import wire
from tests.bench.books import Books, Progress
from tests.bench.corpus import WARM_UP, Corpus
from tests.bench.drain import Drain, Found, Promised, inbox_of, receipts_of
from tests.bench.plan import Plan
from tests.bench.processes import cpu_s
from tests.bench.programs import Programs
from tests.bench.registration import register, tokens
from tests.bench.services import Place, Services
from tests.bench.traffic import ACKNOWLEDGE_EVERY_S, Traffic
from tests.bench.variants import DOCAXIS, PLAIN, Variant
from tests.simulator import PROVINCES, SENDER, endpoint_of

_LOOK_EVERY_S = 0.05
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Speed:
    """What one run gave; CPU in µs a document, None where the part is not ours to look at; memory in MiB."""

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
    packages: int = 0
    """With the statuses between them; 0 where the documents are all."""

    @property
    def rate(self) -> float:
        """Return documents a second."""
        return self.documents / self.seconds

    @property
    def total_us(self) -> float:
        """Return the CPU of all parts that were seen."""
        return self.hub_us + (self.broker_us or 0.0) + (self.database_us or 0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one variant: so many documents, at a place of its own."""

    plan: Plan
    services: Services
    corpus: Corpus
    variant: Variant
    documents: int
    agencies: int = 0

    async def measure(self) -> Speed:
        """Do it; raises ServiceError, and RuntimeError when the hub stands still."""
        place = await self.services.place()
        try:
            return await self._at(place)
        finally:
            await self.services.leave(place)

    async def _at(self, place: Place) -> Speed:
        is_docaxis = self.variant.name == DOCAXIS
        of = await register(place.store_url, self.agencies) if is_docaxis else tokens()
        programs = self.variant.programs(place, self.corpus, of, self.plan)
        try:
            await programs.start()
            async with Traffic(place.broker_url, of) as traffic, Books(place.store_url, self.variant) as books:
                await traffic.queues_made()
                await traffic.fill(self.corpus.packages(0, WARM_UP), "warm")
                await self._follow(programs, traffic, books, WARM_UP)
                before = await programs.steps()
                programs.hold()
                if (filled := await self.fill(traffic)) != self.packages:
                    raise RuntimeError(f"{filled} of {self.packages} packages reached the ingress")
                await asyncio.sleep(1)  # the broker's own disk work for the filling is not the hub's to pay
                result = await self._clocked(programs, traffic, books, before)
                guarantees = await self.counted(books)
                await programs.stop()
                left = {lane: await traffic.depth_of(wire.ingress_queue(lane)) for lane in wire.LANES}
            found = await Drain(place.broker_url, self.promised(of)).run()
        finally:
            await programs.stop()
        result.warnings = programs.warnings()
        self._check(result, guarantees, left, found)
        return result

    @property
    def total(self) -> int:
        """Return how many packages are sent, those for warming up included."""
        return WARM_UP + self.documents

    @property
    def packages(self) -> int:
        """Return how many packages go in while the clock runs."""
        return self.documents

    async def fill(self, traffic: Traffic) -> int:
        """Fill the ingress while the hub is held; returns how many packages the broker has taken."""
        return await traffic.fill(self.corpus.packages(WARM_UP, self.documents), "m")

    async def is_committed(self, books: Books) -> bool:
        """Return whether nothing is missing in the store once all copies are numbered; asked only then."""
        del books
        return True

    async def counted(self, books: Books) -> dict[str, tuple[int, int]]:
        """Return the numbers of rows with what they must be."""
        copies = self.total * self.plan.addressees
        counts = await books.counts()
        return {name: (number, copies if name == "deliveries" else self.total) for name, number in counts.items()}

    def promised(self, of: dict[str, str]) -> list[Promised]:
        """Return what the queues must hold afterwards; `of`: endpoint → the random part of its queues' names."""
        sender, corpus = endpoint_of(SENDER), self.corpus
        sent = [f"{prefix}-{n}" for prefix, count in (("warm", WARM_UP), ("m", self.documents)) for n in range(count)]
        digests = corpus.digests(0, self.total)
        return [
            receipts_of("receipts", sender, of[sender], sent, corpus, self.variant),
            *(inbox_of(one, of[one], digests, corpus, self.variant) for one in receivers(self.plan)),
        ]

    async def _clocked(
        self, programs: Programs, traffic: Traffic, books: Books, steps_before: dict[str, float]
    ) -> Speed:
        services, documents = self.services, self.documents
        before = spent(services, programs, books)
        started = time.monotonic()
        programs.let_go()
        finished, samples = await self._follow(programs, traffic, books, self.total)
        acknowledged = time.monotonic()
        after, steps = spent(services, programs, books), await programs.steps()
        hub, broker, database = ((b - a) * 1e6 / documents for a, b in zip(before, after, strict=True))
        marks = [next(at for at, done, _ in samples if done >= WARM_UP + documents * part / 4) for part in range(1, 5)]
        quarters = [documents / 4 / max(b - a, _LOOK_EVERY_S) for a, b in zip([started, *marks], marks, strict=False)]
        return Speed(
            documents=documents,
            seconds=finished - started,
            hub_us=hub,
            broker_us=broker if services.broker_pid else None,
            database_us=database if services.database_pid else None,
            steps_us={name: (steps[name] - steps_before.get(name, 0.0)) * 1e6 / documents for name in steps},
            peak_mib=programs.memory_mib(),
            quarter_mib=next(memory for at, _, memory in samples if at >= marks[0]),
            end_mib=samples[-1][2],
            quarters=quarters,
            acknowledged_after_s=acknowledged - finished,
            packages=self.packages,
        )

    async def _follow(
        self, programs: Programs, traffic: Traffic, books: Books, documents: int
    ) -> tuple[float, list[tuple[float, float, float]]]:
        """Acknowledge what is dispatched until all is done; returns when the last publication was settled, and samples.

        A sample is (moment, documents committed, memory of the largest process in MiB).
        """
        copies = documents * self.plan.addressees
        late = self.variant.name == PLAIN or self.variant.processes > 1
        finished = acknowledged_at = 0.0
        samples: list[tuple[float, float, float]] = []
        best, since = Progress(0, 0, 0, 0), time.monotonic()
        while True:
            now = time.monotonic()
            found = await books.progress()
            if self.variant.name == PLAIN:
                # It has no outbox to look at; the receipt is the last that it publishes for a document.
                found = found._replace(outbox=documents - await traffic.receipts())
            samples.append((now, found.dispatched / self.plan.addressees, programs.memory_mib("VmRSS")))
            if found != best:
                best, since = found, now
            if now - since > _PATIENCE_S or not programs.running:
                raise RuntimeError(f"{self.variant.label} stands still: {found} of {copies} copies\n{programs.said()}")
            if found.dispatched == copies and not found.outbox and (finished or await self._all_in(books, documents)):
                finished = finished or now
                if found.fetched == copies and not found.pending:
                    return finished, samples
            if now - acknowledged_at >= ACKNOWLEDGE_EVERY_S:
                acknowledged_at = now
                await traffic.acknowledge(books, late=late, everything=bool(finished))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _all_in(self, books: Books, documents: int) -> bool:
        return documents == WARM_UP or await self.is_committed(books)

    def _check(
        self, result: Speed, counted: dict[str, tuple[int, int]], left: dict[str, int], found: dict[str, Found]
    ) -> None:
        """Compare what was found with what was promised, and note every difference in `result.broken`."""
        guarantees = counted | {f"left in ingress.{lane}": (number, 0) for lane, number in left.items()}
        for name, one in found.items():
            if one.messages > one.different == one.wanted:
                # At least once is what is promised: receivers drop repeats. A run that had any was disturbed, though.
                result.warnings.append(f"{name}: {one.messages - one.wanted} repeated")
            guarantees |= {
                f"{name} different": (one.different, one.wanted),
                f"{name} foreign": (one.foreign, 0),
                f"{name} sample verified": (one.held, one.checked),
            }
        result.guarantees = {name: number for name, (number, _) in guarantees.items()}
        result.broken = [
            f"{self.variant.label}: {name}: {number}, not {wanted}"
            for name, (number, wanted) in guarantees.items()
            if number != wanted
        ]


def spent(services: Services, programs: Programs, books: Books) -> tuple[float, float, float]:
    """Return the CPU seconds so far of the programs, the broker and the database, without the bench's own connection."""
    return programs.cpu_s, cpu_s(services.broker_pid), cpu_s(services.database_pid, books.backend_pids)


def receivers(plan: Plan) -> list[str]:
    """Return the endpoints that every package is addressed to."""
    return [endpoint_of(organ_id) for organ_id in PROVINCES[: plan.addressees]]
