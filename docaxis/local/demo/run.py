"""One call of the demonstration: stage, play, comparison, a look around; and an orderly end whatever comes."""

import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
import uvloop
from rich.console import Console

from docaxis.local.demo.check import Summary
from docaxis.local.demo.first_act import FIRST_ACT
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.pages import read_pages
from docaxis.local.demo.play import Play
from docaxis.local.demo.screen import open_screen
from docaxis.local.demo.second_act import SECOND_ACT
from docaxis.local.demo.stage import Stage, Wanted
from docaxis.local.demo.third_act import ThirdAct
from docaxis.local.demo.visit import look_around

# Each act is sent without waiting and must be answered whole before the next one: repeats need an original.
ACTS = (FIRST_ACT, SECOND_ACT)
SCENES = (*FIRST_ACT, *SECOND_ACT)
_STOPPED = 130


def run_demo(
    *,
    folder: Path,
    downloads: Path,
    broker_url: str = "",
    management_url: str = "",
    store_url: str = "",
    once: bool = False,
    as_json: bool = False,
) -> int:
    """Run it and return the exit status: 0 as expected, 1 with differences, 130 when it was stopped before its end."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Vietnamese names must not end a run on an ASCII terminal
    wanted = Wanted(folder, downloads, broker_url, management_url, store_url)
    # Data on standard output, talk on standard error; without --json the talk is the data.
    console = Console(stderr=as_json)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_until_signal(_run(wanted, console, once=once, as_json=as_json)))


async def _until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Cancel the work at the first signal to stop, and let it take everything down; later signals change nothing."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _cancel_once, task)
    try:
        return await task
    except asyncio.CancelledError:
        return _STOPPED


def _cancel_once(task: "asyncio.Task[int]") -> None:
    if not task.cancelling():
        task.cancel()


async def _run(wanted: Wanted, console: Console, *, once: bool, as_json: bool) -> int:
    began = time.monotonic()
    ledger = Ledger()
    screen = open_screen(console, SCENES, ledger)
    ledger.changed = screen.update
    try:
        stage = Stage(wanted, ledger, screen.tell)
        _log_to(stage.folder / "log" / "agencies.log")
        async with stage:
            screen.tell("playing")
            play = Play(stage, ledger, ACTS)
            summary, differences = await play.run()
            with suppress(OSError):
                screen.close()
            flows = await ThirdAct(stage, ledger, play.desk, lambda text: _say(console, text)).run()
            differences += flows.differences
            summary.flows = flows.played
            summary.pages, unread = await read_pages(stage.web_url)
            differences += unread
            summary.seconds = round(time.monotonic() - began, 1)
            summary.as_expected = not differences
            with suppress(OSError):
                _conclude(console, summary, differences, as_json=as_json)
            if not once:
                await look_around(console, stage, ledger)
            with suppress(OSError):
                console.print("demo: stopping", markup=False)
    finally:
        with suppress(OSError):  # the terminal may be closed
            screen.close()
    return 0 if summary.as_expected else 1


def _conclude(console: Console, summary: Summary, differences: Sequence[str], *, as_json: bool) -> None:
    counts = asdict(summary)
    if as_json:
        sys.stdout.write(json.dumps(counts) + "\n")
        sys.stdout.flush()
    else:
        rejected = counts.pop("rejected")
        del counts["seconds"], counts["as_expected"], counts["flows"]
        words = [f"{count} {name}" for name, count in counts.items()]
        words.append(f"{sum(summary.flows.values())} of {len(summary.flows)} flows")
        console.print(", ".join([*words, f"{sum(rejected.values())} rejected"]), markup=False, highlight=False)
        console.print(", ".join(f"{code} {count}" for code, count in rejected.items()), style="dim", highlight=False)
    for difference in differences:
        console.print(f"demo: DIFFERENCE {difference}", markup=False, highlight=False, soft_wrap=True)
    if summary.as_expected:
        console.print(f"demo: all as expected, {summary.seconds} s", style="bold green", highlight=False)
    else:
        console.print(f"demo: {len(differences)} differences, {summary.seconds} s", style="bold red", highlight=False)


def _say(console: Console, text: str) -> None:
    with suppress(OSError):  # the terminal may be closed
        console.print(f" {text}", markup=False, highlight=False)


def _log_to(path: Path) -> None:
    """Let the agencies' library talk into a file: neither the table nor the JSON may be torn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
