"""Every page of every role at a million documents: `./hub bench --pages`; the server's time and CPU for each."""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from shutil import rmtree
from typing import Any

import aiohttp
import asyncpg
from rich.console import Console
from rich.table import Table

from docaxis.domain.people import Role
from docaxis.local.service import ServiceError
from docaxis.wiring.pages import AREAS
from tests.bench import page_addresses as pages
from tests.bench.corpus import Corpus, corpus
from tests.bench.kept_million import kept_million
from tests.bench.machine import machine
from tests.bench.page_addresses import Asked
from tests.bench.page_keys import ClerkKeys, Keys, keys, keys_of_clerk
from tests.bench.page_meter import Meter
from tests.bench.page_octets import keep_octets
from tests.bench.page_rows import BUSIEST, COMMUNE, FEW, MINISTRY, Sitter, seat, set_clock
from tests.bench.plan import Plan
from tests.bench.services import Place, keeper_pid
from tests.bench.web_process import WebProcess

ASKED, WARM_UP = 20, 2
LIMIT_MS = 300.0
IDLE_S = 20.0
SETTLED_S, CALM_LOOKS, CALM_MS = 60.0, 3, 60.0
NO_BROKER = "amqp://nobody:nothing@127.0.0.1:9/"
"""The pages read the database; a broker would cost the small machine what they are measured on."""
COUNTED_APART = frozenset({"indicators", "indicators-one", "indicators-file"})
"""Pages that show what is counted beside them, once in ten minutes for each agency and period: not while they are measured."""
_TIMEOUT = aiohttp.ClientTimeout(total=120)
_CHECKED_DAY = "2026-10-15"


@dataclass(slots=True)
class PageTimes:
    """What was measured of one page for one person, in ms: until the last octet by the clock, and CPU of pages and database.

    first_ms and first_cpu_ms are those of the very first time, with nothing in memory; apart_cpu_ms is what was counted beside
    the page after the first two times.
    """

    who: str
    page: str
    about: str
    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float
    first_ms: float
    first_cpu_ms: float
    apart_cpu_ms: float
    kib: float
    unexpected: str = ""
    """An answer that was not the expected one."""


async def bench_pages(plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """Ask for every page of a filled database, which is kept for the next time; raises ServiceError."""
    load = os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp(prefix="pages-", dir=plan.cache))
    try:
        with corpus(plan) as packages:
            async with kept_million(plan, tell) as server:
                place = Place(NO_BROKER, server.dsn_of("million"), folder)
                result = await _at(place, packages, keeper_pid(server._service), tell)
    finally:
        rmtree(folder, ignore_errors=True)
    return result | {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "documents": plan.paged,
        "load_before": round(load, 2),
    }


async def _at(place: Place, packages: Corpus, database: int | None, tell: Callable[[str], None]) -> dict[str, Any]:
    connection = await asyncpg.connect(place.store_url.replace("+asyncpg", ""))
    try:
        sitters = await seat(connection, await set_clock(connection))
        everything = await keys(connection)
        clerks = {
            one.label: await keys_of_clerk(connection, one.organ_id, one.person_id)
            for one in sitters
            if one.role is Role.CLERK
        }
        looked_at = {key for own in clerks.values() for key in (*own.sent, *own.received)} | {everything.circular}
        await keep_octets(connection, packages, looked_at)
    finally:
        await connection.close()
    web = WebProcess(place, packages, (BUSIEST, MINISTRY, COMMUNE))
    await web.start()
    try:
        meter = Meter(web.pid, database)
        await _settled(meter)
        found = [times async for times in _asked(web.address, meter, list(_all(sitters, everything, clerks)), tell)]
        tell("a check of a day of the log")
        auditor = next(one for one in sitters if one.role is Role.AUDITOR)
        check = await _check(web.address, auditor, meter)
        idle = meter.cpu_ms
        await asyncio.sleep(IDLE_S)
        idle = (meter.cpu_ms - idle) / IDLE_S
        memory = web.memory_mib()
        complaints = web.warnings()
    finally:
        await web.stop()
    broken = [f"{one.who}: {one.page} {one.about}: {one.unexpected}" for one in found if one.unexpected]
    return {
        "pages": [asdict(one) for one in found],
        "check": check,
        "idle_cpu_ms_per_s": round(idle, 1),
        "web_memory_mib": round(memory, 1),
        "slow": [f"{one.who}: {one.page} {one.about}" for one in found if one.cpu_p95_ms >= LIMIT_MS],
        "warnings": complaints,
        "broken": broken,
        "as_promised": not broken,
    }


def _all(
    sitters: Sequence[Sitter], everything: Keys, clerks: dict[str, ClerkKeys]
) -> Iterator[tuple[Sitter | None, Asked]]:
    """Yield who asks for what (nobody: who has not signed in), one page of each person in turn."""
    asked: list[tuple[Sitter | None, list[Asked]]] = [(None, list(pages.of_anybody(everything)))]
    for sitter in sitters:
        mine = list(pages.of_role(sitter.role)) if sitter.whole else []
        if sitter.role is Role.CLERK:
            other = MINISTRY if sitter.organ_id == BUSIEST else BUSIEST
            mine += pages.of_clerk(everything, clerks[sitter.label], other, whole=sitter.whole)
            if sitter.organ_id == BUSIEST:
                asked.append((sitter, list(pages.of_the_circular(everything))))
        elif sitter.role is Role.AUDITOR:
            asked_for = sitter.agencies or (BUSIEST, MINISTRY, COMMUNE, *FEW)
            mine += pages.of_auditor(everything, asked_for, all_agencies=not sitter.agencies)
        elif sitter.role is Role.OPERATOR:
            mine += [*pages.of_operator(everything), *pages.of_both(everything)]
        else:
            mine += [*pages.of_administrator(everything), *pages.of_both(everything)]
        asked.append((sitter, mine))
    for turn in zip_longest(*(mine for _, mine in asked)):
        yield from ((sitter, one) for (sitter, _), one in zip(asked, turn, strict=True) if one is not None)


