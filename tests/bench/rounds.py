"""Everything in turn, round after round in another order, so that a machine that changes its mind changes it for all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.corpus import Corpus
from tests.bench.plan import Plan
from tests.bench.services import Services
from tests.bench.speed import Run, Speed
from tests.bench.status_mix import StatusRun
from tests.bench.variants import DOCAXIS, FLOOR, PLAIN, Variant, variants


@dataclass(slots=True)
class Case:
    """One thing that runs in every round, with what each round gave."""

    variant: Variant
    documents: int
    agencies: int = 0
    runs: list[Speed] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Return its name in the results."""
        return f"{self.variant.label}_of_{self.agencies}_agencies" if self.agencies else self.variant.label

    def middle(self, of: Callable[[Speed], float | None]) -> float | None:
        """Return the median over the rounds; None where a part was not ours to see."""
        values = [value for run in self.runs if (value := of(run)) is not None]
        return median(values) if values else None


def cases(plan: Plan) -> list[Case]:
    """Return what a plan runs."""
    found = [Case(one, one.documents(plan)) for one in variants(plan)]
    if plan.agencies:
        found += [Case(one.variant, one.documents, plan.agencies) for one in found]
    return found


async def alternate(plan: Plan, services: Services, corpus: Corpus, tell: Callable[[str], None]) -> list[Case]:
    """Do all rounds."""
    found = cases(plan)
    for number in range(plan.rounds):
        turn = number % len(found)
        for case in found[turn:] + found[:turn]:
            kind = StatusRun if plan.statuses else Run
            run = kind(plan, services, corpus, case.variant, case.documents, case.agencies)
            case.runs.append(await run.measure())
            tell(f"round {number + 1} of {plan.rounds}: {case.label}: {case.runs[-1].rate:.0f} documents/s")
    return found


def limit(run: Speed, cores: int) -> float | None:
    """Return documents/s that all cores would do with nothing but the floor's work; None where parts were not seen."""
    if run.broker_us is None or run.database_us is None:
        return None
    return cores * 1e6 / run.total_us


def ratios(found: Sequence[Case], cores: int) -> dict[str, float]:
    """Return every ratio as the median over the rounds of what two neighbours in a round did."""
    by_name = {case.variant.name: case for case in found if not case.agencies}
    result: dict[str, float] = {}
    for case in found:
        base = next((one for one in found if one.variant == case.variant and not one.agencies), None)
        if case.agencies and base:
            result[f"{case.label}_to_{base.label}"] = _ratio(case.runs, [one.rate for one in base.runs])
        elif case.variant.name == DOCAXIS and PLAIN in by_name:
            result[f"{case.label}_to_plain"] = _ratio(case.runs, [one.rate for one in by_name[PLAIN].runs])
        limits = [limit(run, cores) for run in by_name[FLOOR].runs] if FLOOR in by_name else []
        if case.variant.name != FLOOR and limits and all(limits):
            result[f"{case.label}_to_limit"] = _ratio(case.runs, [one or 0.0 for one in limits])
            # What the same CPU would give if no core ever waited: steadier than rates where others use the machine.
            pairs = zip(by_name[FLOOR].runs, case.runs, strict=True)
            result[f"{case.label}_to_limit_by_cpu"] = median(floor.total_us / run.total_us for floor, run in pairs)
    return result


def _ratio(runs: Sequence[Speed], others: Sequence[float]) -> float:
    return median(run.rate / other for run, other in zip(runs, others, strict=True))


def with_cores(case: Case, cores_now: int, cores: int) -> float | None:
    """Return documents/s as computed for another number of cores, from the CPU a document costs the parts.

    Two bounds: a hub process uses one core, and all parts together use them all. As busy as the cores were in the run
    (a measured rate of what its CPU allowed) they are taken to be again.
    """
    hub, total, rate = (case.middle(of) for of in (lambda run: run.hub_us, _total, lambda run: run.rate))
    if hub is None or total is None or rate is None:
        return None
    now, then = (min(case.variant.processes * 1e6 / hub, count * 1e6 / total) for count in (cores_now, cores))
    return then * min(1.0, rate / now)


def _total(run: Speed) -> float | None:
    return run.total_us if run.broker_us is not None and run.database_us is not None else None
