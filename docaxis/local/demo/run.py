"""One call of the demonstration: stage, play, comparison, a look around; and an orderly end whatever comes."""

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import structlog
import uvloop
from rich.console import Console

from docaxis.local.demo.check import Summary
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.play import Play
from docaxis.local.demo.scenario import ACTS, SCENES
from docaxis.local.demo.screen import Screen, open_screen
from docaxis.local.demo.stage import Stage, Wanted

_STOPPED = 130
_WATCH_S = 0.5


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


async def _until_signal(work: "asyncio.Future[int] | object") -> int:
    """Cancel the work at the first signal to stop, and let it take everything down; later signals change nothing."""
    task = asyncio.ensure_future(work)  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _cancel_once, task)
    try:
        return int(await task)
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
        _log_to(stage.folder / "log")
        async with stage:
            screen.tell("playing")
            play = Play(stage, ledger, ACTS)
            summary, differences = await play.run()
            summary.seconds = round(time.monotonic() - began, 1)
            summary.as_expected = not differences
            screen.close()
            _conclude(console, summary, differences, as_json=as_json)
            if not once:
                _show_around(console, stage)
                await _look_around(stage)
            console.print("demo: stopping", markup=False)
    finally:
        with suppress(OSError):  # the terminal may be closed
            screen.close()
    return 0 if summary.as_expected else 1


async def _look_around(stage: Stage) -> None:
    """Return only when the hub has ended by itself; a signal cancels."""
    while stage.hub.running:
        await asyncio.sleep(_WATCH_S)
