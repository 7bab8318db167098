"""Targets as data: what share is to be reached by which day, how much a week that needs, and where it is heading."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Kind

COLUMNS = ("indicator", "level", "threshold", "date")
"""Indicator, level (empty: all), percent to reach, last day: of a CSV file and of each `[[targets]]` of a TOML file."""
_DAYS_A_WEEK = 7
_ALL_PERCENT = 100.0
_POINTS_FOR_A_LINE = 2


@dataclass(frozen=True, slots=True)
class Target:
    """A share in percent to be reached by the end of a day: at least, or, where less is better, at most."""

    indicator: str
    level: str
    threshold: float
    by: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a target stands. Percentages; None where there is no data, or (needed) where no time is left.

    `needed_a_week` is in percentage points, 0 once the target is met; the forecast is the straight line through the
    shares of the weeks before, at the target's day.
    """

    target: Target
    numerator: int | None
    denominator: int | None
    now: float | None
    is_met: bool | None
    needed_a_week: float | None
    forecast: float | None
    is_forecast_met: bool | None


def read_targets(text: str, *, is_csv: bool) -> tuple[Target, ...]:
    """Return the targets of a CSV or a TOML file; raises ValueError naming the place of the first mistake."""
    rows: Sequence[Mapping[str, object]]
    if is_csv:
        reader = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        try:
            rows = list(reader)
        except csv.Error as error:
            msg = f"line {reader.line_num}: not CSV ({error})"
            raise ValueError(msg) from None
    else:
        mapping = tomllib.loads(text)
        found = mapping.get("targets")
        if mapping.keys() != {"targets"} or not isinstance(found, list) or not all(isinstance(r, dict) for r in found):
            raise ValueError("nothing but [[targets]] is expected")
        rows = found
    return tuple(_target(row, f"target {number}") for number, row in enumerate(rows, start=1))


def outlook(
    target: Target, now: tuple[int | None, int | None], history: Sequence[tuple[date, float]], today: date
) -> Outlook:
    """Judge a target: now is n and N, history the share in percent on some days before, today the day of `now`."""
    numerator, denominator = now
    if numerator is None or not denominator:
        return Outlook(target, numerator, denominator, None, None, None, None, None)
    share = _ALL_PERCENT * numerator / denominator
    weeks = (target.by - today).days / _DAYS_A_WEEK
    is_met = meets(target, share)
    needed = 0.0 if is_met else (target.threshold - share) / weeks if weeks > 0 else None
    forecast = forecast_at(target.by, history)
    return Outlook(
        target,
        numerator,
        denominator,
        share,
        is_met,
        needed,
        forecast,
        None if forecast is None else meets(target, forecast),
    )


def meets(target: Target, share: float) -> bool:
    """Whether a share in percent fulfils the target."""
    is_better_high = INDICATORS[target.indicator].is_better_high
    return share >= target.threshold if is_better_high else share <= target.threshold


def forecast_at(day: date, history: Sequence[tuple[date, float]]) -> float | None:
    """Return the least-squares line through (day, percent) at a day, within 0 and 100; None with fewer than two days."""
    if len({one for one, _ in history}) < _POINTS_FOR_A_LINE:
        return None
    at = [one.toordinal() for one, _ in history]
    mean_at, mean = sum(at) / len(at), sum(value for _, value in history) / len(history)
    slope = sum((x - mean_at) * (value - mean) for x, (_, value) in zip(at, history, strict=True))
    slope /= sum((x - mean_at) ** 2 for x in at)
    return min(max(mean + slope * (day.toordinal() - mean_at), 0.0), _ALL_PERCENT)


def _target(row: Mapping[str, object], place: str) -> Target:
    if row.keys() - {"level"} != set(COLUMNS) - {"level"}:
        msg = f"{place}: {', '.join(COLUMNS)} are expected"
        raise ValueError(msg)
    indicator = INDICATORS.get(str(row["indicator"]))
    if indicator is None or indicator.kind is not Kind.SHARE or indicator.is_better_high is None:
        known = ", ".join(one.name for one in INDICATORS.values() if one.is_better_high is not None)
        msg = f"{place}: indicator {row['indicator']!a} is none of {known}"
        raise ValueError(msg)
    day, threshold = row["date"], row["threshold"]
    try:
        percent = float(threshold) if isinstance(threshold, str | int | float) else -1.0
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= _ALL_PERCENT or isinstance(threshold, bool) or type(day) is not date:
        msg = f"{place}: a threshold from 0 to 100 and a date yyyy-mm-dd are expected"
        raise ValueError(msg)
    return Target(indicator.name, str(row.get("level") or ""), percent, day)
