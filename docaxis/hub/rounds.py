"""Work that comes round again and again beside the one path, and that nothing but the end of the process may stop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

from docaxis.hub.ports import StoreUnavailable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


async def again_and_again(
    step: Callable[[], Awaitable[None]], interval_s: float, log: FilteringBoundLogger, *, waits: str, failed: str
) -> None:
    """Do a step and rest, until cancelled; a store that is away is logged as `waits`, any other fault as `failed`.

    A task that ended by a fault would be noticed by nobody, so the next round tries again.
    """
    while True:
        try:
            await step()
        except StoreUnavailable as error:
            log.warning(waits, error=str(error))
        except Exception:
            log.exception(failed)
        await asyncio.sleep(interval_s)


async def whole(work: Coroutine[Any, Any, Result]) -> Result:
    """Do short work to its end even when the caller is cancelled meanwhile; cancelled once more, it is broken off.

    A transaction that is broken off in the middle stays open on SQLite, and everybody else waits for its lock.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            try:
                await task
            except Exception:
                log.exception("failed while it was being ended")
        raise
