"""A hub process from its start to the signal that ends it."""

import asyncio

import structlog

from docaxis.config import Config
from docaxis.logs import set_up_logs
from docaxis.wiring.hub import hub_process
from docaxis.wiring.signals import run_until_told

log = structlog.get_logger(__name__)


def serve(config: Config) -> None:
    """Run one hub process until SIGTERM or SIGINT; raises ConfigError for what only a person can mend."""
    set_up_logs(config.log.level, json_lines=config.log.json_lines)

    async def run(stop: asyncio.Event) -> None:
        async with hub_process(config, stop) as runner:
            if runner:
                await runner.run(stop)

    run_until_told(run)
    log.info("hub stopped")
