"""Spans of Vietnam calendar days: what a figure is counted over, and the span that it is compared with."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from docaxis.domain.calendar import VIETNAM

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_MONTHS_A_QUARTER = 3
_DECEMBER = 12


class Unit(StrEnum):
    """The spans that a longer one is cut into."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """All days from `first` to `last`, both counted; raises ValueError where it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """See that there is a day in it."""
        if self.last < self.first:
            msg = f"the period ends ({self.last}) before it begins ({self.first})"
            raise ValueError(msg)

    @classmethod
    def containing(cls, day: date, unit: Unit) -> Self:
        """Return the whole day, month, quarter or year that a day lies in."""
        if unit is Unit.DAY:
            return cls(day, day)
        if unit is Unit.YEAR:
            return cls(date(day.year, 1, 1), date(day.year, _DECEMBER, 31))
        begins = ends = day.month
        if unit is Unit.QUARTER:
            begins -= (day.month - 1) % _MONTHS_A_QUARTER
            ends = begins + _MONTHS_A_QUARTER - 1
        return cls(date(day.year, begins, 1), date(day.year, ends, _days_of(day.year, ends)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what `2026-11-22`, `2026-11`, `2026-Q4` or `2026` stands for; raises ValueError for all else."""
        if found := _MONTH.fullmatch(text):
            return cls.containing(date(int(found[1]), int(found[2]), 1), Unit.MONTH)
        if found := _QUARTER.fullmatch(text):
            return cls.containing(date(int(found[1]), int(found[2]) * _MONTHS_A_QUARTER, 1), Unit.QUARTER)
        if _YEAR.fullmatch(text):
            return cls.containing(date(int(text), 1, 1), Unit.YEAR)
        day = date.fromisoformat(text)
        return cls(day, day)

    def __str__(self) -> str:
        """Write it as `parse` reads it, and any other span as `first..last`."""
        for unit in Unit:
            if self == type(self).containing(self.first, unit):
                return {
                    Unit.DAY: f"{self.first}",
                    Unit.MONTH: f"{self.first:%Y-%m}",
                    Unit.QUARTER: f"{self.first:%Y}-Q{(self.first.month + 2) // _MONTHS_A_QUARTER}",
                    Unit.YEAR: f"{self.first:%Y}",
                }[unit]
        return f"{self.first}..{self.last}"

    @property
    def days(self) -> int:
        """How many days there are in it."""
        return (self.last - self.first).days + 1

    def instants(self) -> tuple[datetime, datetime]:
        """Return the first instant that belongs to it and the first that no longer does, in UTC."""
        ends = self.last + timedelta(days=1)
        return tuple(datetime.combine(day, time(), VIETNAM).astimezone(UTC) for day in (self.first, ends))  # type: ignore[return-value]

    def split(self, unit: Unit) -> tuple[Self, ...]:
        """Return it cut at the bounds of days, months, quarters or years; the ends may be parts of one."""
        parts = []
        first = self.first
        while first <= self.last:
            part = type(self)(first, min(self.last, type(self).containing(first, unit).last))
            parts.append(part)
            first = part.last + timedelta(days=1)
        return tuple(parts)

    def until(self, day: date) -> Self | None:
        """Return the part that is over or running on that day, None where it has not begun."""
        return None if day < self.first else type(self)(self.first, min(self.last, day))

    def year_before(self) -> Self:
        """Return the same days a year earlier; what ends with its month does so there too (29 February)."""
        return type(self)(_year_before(self.first), _year_before(self.last, ends=True))


def _year_before(day: date, *, ends: bool = False) -> date:
    there = _days_of(day.year - 1, day.month)
    is_month_end = ends and day.day == _days_of(day.year, day.month)
    return date(day.year - 1, day.month, there if is_month_end else min(day.day, there))


def _days_of(year: int, month: int) -> int:
    return monthrange(year, month)[1]
