"""Accepted and refused over a day, by the half hour: what is past is counted once, what runs again and again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from docaxis.hub.views.operating import TrafficPoint

SPAN = timedelta(minutes=30)
SPANS = 48
COUNTED_AT_ONCE = 6
"""Past half hours that are counted at one look, so that a start does not read a whole day at once."""

Count = Callable[[datetime, datetime], Awaitable[int]]


class Traffic:
    """Counts by two functions of a span's first moment and its end."""

    def __init__(self, accepted: Count, rejected: Count) -> None:
        self._accepted = accepted
        self._rejected = rejected
        self._past: dict[datetime, TrafficPoint] = {}
        self._running: TrafficPoint | None = None

    def points(self) -> tuple[TrafficPoint, ...]:
        """Return what was counted, oldest first; the running half hour is the last, as long as it has lasted."""
        past = [self._past[at] for at in sorted(self._past)]
        return (*past, self._running) if self._running else tuple(past)

    async def look(self, now: datetime) -> None:
        """Count the running half hour and some of those before it, newest first; raises StoreUnavailable."""
        start = begin_of(now)
        self._past = {at: point for at, point in self._past.items() if at >= start - SPAN * (SPANS - 1)}
        if now > start:
            self._running = await self._point(start, now)
        # A commit may come a little after its own time of acceptance: the last one is counted again while it is fresh.
        if now - start < timedelta(minutes=2):
            self._past.pop(start - SPAN, None)
        wanted = [start - SPAN * back for back in range(1, SPANS) if start - SPAN * back not in self._past]
        for at in wanted[:COUNTED_AT_ONCE]:
            self._past[at] = await self._point(at, at + SPAN)

    async def _point(self, first: datetime, end: datetime) -> TrafficPoint:
        accepted, rejected = await self._accepted(first, end), await self._rejected(first, end)
        return TrafficPoint(first, (end - first).total_seconds(), accepted, rejected)


def begin_of(now: datetime) -> datetime:
    """Return the beginning of the half hour that holds this moment."""
    return datetime.fromtimestamp(now.timestamp() // SPAN.total_seconds() * SPAN.total_seconds(), UTC)
