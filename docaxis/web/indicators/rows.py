"""From measures to the rows of the page: one group an indicator, one row a level, with target and forecast."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from docaxis.domain.indicators import INDICATORS, Indicator
from docaxis.domain.measure import By, Kind, Measure
from docaxis.domain.targets import Outlook, Target, outlook

_WHOLE = 100
ADDED = frozenset((Kind.COUNT, Kind.SHARE, Kind.GROWTH))
"""Kinds whose levels add up to a total; a median of medians would say nothing."""

Weeks = Mapping[tuple[str, str], Sequence[tuple[date, int, int]]]
"""Indicator and key → the last day of each week with n and N, oldest first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: measure None where there is no figure; history holds percentages, outlook stands where there is a target."""

    key: str
    measure: Measure | None
    history: Sequence[tuple[date, float]] = ()
    outlook: Outlook | None = None
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One indicator with its rows."""

    indicator: Indicator
    rows: Sequence[Row]


def weeks_of(measures: Iterable[Measure]) -> Weeks:
    """Sort the measures of weeks by indicator and key; those of a reason code are left out."""
    found: defaultdict[tuple[str, str], list[tuple[date, int, int]]] = defaultdict(list)
    for one in sorted(measures, key=lambda one: one.period):
        if not one.part and one.numerator is not None and one.denominator:
            found[one.indicator, one.key].append((one.period.last, one.numerator, one.denominator))
    return found


def groups_of(
    names: Sequence[str],
    measures: Sequence[Measure],
    weeks: Weeks,
    targets: Sequence[Target],
    keys: Sequence[str],
    today: date,
) -> Sequence[Group]:
    """Return the groups in the order of the indicators; keys are the levels in their order, or one empty key for one agency."""
    found = {(one.indicator, one.key): one for one in measures if not one.part}
    groups = []
    for name in names:
        indicator = INDICATORS[name]
        rows = [_row(indicator, key, found.get((name, key)), weeks, targets, today) for key in keys]
        if len(keys) > 1:
            # Told by level, the empty key is what no level is known of, such as a package of an unknown sender.
            is_apart = By.LEVEL in indicator.by
            if is_apart:
                rows.append(_row(indicator, "", found.get((name, "")), weeks, (), today))
            rows = [row for row in rows if row.measure is not None]
            told = None if is_apart else found.get((name, ""))
            total = _total(name, [row.measure for row in rows if row.measure], told)
            summed = _total_weeks(name, [*keys, ""], weeks) if is_apart else weeks
            row = _row(indicator, "", total, summed, targets, today, is_total=True)
            rows = [row] if not rows else [*rows, *([row] if total else [])]
        groups.append(Group(indicator, rows))
    return groups


def late_of(groups: Iterable[Group]) -> tuple[int, int]:
    """Return how many targets will be missed by their forecast, or were, and how many there are."""
    outlooks = [row.outlook for group in groups for row in group.rows if row.outlook]
    late = [one for one in outlooks if not one.is_met and one.is_forecast_met is not True and one.now is not None]
    return len(late), len(outlooks)


def _row(
    indicator: Indicator,
    key: str,
    measure: Measure | None,
    weeks: Weeks,
    targets: Sequence[Target],
    today: date,
    *,
    is_total: bool = False,
) -> Row:
    history = [(day, _WHOLE * n / total) for day, n, total in weeks.get((indicator.name, key), ())]
    target = next((one for one in targets if (one.indicator, one.level) == (indicator.name, key)), None)
    told = None
    if target is not None:
        now = (measure.numerator, measure.denominator) if measure else (None, None)
        told = outlook(target, now, history, today)
    return Row(key, measure, history, told, is_total)


def _total(name: str, parts: Sequence[Measure], told: Measure | None) -> Measure | None:
    if told is not None or not parts or INDICATORS[name].kind not in ADDED:
        return told
    numerators = [one.numerator for one in parts if one.numerator is not None]
    denominators = [one.denominator for one in parts if one.denominator is not None]
    open_items: defaultdict[str, int] = defaultdict(int)
    for one in parts:
        for item, count in one.open_items.items():
            # Days are the same days for all levels.
            open_items[item] = max(open_items[item], count) if item.startswith("days-") else open_items[item] + count
    return Measure(
        name,
        parts[0].period,
        numerator=sum(numerators) if numerators else None,
        denominator=sum(denominators) if denominators else None,
        open_items=dict(open_items),
        note=parts[0].note,
    )


def _total_weeks(name: str, keys: Sequence[str], weeks: Weeks) -> Weeks:
    days: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0])
    for key in keys:
        for day, n, total in weeks.get((name, key), ()):
            days[day][0] += n
            days[day][1] += total
    return {(name, ""): [(day, n, total) for day, (n, total) in sorted(days.items())]}
