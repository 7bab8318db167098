"""The clerk's questions at a million documents: `./hub bench --queries`; times, and that none reads a whole table."""

import asyncio
import json
import os
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, text

from docaxis.backends.clerk.work import ClerkWork
from docaxis.backends.queries import Queries
from docaxis.backends.reading import Reading
from docaxis.local.postgres import PrivatePostgres
from tests.bench.list_queries import Ask, Known, lists_asked
from tests.bench.machine import machine
from tests.bench.million import LOADED, fill
from tests.bench.plan import Plan

ASKED = 200
"""Times that each question is asked, each time about something else."""

WARM_UP, EXPLAINED = 10, 10

LIMIT_MS = 50.0

SMALL = 500_000
"""Below so many documents to read a whole table may be the quicker way, and is no fault."""


@dataclass(slots=True)
class Question:
    """What was measured of one question, in milliseconds, objects and connection included.

    CPU is that of the caller and of its database process, which other programs on the machine do not change much.
    """

    name: str
    p50_ms: float
    p95_ms: float
    longest_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float
    rows: float
    scanned: list[str] = field(default_factory=list)
    """Big tables that a statement of it read from end to end."""


async def measure(url: str, tell: Callable[[str], None], asked: int = ASKED) -> list[Question]:
    """Ask every question of a filled database."""
    statements: list[tuple[str, Any]] = []
    known = await _known(url)
    found = []
    async with ClerkWork(url, 1) as clerk, Queries(url, 1) as queries:
        for one in (clerk, queries):
            event.listen(
                one._engine.sync_engine,
                "before_cursor_execute",
                lambda _c, _k, sql, values, *_: statements.append((sql, values)),
            )
        busy = {id(one): await _cpu_of(one) for one in (clerk, queries)}
        for name, (asked_of, ask) in _questions(clerk, queries, known).items():
            for _ in range(WARM_UP):
                await ask()
            cpu_ms = busy[id(asked_of)]
            times, cpu, rows = [], [], 0
            for _ in range(asked):
                begun, begun_cpu = time.perf_counter(), cpu_ms()
                rows += len(await ask())
                times.append((time.perf_counter() - begun) * 1000)
                cpu.append(cpu_ms() - begun_cpu)
            statements.clear()
            for _ in range(EXPLAINED):
                await ask()
            scanned = await _scanned(url, list(statements))
            cpu_p50, cpu_p95 = _shares(cpu, 0.5, 0.95)
            p50, p95, longest = _shares(times, 0.5, 0.95, 1)
            found.append(Question(name, p50, p95, longest, cpu_p50, cpu_p95, rows / asked, scanned))
            tell(f"{name}: p95 {found[-1].p95_ms:.1f} ms, {found[-1].cpu_p95_ms:.1f} ms of CPU")
    return found


async def _cpu_of(queries: Reading) -> Callable[[], float]:
    """Return a clock of the CPU, in ms, that this process and the database process of its one connection have used."""
    async with queries._engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    schedule = Path(f"/proc/{pid}/schedstat")
    return lambda: time.process_time() * 1000 + int(schedule.read_text(encoding="ascii").split()[0]) / 1e6


def _shares(times: list[float], *shares: float) -> list[float]:
    ordered = sorted(times)
    return [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in shares]


def _questions(clerk: ClerkWork, queries: Queries, known: Known) -> dict[str, tuple[Reading, Ask]]:
    draw = random.Random(7)
    pick: Callable[[Sequence[Any]], Any] = draw.choice

    def words(count: int) -> str:
        return " ".join(pick(known.words) for _ in range(count))

    def number() -> str:
        return "/".join(pick(known.numbers))

    asked_of_clerk: dict[str, Ask] = {
        "newest documents": clerk.documents,
        "sent by an agency": lambda: clerk.documents(sender=pick(known.senders)),
        "sent, with unfinished addressees": lambda: clerk.unfinished(pick(known.senders)),
        "overdue, by sender": lambda: clerk.overdue(sender=pick(known.senders)),
        "overdue, by addressee": lambda: clerk.overdue(organ_id=pick(known.organs)),
        "overdue, all": clerk.overdue,
        "refused, by sender": lambda: clerk.refused(pick(known.senders)),
        "refused, all": clerk.refused,
        "recalled and unanswered, by sender": lambda: clerk.recalled(sender=pick(known.senders)),
        "recalled and unanswered, by addressee": lambda: clerk.recalled(organ_id=pick(known.organs)),
        "received by an agency": lambda: clerk.received(pick(known.organs)),
        "received, needs an answer": lambda: clerk.unanswered(pick(known.organs)),
        "by number and notation": lambda: clerk.numbered(number()),
        "by number and notation, sender": lambda: clerk.numbered(number(), sender=pick(known.senders)),
        "by number alone": lambda: clerk.numbered(pick(known.numbers)[0]),
        "a word in every document": lambda: clerk.documents("ve viec"),
        "a word in every document, sender": lambda: clerk.documents("ve viec", sender=pick(known.senders)),
        "a word of a subject": lambda: clerk.documents(words(1)),
        "a word of a subject, sender": lambda: clerk.documents(words(1), sender=pick(known.senders)),
        "two words of different subjects": lambda: clerk.documents(words(2)),
        "number, notation and a word": lambda: clerk.documents(f"{number()} {words(1)}"),
        "a word in one document": lambda: clerk.documents(f"duan{draw.randrange(1, 10_000) * 100}"),
        "a word that is in none": lambda: clerk.documents(f"khong{draw.randrange(10**6)}"),
        "beginning of a word": lambda: clerk.documents(words(1)[:2] + "*"),
        "beginning of a rare word": lambda: clerk.documents(f"duan{draw.randrange(1, 100)}*"),
        "a word, received by an agency": lambda: clerk.documents(words(1), received_by=pick(known.organs)),
    }
    asked_of_clerk |= lists_asked(clerk, known, pick, words)
    return {
        "everything about a document": (queries, lambda: queries.timelines(pick(known.ids))),
        **{name: (clerk, ask) for name, ask in asked_of_clerk.items()},
    }


