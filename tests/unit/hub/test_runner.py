"""How tasks end: at the first word or at a later one, but they end."""

import asyncio

from docaxis.hub.runner import end_all, until


async def stubborn(deaf_to: int) -> None:
    """Swallow the first cancellations, as a library does that is closing a connection."""
    while deaf_to:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            deaf_to -= 1
    await asyncio.sleep(3600)


async def test_task_that_swallows_a_cancellation_is_told_again() -> None:
    task = asyncio.create_task(stubborn(2))
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await end_all([task])
    assert task.cancelled()


async def test_failure_of_a_task_that_is_ended_is_not_raised() -> None:
    async def failing() -> None:
        raise RuntimeError

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end_all([task])
    assert isinstance(task.exception(), RuntimeError)


async def test_work_is_given_up_when_the_stop_comes_first() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, stop.set)
    assert await until(stop, asyncio.sleep(3600, result="done")) is None
    assert await until(asyncio.Event(), asyncio.sleep(0, result="done")) == "done"