async def _settled(meter: Meter) -> None:
    """Wait until what a process looks up at its start, or counts beside a page, is done, so that no page is charged for it."""
    until = time.monotonic() + SETTLED_S
    calm = 0
    while calm < CALM_LOOKS and time.monotonic() < until:
        before = meter.cpu_ms
        await asyncio.sleep(1)
        calm = calm + 1 if meter.cpu_ms - before < CALM_MS else 0


async def _asked(
    origin: str, meter: Meter, everything: Sequence[tuple[Sitter | None, Asked]], tell: Callable[[str], None]
) -> Any:
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        for sitter, asked in everything:
            found = await _measured(session, origin, meter, sitter, asked)
            tell(
                f"{found.who}: {found.page} {found.about}: p95 {found.p95_ms:.0f} ms, "
                f"CPU {found.cpu_p50_ms:.0f} and {found.cpu_p95_ms:.0f} {found.unexpected}"
            )
            yield found


async def _measured(
    session: aiohttp.ClientSession, origin: str, meter: Meter, sitter: Sitter | None, asked: Asked
) -> PageTimes:
    headers = {"Cookie": f"docaxis={sitter.cookie}"} if sitter else {}
    times, cpu, octets, unexpected, apart = [], [], 0, "", 0.0
    for number in range(WARM_UP + ASKED):
        if number == WARM_UP and asked.page in COUNTED_APART:
            begun_cpu = meter.cpu_ms
            await _settled(meter)
            apart = meter.cpu_ms - begun_cpu
        path = asked.addresses[number % len(asked.addresses)]
        begun, begun_cpu = time.perf_counter(), meter.cpu_ms
        async with session.get(f"{origin}{path}", headers=headers, allow_redirects=False) as answer:
            octets += len(await answer.read())
        times.append((time.perf_counter() - begun) * 1000)
        cpu.append(meter.cpu_ms - begun_cpu)
        if answer.status != asked.status:
            unexpected = f"{answer.status} of {path}"
    p50, p95 = _shares(times[WARM_UP:], 0.5, 0.95)
    cpu_p50, cpu_p95 = _shares(cpu[WARM_UP:], 0.5, 0.95)
    who = sitter.label if sitter else "anybody"
    kib = octets / len(times) / 1024
    return PageTimes(who, asked.page, asked.about, p50, p95, cpu_p50, cpu_p95, times[0], cpu[0], apart, kib, unexpected)


async def _check(origin: str, auditor: Sitter, meter: Meter) -> dict[str, Any]:
    """Let a day of the log be checked as the page does, and return how many entries and at what cost."""
    headers = {"Cookie": f"docaxis={auditor.cookie}", "Origin": origin, "Sec-Fetch-Site": "same-origin"}
    form = {"csrf": f"token-{auditor.login}", "first": _CHECKED_DAY, "last": _CHECKED_DAY}
    told: dict[str, Any] = {}
    async with aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session:
        begun, begun_cpu = time.perf_counter(), meter.cpu_ms
        start = pages_path("verify-start")
        async with session.post(f"{origin}{start}", data=form, allow_redirects=False) as answer:
            if answer.status != 303:
                raise ServiceError(f"the check did not begin: {answer.status}")
        async with session.get(f"{origin}{pages.PATHS['verify-stream']}") as stream:
            async for line in stream.content:
                if line.startswith(b"data: "):
                    told = json.loads(line[6:])
        seconds, cpu = time.perf_counter() - begun, meter.cpu_ms - begun_cpu
    return {
        "entries": told["whole"],
        "faults": told["faults"],
        "state": told["state"],
        "seconds": round(seconds, 2),
        "cpu_us_per_entry": round(cpu * 1000 / max(1, told["whole"]), 1),
    }


def pages_path(name: str) -> str:
    """Return the path of a page that acts."""
    return next(page.path for area in AREAS for page in area.pages if page.name == name)


def _shares(times: Sequence[float], *shares: float) -> list[float]:
    ordered = sorted(times)
    return [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in shares]


def show(result: dict[str, Any], console: Console) -> None:
    """Print the table for people."""
    columns = ("who", "page", "p50 ms", "p95 ms", "CPU p50", "CPU p95", "first ms", "first CPU", "KiB")
    table = Table(*columns, title=f"{result['documents']} documents")
    figures = ("p50_ms", "p95_ms", "cpu_p50_ms", "cpu_p95_ms", "first_ms", "first_cpu_ms", "kib")
    for one in result["pages"]:
        name = f"{one['page']}: {one['about']}" if one["about"] else one["page"]
        table.add_row(one["who"], name, *(f"{one[figure]:.0f}" for figure in figures))
    console.print(table)
    check = result["check"]
    console.print(
        f"check of a day: {check['entries']} entries, {check['cpu_us_per_entry']} us of CPU each, {check['state']}"
    )
    console.print(
        f"nobody asking: {result['idle_cpu_ms_per_s']} ms of CPU a second; pages' memory {result['web_memory_mib']} MiB; "
        f"load before (1 min): {result['load_before']}"
    )
    slow = "; ".join(result["slow"])
    console.print(
        f"CPU p95 of {LIMIT_MS:.0f} ms or more: {slow}" if slow else f"every page takes under {LIMIT_MS:.0f} ms"
    )
    for line in (*result["broken"], *result["warnings"]):
        console.print(f"[red]{line}", markup=True)
