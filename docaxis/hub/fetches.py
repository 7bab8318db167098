"""Transport acknowledgements: an endpoint tells, in ranges, what it has durably written."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from docaxis.domain import wire
from docaxis.hub.acts import act
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import FetchRange, Store
from docaxis.hub.withdrawals import compose_withdrawals, fetched_event

log = structlog.get_logger(__name__)


class Fetches:
    """Records acknowledgements in batches; the endpoint is the one that the broker has proven."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._metrics = metrics

    async def handle(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Record a batch of (endpoint, body); an unreadable one is the endpoint's own loss and is only counted."""
        ranges: list[FetchRange] = []
        withdrawn: list[FetchRange] = []
        for endpoint, body in messages:
            try:
                said = wire.parse_fetched(body)
            except wire.WireError as error:
                log.warning("unreadable acknowledgement", endpoint=endpoint, error=str(error))
                self._metrics.unreadable()
                continue
            ranges += _ranges(endpoint, said.fetched)
            withdrawn += _ranges(endpoint, said.withdrawn)
        now = self._clock()
        if ranges:
            new = await self._store.fetched(ranges, now, lambda fresh: act("copies:fetched", now, fetched_event(fresh)))
            self._metrics.fetched(sum(r.last - r.first + 1 for r in new))
        if withdrawn:
            await self._store.given_back(
                withdrawn,
                now,
                lambda given_back, others: compose_withdrawals(given_back, others, self._settings, now),
            )

    async def set_aside(self, message: tuple[str, bytes], error: Exception) -> None:
        """Give up one acknowledgement that made us fail: a later one covers it, or the copy is sent again."""
        log.error("acknowledgement given up", endpoint=message[0], error=str(error))
        self._metrics.unreadable()


def _ranges(endpoint: str, lanes: wire.Ranges) -> list[FetchRange]:
    return [FetchRange(endpoint, lane, first, last) for lane, pairs in lanes.items() for first, last in pairs]
