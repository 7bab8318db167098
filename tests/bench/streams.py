"""Open live pages beside the load: `./hub bench --streams N`; what they cost the hub, and what the pages' process takes."""

import os
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from docaxis.domain.people import Role
from docaxis.hub.ids import new_id
from docaxis.wiring import utc_now
from tests.bench.books import Books
from tests.bench.corpus import corpus
from tests.bench.live import LivePages
from tests.bench.machine import machine
from tests.bench.page_addresses import PATHS
from tests.bench.page_rows import Sitter, sign_in
from tests.bench.plan import Plan
from tests.bench.programs import Programs
from tests.bench.registration import CONNECTED
from tests.bench.services import Place, Services
from tests.bench.speed import Run, Speed
from tests.bench.traffic import Traffic
from tests.bench.variants import DOCAXIS, Variant
from tests.bench.web_process import WebProcess


@dataclass(slots=True)
class Beside:
    """What the pages' process gave in one run; CPU as a share of one core while the clock ran, memory at its end."""

    cpu_s: float = 0.0
    share: float = 0.0
    memory_mib: float = 0.0
    messages: int = 0
    octets: int = 0
    still_open: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LiveRun(Run):
    """A run with so many open live pages, of clerks of all agencies that take part; of none the process is not started."""

    streams: int = 0
    beside: Beside = field(default_factory=Beside)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _places: list[Place] = field(default_factory=list)
    _opened: list[tuple[WebProcess, LivePages]] = field(default_factory=list)

    async def _at(self, place: Place) -> Speed:
        self._places.append(place)
        async with self._stack:
            return await Run._at(self, place)

    async def fill(self, traffic: Traffic) -> int:
        """Open the pages while the hub is held, then fill the ingress."""
        if self.streams:
            (place,) = self._places
            web = WebProcess(place, self.corpus)
            self._stack.push_async_callback(web.stop)
            await web.start()
            pages = LivePages(web.address, PATHS["changes"], await _sat_down(place.store_url), self.streams)
            self._opened.append((web, await self._stack.enter_async_context(pages)))
        return await Run.fill(self, traffic)

    async def _clocked(
        self, programs: Programs, traffic: Traffic, books: Books, steps_before: dict[str, float]
    ) -> Speed:
        before = [web.cpu_s for web, _ in self._opened]
        result = await Run._clocked(self, programs, traffic, books, steps_before)
        for (web, pages), cpu_s in zip(self._opened, before, strict=True):
            beside = self.beside
            beside.cpu_s = web.cpu_s - cpu_s
            beside.share = beside.cpu_s / (result.seconds + result.acknowledged_after_s)
            beside.memory_mib = web.memory_mib()
            beside.messages, beside.octets, beside.still_open = pages.messages, pages.octets, pages.still_open
            beside.warnings = web.warnings()
        return result


async def bench_streams(plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """Run one hub process with and without open pages, in turn; raises ServiceError."""
    load = os.getloadavg()[0]
    runs: dict[int, list[tuple[Speed, Beside]]] = {0: [], plan.streams: []}
    with corpus(plan) as packages:
        packages.provide(plan.documents)
        async with Services(plan) as services:
            for number in range(plan.rounds):
                for streams in list(runs)[:: 1 if number % 2 else -1]:
                    variant = Variant(DOCAXIS, 1)
                    run = LiveRun(plan, services, packages, variant, plan.documents, streams=streams)
                    runs[streams].append((await run.measure(), run.beside))
                    speed, beside = runs[streams][-1]
                    tell(
                        f"{streams} streams: {speed.rate:.0f} documents/s, hub {speed.hub_us:.0f} us; "
                        f"pages {beside.share:.0%} of a core, {beside.messages} messages"
                    )
    return _described(plan, runs, load)


async def _sat_down(url: str) -> list[Sitter]:
    """Give a clerk of each agency that takes part an account and a session."""
    now = utc_now()
    sitters = [
        Sitter(organ_id, f"clerk-{number}", Role.CLERK, organ_id, secrets.token_urlsafe(32), new_id(now))
        for number, organ_id in enumerate(CONNECTED)
    ]
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for one in sitters:
            await sign_in(connection, one, now)
    finally:
        await connection.close()
    return sitters


def _described(plan: Plan, runs: dict[int, list[tuple[Speed, Beside]]], load: float) -> dict[str, Any]:
    cases = {}
    for streams, found in runs.items():
        speeds = [speed for speed, _ in found]
        cases[str(streams)] = {
            "documents_per_s": round(median(one.rate for one in speeds), 1),
            "rounds_documents_per_s": [round(one.rate, 1) for one in speeds],
            "hub_us": round(median(one.hub_us for one in speeds)),
            "rounds_hub_us": [round(one.hub_us) for one in speeds],
            "database_us": round(median(one.database_us or 0.0 for one in speeds)),
            "beside": [asdict(beside) for _, beside in found] if streams else [],
        }
    everything = [one for found in runs.values() for one in found]
    lost = [
        f"{n} streams: {b.still_open} still open" for n, found in runs.items() for _, b in found if b.still_open < n
    ]
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load_before": round(load, 2),
        "documents": plan.documents,
        "rounds": plan.rounds,
        "streams": cases,
        "warnings": [line for speed, beside in everything for line in (*speed.warnings, *beside.warnings)],
        "broken": [line for speed, _ in everything for line in speed.broken] + lost,
    }


def show(result: dict[str, Any], console: Console) -> None:
    """Print the table for people."""
    table = Table("open pages", "documents/s", "hub us", "database us", "pages: core", "MiB", "messages")
    for streams, one in result["streams"].items():
        beside = [
            f"{median(found[name] for found in one['beside']):{form}}" if one["beside"] else ""
            for name, form in (("share", ".0%"), ("memory_mib", ".0f"), ("messages", ",.0f"))
        ]
        table.add_row(streams, str(one["documents_per_s"]), str(one["hub_us"]), str(one["database_us"]), *beside)
    console.print(table)
    console.print(
        f"medians of {result['rounds']} rounds of {result['documents']} documents; load before: {result['load_before']}"
    )
    for line in (*result["broken"], *result["warnings"]):
        console.print(line, markup=False)
