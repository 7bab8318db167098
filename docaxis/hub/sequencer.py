"""Gives committed events their place in the log; one process at a time, by a fenced lease."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import LeaseLost, Store, StoreUnavailable

log = structlog.get_logger(__name__)

LEASE_NAME = "sequencer"
LEASE_S = 5.0
"""Renewed ten times as often. A holder that sleeps longer finds its fence refused, so a short lease costs nothing."""
EVENTS_AT_ONCE = 2_000
INTERVAL_S = 0.5


class Sequencer:
    """Appends while it holds the lease; a holder that was overtaken finds its fence refused and steps back."""

    def __init__(self, store: Store, holder: str, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._metrics = metrics
        self._holds = False

    async def run(self) -> None:
        """Append again and again until cancelled."""
        while True:
            try:
                appended = await self.append()
            except LeaseLost:
                log.info("sequencer lease lost")
                appended = self._step_back()
            except StoreUnavailable as error:
                log.warning("sequencer waits", error=str(error))
                appended = self._step_back()
            except Exception:
                # The events stay pending; the next round or another process gives them their places.
                log.exception("sequencing failed")
                appended = self._step_back()
            if appended < EVENTS_AT_ONCE:
                await asyncio.sleep(INTERVAL_S)

    async def append(self) -> int:
        """Append what is pending, at most EVENTS_AT_ONCE; returns how many, 0 while another process holds the lease."""
        fence = await self._store.take_lease(LEASE_NAME, self._holder, self._clock(), LEASE_S)
        if fence is None:
            return self._step_back()
        self._holds = True
        appended = await self._store.append_log(fence, EVENTS_AT_ONCE)
        self._metrics.leading(leading=True)
        self._metrics.sequenced(appended)
        return appended

    async def step_down(self) -> None:
        """Give the lease back at an orderly end, so that the next process need not wait until it runs out."""
        if self._holds:
            await self._store.take_lease(LEASE_NAME, self._holder, self._clock(), 0)
            self._step_back()

    def _step_back(self) -> int:
        self._holds = False
        self._metrics.leading(leading=False)
        return 0