async def _known(url: str) -> Known:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("SELECT setseed(0.1)")
        drawn = await connection.fetch(
            "SELECT sender, code_number, code_notation, document_id, folded, organ_id, accepted_at FROM documents "
            "JOIN deliveries USING (document_key) WHERE random() < 2000.0 / (SELECT count(*) FROM deliveries)"
        )
    finally:
        await connection.close()
    return Known(
        senders=[row["sender"] for row in drawn],
        organs=[row["organ_id"] for row in drawn],
        numbers=[(row["code_number"], row["code_notation"]) for row in drawn],
        words=[word for row in drawn for word in row["folded"].split()[5:]],
        ids=[row["document_id"] for row in drawn],
        days=[row["accepted_at"] for row in drawn],
    )


async def _scanned(url: str, statements: Sequence[tuple[str, Any]]) -> list[str]:
    """Run statements again under EXPLAIN, planned for their values and planned for any, and name the big tables scanned."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    scanned: set[str] = set()
    try:
        await connection.execute("SET jit = off; SET default_transaction_read_only = on")
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"SET plan_cache_mode = {mode}")
            for statement, values in statements:
                prepared = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)
                scanned |= set(_scans(json.loads(prepared)[0]["Plan"]))
    finally:
        await connection.close()
    return sorted(scanned)


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"].endswith("Seq Scan") and plan["Actual Loops"] and plan["Relation Name"] in LOADED:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


async def bench_queries(plan: Plan, documents: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Fill a database of a private server and ask; raises ServiceError. Nothing of it is left afterwards."""
    plan.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="million-", dir=plan.cache))
    server = PrivatePostgres(folder, downloads=plan.downloads, durable=True)
    load = os.getloadavg()[0]
    try:
        await asyncio.to_thread(server.start)
        url = await asyncio.to_thread(server.create_database, f"million{secrets.token_hex(4)}")
        tell(f"filling {documents} documents")
        await fill(url, documents, tell)
        found = await measure(url, tell)
    finally:
        await asyncio.to_thread(server.kill)
        shutil.rmtree(folder, ignore_errors=True)
    return described(found, documents, load)


def described(found: Sequence[Question], documents: int, load: float) -> dict[str, Any]:
    """Return the JSON object; every key is named in docs/benchmark.md."""
    judged = found if documents >= SMALL else ()
    broken = [f"{one.name}: reads all of {', '.join(one.scanned)}" for one in judged if one.scanned]
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load_before": round(load, 2),
        "documents": documents,
        "questions": [asdict(one) for one in found],
        "slow": [one.name for one in found if one.p95_ms >= LIMIT_MS],
        "broken": broken,
        "as_promised": not broken,
    }


def show(result: dict[str, Any], console: Console) -> None:
    """Print the table for people."""
    table = Table(
        "question",
        "p50 ms",
        "p95 ms",
        "longest ms",
        "CPU p50",
        "CPU p95",
        "rows",
        title=f"{result['documents']} documents",
    )
    for one in result["questions"]:
        figures = ("p50_ms", "p95_ms", "longest_ms", "cpu_p50_ms", "cpu_p95_ms", "rows")
        table.add_row(one["name"], *(f"{one[figure]:.1f}" for figure in figures))
    console.print(table)
    console.print(f"load before (1 min): {result['load_before']}")
    slow = ", ".join(result["slow"])
    console.print(f"p95 of {LIMIT_MS:.0f} ms or more: {slow}" if slow else f"every p95 is under {LIMIT_MS:.0f} ms")
    if result["documents"] >= SMALL:
        console.print("; ".join(result["broken"]) or "no question reads a whole table")
