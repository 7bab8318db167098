"""A hub process from its start to the signal that ends it."""

import asyncio
import signal

import structlog
import uvloop

from docaxis.config import Config
from docaxis.hub.runner import end_strays
from docaxis.logs import set_up_logs
from docaxis.wiring.hub import hub_process

log = structlog.get_logger(__name__)


def serve(config: Config) -> None:
    """Run one hub process until SIGTERM or SIGINT; raises ConfigError for what only a person can mend."""
    set_up_logs(config.log.level, json_lines=config.log.json_lines)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config))


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with hub_process(config, stop) as runner:
        if runner:
            await runner.run(stop)
    await end_strays(())
    log.info("hub stopped")
