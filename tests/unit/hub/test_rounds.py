"""Work that comes round again, whatever becomes of one round."""

import asyncio
from contextlib import suppress

import structlog
from structlog.testing import capture_logs

from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.rounds import again_and_again


async def test_a_round_that_fails_is_told_and_the_next_one_comes() -> None:
    faults: list[Exception] = [StoreUnavailable("away"), ValueError("ours")]
    done = asyncio.Event()

    async def step() -> None:
        if faults:
            raise faults.pop(0)
        done.set()

    with capture_logs() as said:
        task = asyncio.create_task(
            again_and_again(step, 0.0, structlog.get_logger(), waits="it waits", failed="it failed")
        )
        async with asyncio.timeout(60):
            await done.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert [(one["event"], one["log_level"]) for one in said] == [("it waits", "warning"), ("it failed", "error")]
