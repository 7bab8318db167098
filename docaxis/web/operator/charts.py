"""The geometry of the traffic chart: a zero base, round numbers at the side, the half hours from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import floor, log10

from docaxis.domain.calendar import VIETNAM
from docaxis.hub.views.operating import TrafficPoint

WIDTH, HEIGHT = 800, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 690, 12, 168
_ROUND = (2, 4, 8, 12)
_HOURS = 3
YOUNG = timedelta(minutes=3)
"""A half hour that has only begun says nothing yet."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid, or a time under the axis: where, and its number."""

    at: float
    value: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws; per_s: whether the numbers are per second, else per hour."""

    accepted: str
    rejected: str
    accepted_end: float
    rejected_end: float
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    per_s: bool
    right: int = _RIGHT
    left: int = _LEFT
    bottom: int = _BOTTOM


def chart(points: Sequence[TrafficPoint]) -> Chart | None:
    """Return the chart, None while there is less than two points."""
    points = [one for one in points if one.span_s >= YOUNG.total_seconds()]
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    per_s = max(one.accepted / one.span_s for one in points) >= 1
    unit_s = 1 if per_s else 3600
    accepted = [one.accepted / one.span_s * unit_s for one in points]
    rejected = [one.rejected / one.span_s * unit_s for one in points]
    most = top_of(max(*accepted, *rejected))
    first, last = points[0].at, points[-1].at
    span = max((last - first).total_seconds(), 1.0)

    def place(at_s: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * at_s / span, 1)

    def height(value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * value / most, 1)

    def line(values: Sequence[float]) -> str:
        at = [place((one.at - first).total_seconds()) for one in points]
        return " ".join(f"{x},{height(value)}" for x, value in zip(at, values, strict=True))

    hours = [one.at for one in points if one.at.astimezone(VIETNAM).minute == 0]
    hours = [at for at in hours if at.astimezone(VIETNAM).hour % _HOURS == 0]
    accepted_end, rejected_end = height(accepted[-1]), height(rejected[-1])
    if abs(accepted_end - rejected_end) < 14:  # noqa: PLR2004 - the height of a label
        accepted_end = rejected_end - 14
    return Chart(
        line(accepted),
        line(rejected),
        accepted_end,
        rejected_end,
        tuple(Tick(height(most * part / 4), most * part / 4) for part in range(5)),
        tuple(Tick(place((at - first).total_seconds()), 0, at.astimezone(VIETNAM).strftime("%H:%M")) for at in hours),
        per_s,
    )


def top_of(most: float) -> float:
    """Return the round number at or above the greatest, 4 at least, whose quarters are round too."""
    most = max(most, 4.0)
    scale = 10.0 ** floor(log10(most))
    return next(step * scale for step in _ROUND if step * scale >= most)
