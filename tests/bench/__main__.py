"""`./hub bench [OPTIONS]`: measure, print, and end with 1 when a guarantee did not hold."""

import asyncio
import json
import os
import sys
from math import ceil

import uvloop
from rich.console import Console

from docaxis.local.service import ServiceError
from docaxis.logs import set_up_logs
from tests.bench import latency, report, speed
from tests.bench.corpus import corpus
from tests.bench.plan import Plan, read_arguments
from tests.bench.services import Services

NO_SERVICE, STOPPED = 69, 130


async def bench(plan: Plan, console: Console) -> report.Result:
    """Do both runs; raises ServiceError where broker or database cannot be had."""
    load_before = os.getloadavg()[0]
    most = max(plan.documents, ceil(plan.rate * plan.latency_s))
    console.log(f"signing {most} packages of {plan.size_bytes} bytes with {plan.key}, unless they are kept from before")
    with corpus(plan, most) as packages:
        console.log(f"starting the broker and {plan.store}")
        async with Services(plan) as services:
            console.log(f"{plan.documents} documents to {plan.addressees} addressees, {plan.processes} hub process(es)")
            first = await speed.measure(plan, services, packages)
            console.log(f"{first.rate:.0f} documents/s")
            second = None
            if plan.latency:
                rate = plan.rate or first.rate / 2
                count = min(most, max(1, int(rate * plan.latency_s)))
                console.log(f"{count} documents at {rate:.0f}/s with real receivers")
                second = await latency.measure(plan, services, packages, rate, count)
    return report.Result(plan, first, second, load_before)


def main(arguments: list[str] | None = None) -> int:
    """Run and print; returns the exit status."""
    plan, as_json = read_arguments(arguments)
    set_up_logs("warning", json_lines=False)
    console = Console(stderr=True)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(bench(plan, console))
    except ServiceError as error:
        console.print(f"[red]{error}")
        return NO_SERVICE
    except KeyboardInterrupt:
        return STOPPED
    if as_json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    else:
        result.show(Console())
    return 1 if result.broken else 0


if __name__ == "__main__":
    sys.exit(main())
