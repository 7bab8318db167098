"""Figures for programs and spreadsheets: one plain mapping a measure, and what a CSV field may hold."""

from typing import Any

from docaxis.domain import spreadsheet
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Measure, percent_of

CSV_COLUMNS = (
    "indicator", "period", "first", "last", "key", "part", "numerator", "denominator", "percent", "median_s", "open",
    "note",
)  # fmt: skip
_SECOND_US = 1_000_000


def describe(measure: Measure) -> dict[str, Any]:
    """Return a measure as JSON tells it; percent and median_s (seconds) are null where there is no data."""
    share = percent_of(INDICATORS[measure.indicator].kind, measure)
    return {
        "indicator": measure.indicator,
        "period": str(measure.period),
        "first": measure.period.first.isoformat(),
        "last": measure.period.last.isoformat(),
        "key": measure.key,
        "part": measure.part,
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "percent": None if share is None else float(share),
        "median_s": None if measure.median_us is None else measure.median_us / _SECOND_US,
        "open_items": dict(measure.open_items),
        "note": measure.note,
    }


def csv_row(measure: Measure) -> list[object]:
    """Return the fields of CSV_COLUMNS; median in seconds, open items as `name=count;…`."""
    plain = describe(measure)
    share = percent_of(INDICATORS[measure.indicator].kind, measure)
    plain["percent"] = None if share is None else f"{share:.2f}"
    plain["open"] = ";".join(f"{name}={count}" for name, count in measure.open_items.items())
    return ["" if plain[name] is None else harmless(plain[name], name) for name in CSV_COLUMNS]


def harmless(value: object, column: str) -> object:
    """Keep a text that a stranger wrote (the sender of a refused package) from being a spreadsheet's formula."""
    is_text = isinstance(value, str) and column not in {"percent", "median_s"}
    return spreadsheet.harmless(str(value)) if is_text else value
