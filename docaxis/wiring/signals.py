"""How a process that serves runs: under uvloop, until a signal tells it to end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop

from docaxis.hub.runner import end_strays


def run_until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run the work, whose event SIGTERM or SIGINT sets, to its end; what it raises is raised.

    Tasks that are left over after it are ended.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(work))


async def _run(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(stop)
    await end_strays(())
