"""The results as one JSON object for machines; `tables` shows the same to people."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.bench.latency import Latency
from tests.bench.machine import CORES, machine
from tests.bench.plan import Plan
from tests.bench.receivers import Received
from tests.bench.rounds import Case, limit, ratios, with_cores
from tests.bench.speed import Speed
from tests.bench.variants import DOCAXIS, FLOOR


@dataclass(slots=True)
class Result:
    """What a call of the bench gave; every part but the plan may have been left out."""

    plan: Plan
    load_before: float
    """Load average of the last minute before: what else ran on the machine."""
    cases: list[Case] = field(default_factory=list)
    latency: Latency | None = None
    received: Received | None = None
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def _all(self) -> list[Speed | Latency | Received]:
        others = [one for one in (self.latency, self.received) if one]
        return [run for case in self.cases for run in case.runs] + others

    @property
    def broken(self) -> list[str]:
        """Return every guarantee that did not hold."""
        return [line for one in self._all for line in one.broken]

    @property
    def warnings(self) -> list[str]:
        """Return what the programs under measure complained of."""
        return [line for one in self._all for line in one.warnings]

    @property
    def limit(self) -> float | None:
        """Return the limit in documents a second, the median over the rounds."""
        found = [limit(run, CORES) for case in self.cases if case.variant.name == FLOOR for run in case.runs]
        return median(one or 0.0 for one in found) if found and all(found) else None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; every key is named in docs/benchmark.md."""
        plan = self.plan
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "load_before": round(self.load_before, 2),
            "key": plan.key,
            "size_bytes": plan.size_bytes,
            "addressees": plan.addressees,
            "store": plan.store,
            "rounds": plan.rounds,
            "profiled": plan.profile is not None,
            "ratios": {name: round(value, 3) for name, value in ratios(self.cases, CORES).items()},
            "limit_documents_per_s": _rounded(self.limit),
            "variants": {case.label: self._case(case) for case in self.cases},
            "latency": None if self.latency is None else self._latency(self.latency),
            "receivers": None if self.received is None else _figures(self.received),
            "shares": {part: round(share, 3) for part, share in self.shares.items()},
            "broken": self.broken,
            "warnings": self.warnings,
            "as_promised": not self.broken,
        }

    def _case(self, case: Case) -> dict[str, Any]:
        rate = case.middle(lambda run: run.rate) or 0.0
        steps = {name for run in case.runs for name in run.steps_us}
        found = {
            "documents": case.documents,
            "seconds": _rounded(case.middle(lambda run: run.seconds), 3),
            "documents_per_s": _rounded(rate, 1),
            "deliveries_per_s": _rounded(rate * self.plan.addressees, 1),
            "rounds_documents_per_s": [round(run.rate, 1) for run in case.runs],
            "quarters_documents_per_s": [round(one, 1) for one in case.runs[-1].quarters],
            "acknowledged_after_s": _rounded(case.middle(lambda run: run.acknowledged_after_s), 3),
            "cpu_us_per_document": {
                "hub": _rounded(case.middle(lambda run: run.hub_us)),
                "broker": _rounded(case.middle(lambda run: run.broker_us)),
                "database": _rounded(case.middle(lambda run: run.database_us)),
                "all": _rounded(case.middle(lambda run: run.total_us)),
            },
            "steps_us_per_document": {
                name: _rounded(median(run.steps_us.get(name, 0.0) for run in case.runs)) for name in sorted(steps)
            },
            "hub_memory_mib": {
                "quarter": _rounded(case.middle(lambda run: run.quarter_mib), 1),
                "end": _rounded(case.middle(lambda run: run.end_mib), 1),
                "peak": _rounded(case.middle(lambda run: run.peak_mib), 1),
            },
            "guarantees": case.runs[-1].guarantees,
        }
        if self.plan.statuses:
            found |= _by_package(case)
        if case.variant.name == DOCAXIS:
            found["with_a_core_more_documents_per_s"] = _rounded(with_cores(case, CORES, CORES + 1))
        return found

    def _latency(self, latency: Latency) -> dict[str, Any]:
        first, last = latency.minutes[0], latency.minutes[-1]
        return _figures(latency) | {
            "minutes": [
                {name: round(value, 1) for name, value in asdict(minute).items()} for minute in latency.minutes
            ],
            "last_to_first_minute": {
                "receipt_p99": round(last.receipt_p99_ms / first.receipt_p99_ms, 2),
                "memory": round(last.memory_mib / first.memory_mib, 2) if first.memory_mib else None,
            },
        }


def _by_package(case: Case) -> dict[str, Any]:
    """Return the same figures for packages, where a document makes several."""
    each = case.runs[0].packages / case.documents
    microseconds = {
        "hub": case.middle(lambda run: run.hub_us),
        "broker": case.middle(lambda run: run.broker_us),
        "database": case.middle(lambda run: run.database_us),
        "all": case.middle(lambda run: run.total_us),
    }
    return {
        "packages": case.runs[0].packages,
        "packages_per_s": _rounded((case.middle(lambda run: run.rate) or 0.0) * each, 1),
        "cpu_us_per_package": {part: None if us is None else _rounded(us / each) for part, us in microseconds.items()},
    }


def _figures(one: Latency | Received) -> dict[str, Any]:
    return {name: round(value, 1) for name, value in asdict(one).items() if isinstance(value, int | float)}


def _rounded(value: float | None, digits: int = 0) -> float | None:
    if value is None:
        return None
    return round(value, digits) if digits else round(value)
