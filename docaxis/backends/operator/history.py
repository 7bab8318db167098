"""What was counted at each look, for an hour: rates, ages and small pictures are made of it, and nothing is made up before."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

MINUTE_S = 60.0
KEPT = 61
"""Looks that are kept, one a minute: an hour and its beginning."""
RATE_S = 300.0
"""The span that rates are taken over, once there is so much of it."""


class Look(NamedTuple):
    """A queue at a moment (seconds of a monotonic clock): what stands in it, what went in and came out since ever.

    None: not counted.
    """

    at_s: float
    depth: int
    came: int | None = None
    left: int | None = None


class Rates(NamedTuple):
    """Messages a second in and out, by how many a second the queue has grown, and the seconds that were looked over."""

    came: float | None
    left: float | None
    growth: float
    span_s: float


class History:
    """The looks at one queue: one a minute is kept, and the newest."""

    __slots__ = ("_kept", "_now")

    def __init__(self) -> None:
        self._kept: deque[Look] = deque(maxlen=KEPT)
        self._now: Look | None = None

    def add(self, look: Look) -> None:
        """Take a look; times must grow. A counter that has fallen began anew, and what was before counts no more."""
        if self._now and _fell(self._now, look):
            self._kept.clear()
        if not self._kept or look.at_s - self._kept[-1].at_s >= MINUTE_S:
            self._kept.append(look)
        self._now = look

    @property
    def now(self) -> Look | None:
        """Return the newest look."""
        return self._now

    def depths(self) -> tuple[int, ...]:
        """Return the depth at each kept look and the newest, oldest first."""
        return tuple(look.depth for look in self._looks())

    def rates(self) -> Rates:
        """Return the rates over the last RATE_S seconds, or over what there is of them; None before there are two looks."""
        now = self._now
        first = next((look for look in self._kept if now and look is not now and now.at_s - look.at_s <= RATE_S), None)
        if now is None or first is None or now.at_s <= first.at_s:
            return Rates(None, None, 0.0, 0.0)
        span_s = now.at_s - first.at_s
        growth = (now.depth - first.depth) / span_s
        return Rates(_rate(first.came, now.came, span_s), _rate(first.left, now.left, span_s), growth, span_s)

    def oldest_s(self) -> tuple[float, bool] | None:
        """Return the age of the oldest message at most, and whether that is certain; None where nobody can say.

        What is first in line came after the last look at which no more had come than has left by now; without counters,
        after the last look at an empty queue. Certain is False where the message is older than everything seen.
        """
        now = self._now
        if now is None:
            return None
        if now.depth <= 0:
            return 0.0, True
        for look in reversed([*self._looks()]):
            gone = look.depth <= 0 if look.came is None or now.left is None else look.came <= now.left
            if gone:
                return now.at_s - look.at_s, True
        first = next(self._looks())
        return now.at_s - first.at_s, False

    def _looks(self) -> Iterator[Look]:
        yield from self._kept
        if self._now and (not self._kept or self._kept[-1] is not self._now):
            yield self._now


def _fell(before: Look, after: Look) -> bool:
    pairs = ((before.came, after.came), (before.left, after.left))
    return any(old is not None and new is not None and new < old for old, new in pairs)


def _rate(before: int | None, after: int | None, span_s: float) -> float | None:
    return None if before is None or after is None else (after - before) / span_s
