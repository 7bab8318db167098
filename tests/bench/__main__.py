"""`./hub bench [OPTIONS]`: measure, print, and end with 1 when a guarantee did not hold."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from math import ceil
from typing import Any

import uvloop
from rich.console import Console

from docaxis.local.service import ServiceError
from docaxis.logs import set_up_logs
from tests.bench import latency, pages, queries, receivers, streams, tables
from tests.bench.corpus import Corpus, corpus
from tests.bench.plan import Plan, read_arguments
from tests.bench.report import Result
from tests.bench.rounds import alternate
from tests.bench.services import Services
from tests.bench.shares import shares
from tests.bench.statuses import Statuses
from tests.bench.variants import DOCAXIS, Variant

NO_SERVICE, STOPPED = 69, 130
_PAPER_WIDTH = 130
_RATE_GUESSED = 400.0
"""Packages a second that are signed for the run at half load before its rate is known, so that the machine rests in between."""


async def bench(plan: Plan, console: Console) -> Result:
    """Do what the plan asks for; raises ServiceError where broker or database cannot be had."""
    result = Result(plan, os.getloadavg()[0])
    with corpus(plan) as packages:
        guess = 0.0 if plan.steady else _RATE_GUESSED
        most = max(plan.documents, ceil((plan.rate or guess) * plan.latency_s) if plan.latency else 0)
        console.log(f"signing {most} packages with {plan.key}, unless they are kept from before")
        packages.provide(most)
        if plan.statuses:
            statuses = Statuses(packages)
            console.log(f"signing {plan.documents * statuses.each} statuses, unless they are kept from before")
            statuses.provide(plan.documents, plan.key)
        console.log(f"starting the broker and {plan.store}")
        async with Services(plan) as services:
            if not (plan.steady and plan.rate):
                result.cases = await alternate(plan, services, packages, console.log)
            if plan.latency:
                await _at_half_load(plan, services, packages, result, console)
    if plan.profile:
        result.shares = shares(plan.profile)
    return result


async def _at_half_load(plan: Plan, services: Services, packages: Corpus, result: Result, console: Console) -> None:
    variant = Variant(DOCAXIS, plan.processes[0])
    measured = [case.middle(lambda run: run.rate) or 0.0 for case in result.cases if case.variant == variant]
    rate = plan.rate or measured[0] / 2
    count = max(1, int(rate * plan.latency_s))
    packages.provide(count)
    console.log(f"{count} documents at {rate:.0f}/s")
    result.latency = await latency.measure(plan, services, packages, variant, rate, count)
    if plan.receivers:
        console.log(f"{count} documents at {rate:.0f}/s with real receivers")
        result.received = await receivers.measure(plan, services, packages, variant, rate, count)


def main(arguments: list[str] | None = None) -> int:
    """Run and print; returns the exit status."""
    plan, as_json = read_arguments(arguments)
    set_up_logs("warning", json_lines=False)
    talk = Console(stderr=True)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if plan.queried:
                found = runner.run(queries.bench_queries(plan, plan.queried, talk.log))
                return _told(found, queries.show, as_json=as_json)
            if plan.paged:
                return _told(runner.run(pages.bench_pages(plan, talk.log)), pages.show, as_json=as_json)
            if plan.streams:
                return _told(runner.run(streams.bench_streams(plan, talk.log)), streams.show, as_json=as_json)
            result = runner.run(bench(plan, talk))
    except ServiceError as error:
        talk.print(f"[red]{error}")
        return NO_SERVICE
    except KeyboardInterrupt:
        return STOPPED
    if as_json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    else:
        tables.show(result, _paper())
    return 1 if result.broken else 0


def _told(result: dict[str, Any], show: Callable[[dict[str, Any], Console], None], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show(result, _paper())
    return 1 if result["broken"] else 0


def _paper() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_PAPER_WIDTH)


if __name__ == "__main__":
    sys.exit(main())
