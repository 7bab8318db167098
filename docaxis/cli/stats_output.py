"""Figures as a table for people, as CSV for a spreadsheet, as JSON Lines for programs."""

import csv
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from docaxis.cli.output import print_json, print_table
from docaxis.domain.figures_written import CSV_COLUMNS, csv_row, describe, harmless
from docaxis.domain.indicators import INDICATORS, OPEN_ITEMS
from docaxis.domain.measure import Kind, Measure, percent_of

if TYPE_CHECKING:
    from docaxis.domain.targets import Outlook

_SECOND_US = 1_000_000
_WORDS = {
    "vi": {
        "columns": ("chỉ tiêu", "kỳ", "đối tượng", "n / N", "giá trị", "còn để ngỏ", "ghi chú"),
        "targets": (
            "chỉ tiêu", "cấp", "mục tiêu", "hạn", "n / N", "hiện nay", "cần mỗi tuần", "dự báo", "dự báo đạt",
        ),
        "no data": "chưa có số liệu", "not checked": "chưa kiểm tra", "day": "ngày", "yes": "có", "no": "không",
    },
    "en": {
        "columns": ("indicator", "period", "of", "n / N", "value", "open", "note"),
        "targets": (
            "indicator", "level", "target", "by", "n / N", "now", "needed a week", "forecast", "forecast meets it",
        ),
        "no data": "no data", "not checked": "not checked", "day": "d", "yes": "yes", "no": "no",
    },
}  # fmt: skip


def show_measures(measures: Iterable[Measure], language: str, names: Mapping[str, str]) -> None:
    """Print a table; names are what levels are called."""
    words = _WORDS[language]
    print_table(words["columns"], (_cells(one, language, names) for one in measures))


def write_measures_csv(measures: Iterable[Measure]) -> None:
    """Print CSV (RFC 4180) with the columns of CSV_COLUMNS; median in seconds, open items as `name=count;…`."""
    writer = csv.writer(sys.stdout)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(map(csv_row, measures))


def write_measures_json(measures: Iterable[Measure]) -> None:
    """Print one object a line."""
    for one in measures:
        print_json(describe(one))


def show_outlooks(outlooks: "Iterable[Outlook]", language: str, names: Mapping[str, str]) -> None:
    """Print where each target stands."""
    words = _WORDS[language]
    verdict = {True: words["yes"], False: words["no"], None: ""}
    print_table(
        words["targets"],
        (
            (
                INDICATORS[one.target.indicator].label(language),
                names.get(one.target.level, one.target.level),
                ("≥ " if INDICATORS[one.target.indicator].is_better_high else "≤ ") + _points(one.target.threshold, language),
                one.target.by,
                _ratio(one.numerator, one.denominator),
                words["no data"] if one.now is None else _points(one.now, language),
                "" if one.needed_a_week is None else _points(one.needed_a_week, language, "+"),
                "" if one.forecast is None else _points(one.forecast, language),
                verdict[one.is_forecast_met],
            )
            for one in outlooks
        ),
    )  # fmt: skip


def describe_outlook(one: "Outlook") -> dict[str, Any]:
    """Return an outlook as JSON tells it; all shares in percent, `needed_a_week` in percentage points."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    return {
        "indicator": one.target.indicator,
        "level": one.target.level,
        "threshold": one.target.threshold,
        "date": one.target.by.isoformat(),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "now": rounded(one.now),
        "is_met": one.is_met,
        "needed_a_week": rounded(one.needed_a_week),
        "forecast": rounded(one.forecast),
        "is_forecast_met": one.is_forecast_met,
    }


def write_outlooks_csv(outlooks: "Iterable[Outlook]") -> None:
    """Print the same as CSV."""
    rows = [describe_outlook(one) for one in outlooks]
    writer = csv.writer(sys.stdout)
    writer.writerow(rows[0] if rows else ())
    writer.writerows(["" if value is None else harmless(value, name) for name, value in row.items()] for row in rows)


def _cells(measure: Measure, language: str, names: Mapping[str, str]) -> tuple[str, ...]:
    whom = " ".join(filter(None, (names.get(measure.key, measure.key), measure.part)))
    at = 0 if language == "vi" else 1
    left = ", ".join(f"{OPEN_ITEMS[name][at]}: {count}" for name, count in measure.open_items.items())
    return (
        INDICATORS[measure.indicator].label(language),
        str(measure.period),
        whom,
        _ratio(measure.numerator, measure.denominator),
        _value(measure, language),
        left,
        names.get(measure.note, measure.note),
    )


def _ratio(numerator: int | None, denominator: int | None) -> str:
    written = "-" if numerator is None else str(numerator)
    return written if denominator is None else f"{written} / {denominator}"


def _value(measure: Measure, language: str) -> str:
    kind, words = INDICATORS[measure.indicator].kind, _WORDS[language]
    if kind is Kind.COUNT:
        return ""
    if measure.numerator is None:
        return str(words["not checked"])
    if kind is Kind.MEDIAN and measure.median_us is not None:
        return _length(measure.median_us, str(words["day"]))
    share = percent_of(kind, measure)
    if share is None:
        return str(words["no data"])
    return _points(share, language, "+" if kind is Kind.GROWTH else "")


def _points(value: float | Decimal, language: str, sign: str = "") -> str:
    written = format(value, f"{sign}.2f")
    return f"{written.replace('.', ',') if language == 'vi' else written} %"


def _length(microseconds: int, day: str) -> str:
    length = timedelta(seconds=microseconds // _SECOND_US)
    hours, rest = divmod(length.seconds, 3600)
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{length.days} {day} {clock}" if length.days else clock
