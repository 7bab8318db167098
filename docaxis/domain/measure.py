"""What a figure says: how many of how many, over which days, and what is still open; and how it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from docaxis.domain.period import Period

_HUNDREDTH = Decimal("0.01")
_ALL = Decimal(100)


class Kind(StrEnum):
    """How numerator and denominator are to be read."""

    COUNT = "count"
    SHARE = "share"
    MEDIAN = "median"
    GROWTH = "growth"


class By(StrEnum):
    """What a figure is told apart by, beside the period."""

    TOTAL = "total"
    AGENCY = "agency"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom a figure is: one agency, one level, or (both empty) everybody."""

    agency: str = ""
    level: str = ""


EVERYBODY = Scope()


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `key` is the agency's code, the level's name, or empty; `part` a reason code, where there is one.

    numerator None: not checked at all. denominator None or 0: no data, which is not 0 %; a count has no denominator.
    The median is in microseconds. `open_items` are those that belong to neither number, by name.
    """

    indicator: str
    period: Period
    key: str = ""
    part: str = ""
    numerator: int | None = None
    denominator: int | None = None
    median_us: int | None = None
    open_items: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def share(self) -> float | None:
        """Return numerator / denominator, None without data."""
        return None if self.numerator is None or not self.denominator else self.numerator / self.denominator

    @property
    def length(self) -> timedelta | None:
        """Return the median as a span of time, None without one."""
        return None if self.median_us is None else timedelta(microseconds=self.median_us)


def percent(numerator: int, denominator: int) -> Decimal | None:
    """Return n / N in percent with two decimals, rounded half up; None for N = 0, which is no data.

    Only all is 100.00 and only none is 0.00: what rounding would make so is 99.99 and 0.01.
    """
    if not denominator:
        return None
    value = (_ALL * numerator / denominator).quantize(_HUNDREDTH, ROUND_HALF_UP)
    if 0 < numerator < denominator:
        return min(max(value, _HUNDREDTH), _ALL - _HUNDREDTH)
    return value


def growth(now: int, then: int) -> Decimal | None:
    """Return by how many percent `now` is above (below: negative) `then`, two decimals; None for then = 0."""
    return (_ALL * (now - then) / then).quantize(_HUNDREDTH, ROUND_HALF_UP) if then else None


def percent_of(kind: Kind, measure: Measure) -> Decimal | None:
    """Return the percentage of a share or a growth, None where there is none to tell."""
    if measure.numerator is None or measure.denominator is None:
        return None
    if kind is Kind.SHARE:
        return percent(measure.numerator, measure.denominator)
    return growth(measure.numerator, measure.denominator) if kind is Kind.GROWTH else None
