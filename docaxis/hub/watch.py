"""Tells how much is under way and since when: apart from the sweeper, whose rounds take long just when it matters."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import Store, StoreUnavailable

log = structlog.get_logger(__name__)

INTERVAL_S = 5.0


class Watch:
    """Asks the store at a low rate, in every hub process; each tells the same figures.

    own_clock: the clock of this machine, which is compared with the database's.
    """

    def __init__(
        self, store: Store, own_clock: Callable[[], datetime], metrics: Metrics, interval_s: float = INTERVAL_S
    ) -> None:
        self._store = store
        self._own_clock = own_clock
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Look again and again until cancelled; while the store is away the last figures stay."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                log.warning("figures not read; the last ones stay", error=str(error))
            except Exception:
                # Nobody else would notice that this task has ended.
                log.exception("figures not read; the last ones stay")
            await asyncio.sleep(self._interval_s)

    async def look(self) -> None:
        """Read the figures once."""
        asked_at = self._own_clock()
        pending = await self._store.pending()
        # The database told its time somewhere between question and answer.
        self._metrics.pending(pending, asked_at + (self._own_clock() - asked_at) / 2)
