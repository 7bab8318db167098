"""A line of weeks as coordinates; the template draws it, and the same numbers stand in a table beneath."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Kind, Measure
from docaxis.domain.targets import Target

WIDTH, HEIGHT = 620.0, 130.0
LEFT, TOP = 60.0, 20.0
_HOUR_US = 3_600_000_000
_WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Chart:
    """Points as `x,y` pairs of the drawing; most is the value at its top (percent, hours or a count), 0 at its foot."""

    points: str
    last: tuple[float, float]
    most: float
    first_day: date
    last_day: date
    unit: str
    target_y: float | None = None
    target: float | None = None


def value_of(measure: Measure) -> float | None:
    """Return what is drawn of a measure: percent of a share or a growth's n, hours of a median, n of a count."""
    kind = INDICATORS[measure.indicator].kind
    if kind is Kind.SHARE:
        return None if measure.share is None else _WHOLE * measure.share
    if kind is Kind.MEDIAN:
        return None if measure.median_us is None else measure.median_us / _HOUR_US
    return None if measure.numerator is None else float(measure.numerator)


def line_chart(measures: Sequence[Measure], target: Target | None) -> Chart | None:
    """Return the line through measures of successive periods, None where there are not two points."""
    values = [
        (one, value) for one in sorted(measures, key=lambda one: one.period) if (value := value_of(one)) is not None
    ]
    if len(values) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    kind = INDICATORS[values[0][0].indicator].kind
    # Never cut below zero, and a share always up to all of it.
    most = _WHOLE if kind is Kind.SHARE else max(1.0, *(value for _, value in values))
    step = WIDTH / (len(values) - 1)
    places = [(LEFT + step * n, _height(value, most)) for n, (_, value) in enumerate(values)]
    return Chart(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        places[-1],
        most,
        values[0][0].period.first,
        values[-1][0].period.last,
        {Kind.SHARE: "%", Kind.MEDIAN: "h"}.get(kind, ""),
        _height(target.threshold, most) if target else None,
        target.threshold if target else None,
    )


def _height(value: float, most: float) -> float:
    return TOP + HEIGHT * (1 - value / most)
