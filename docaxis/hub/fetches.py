"""Transport acknowledgements: an endpoint tells, in ranges, what it has durably written."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from docaxis.domain import wire
from docaxis.hub.acts import act
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import FetchRange, Store
from docaxis.hub.rows import EventRow
from docaxis.ledger.event import Json

log = structlog.get_logger(__name__)


class Fetches:
    """Records acknowledgements in batches; the endpoint is the one that the broker has proven."""

    def __init__(self, store: Store, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics

    async def handle(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Record a batch of (endpoint, body); an unreadable one is the endpoint's own loss and is only counted."""
        ranges = []
        for endpoint, body in messages:
            try:
                lanes = wire.parse_fetched(body)
            except wire.WireError as error:
                log.warning("unreadable acknowledgement", endpoint=endpoint, error=str(error))
                self._metrics.unreadable()
                continue
            ranges += [FetchRange(endpoint, lane, a, b) for lane, pairs in lanes.items() for a, b in pairs]
        if ranges:
            now = self._clock()
            new = await self._store.fetched(ranges, now, lambda fresh: self._event(fresh, now))
            self._metrics.fetched(sum(r.last - r.first + 1 for r in new))

    async def set_aside(self, message: tuple[str, bytes], error: Exception) -> None:
        """Give up one acknowledgement that made us fail: a later one covers it, or the copy is sent again."""
        log.error("acknowledgement given up", endpoint=message[0], error=str(error))
        self._metrics.unreadable()

    def _event(self, ranges: Sequence[FetchRange], now: datetime) -> EventRow:
        body: dict[str, Json] = {"fetched": [[r.endpoint, r.lane, r.first, r.last] for r in ranges]}
        return act("copies:fetched", now, body)
