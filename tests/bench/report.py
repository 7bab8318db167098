"""The figures as a table for people and as JSON for machines."""

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.latency import Latency
from tests.bench.plan import Plan
from tests.bench.speed import Speed

_VERSIONS = ("aiormq", "asyncpg", "cryptography", "lxml", "SQLAlchemy", "uvloop")


@dataclass(frozen=True, slots=True)
class Result:
    """Both runs; the second may have been left out."""

    plan: Plan
    speed: Speed
    latency: Latency | None
    load_before: float
    """Load average of the last minute before: what else ran on the machine."""

    @property
    def broken(self) -> list[str]:
        """Return every guarantee that did not hold, and what the hubs complained of."""
        return self.speed.broken + (self.latency.broken if self.latency else [])

    @property
    def warnings(self) -> list[str]:
        """Return what the hubs logged above `info`."""
        return self.speed.warnings + (self.latency.warnings if self.latency else [])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; every key is named in docs/benchmark.md."""
        speed = self.speed
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "load_before": round(self.load_before, 2),
            "documents": speed.documents,
            "key": self.plan.key,
            "size_bytes": self.plan.size_bytes,
            "addressees": self.plan.addressees,
            "processes": self.plan.processes,
            "store": self.plan.store,
            "profiled": self.plan.profile is not None,
            "seconds": round(speed.seconds, 3),
            "documents_per_s": round(speed.rate, 1),
            "deliveries_per_s": round(speed.rate * self.plan.addressees, 1),
            "quarters_documents_per_s": [round(rate, 1) for rate in speed.quarters],
            "acknowledged_after_s": round(speed.acknowledged_after_s, 3),
            "cpu_us_per_document": {
                "hub": round(speed.hub_us),
                "broker": None if speed.broker_us is None else round(speed.broker_us),
                "database": None if speed.database_us is None else round(speed.database_us),
            },
            "steps_us_per_document": {name: round(value) for name, value in speed.steps_us.items()},
            "hub_memory_mib": {
                "quarter": round(speed.quarter_mib, 1),
                "end": round(speed.end_mib, 1),
                "peak": round(speed.peak_mib, 1),
            },
            "latency": None if self.latency is None else _rounded(self.latency),
            "guarantees": speed.guarantees,
            "broken": self.broken,
            "warnings": self.warnings,
            "as_promised": not self.broken,
        }

    def show(self, console: Console) -> None:
        """Print the tables."""
        speed, plan = self.speed, self.plan
        title = (
            f"{speed.documents} documents of {plan.size_bytes} bytes ({plan.key}) to {plan.addressees} addressees, "
            f"{plan.processes} hub process(es), {plan.store}"
            + (", under cProfile: no figure to quote" if plan.profile else "")
        )
        table = Table("measure", "value", title=title, title_justify="left")
        rows = {
            "documents/s": f"{speed.rate:.0f}",
            "deliveries/s": f"{speed.rate * plan.addressees:.0f}",
            "documents/s by quarter": " ".join(f"{rate:.0f}" for rate in speed.quarters),
            "CPU µs/document: hub": f"{speed.hub_us:.0f}",
            "CPU µs/document: broker": "?" if speed.broker_us is None else f"{speed.broker_us:.0f}",
            "CPU µs/document: database": "in the hub" if speed.database_us is None else f"{speed.database_us:.0f}",
            **{f"step {name}, µs/document by the clock": f"{value:.0f}" for name, value in speed.steps_us.items()},
            "hub memory MiB: quarter / end / peak": " / ".join(
                f"{size:.0f}" for size in (speed.quarter_mib, speed.end_mib, speed.peak_mib)
            ),
        }
        if self.latency:
            latency = self.latency
            rows |= {
                "second run, documents/s": f"{latency.sent_rate:.0f}",
                "publish to receipt, p50 / p99 ms": f"{latency.receipt_p50_ms:.0f} / {latency.receipt_p99_ms:.0f}",
                "publish to delivery, p50 / p99 ms": f"{latency.delivery_p50_ms:.0f} / {latency.delivery_p99_ms:.0f}",
                "publish to the last delivery, p99 ms": f"{latency.last_delivery_p99_ms:.0f}",
            }
        rows["load before (1 min)"] = f"{self.load_before:.1f}"
        rows["guarantees"] = "all held" if not self.broken else "; ".join(self.broken)
        for name, value in rows.items():
            table.add_row(name, value)
        console.print(table)
        for line in self.warnings[:10]:
            console.print(line, markup=False, highlight=False)


def machine() -> dict[str, str | int]:
    """Return what the figures depend on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONS},
    }


def _rounded(latency: Latency) -> dict[str, Any]:
    found = asdict(latency)
    del found["broken"], found["warnings"]
    return {name: round(value, 1) for name, value in found.items()}
