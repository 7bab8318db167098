"""Tells how much is under way and since when: apart from the sweeper, whose rounds take long just when it matters."""

from collections.abc import Callable
from datetime import datetime

import structlog

from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import Store
from docaxis.hub.rounds import again_and_again

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
        said = "figures not read; the last ones stay"
        await again_and_again(self.look, self._interval_s, log, waits=said, failed=said)

    async def look(self) -> None:
        """Read the figures once."""
        asked_at = self._own_clock()
        pending = await self._store.pending()
        # The database told its time somewhere between question and answer.
        self._metrics.pending(pending, asked_at + (self._own_clock() - asked_at) / 2)
