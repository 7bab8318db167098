"""Work that comes round again and again beside the one path, and that nothing but the end of the process may stop."""

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from docaxis.hub.ports import StoreUnavailable


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
