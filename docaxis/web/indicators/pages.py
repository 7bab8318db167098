"""The page of indicators, the page of each of them, and both as files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import hdrs, web

from docaxis.domain.calendar import day_of
from docaxis.domain.figures_written import CSV_COLUMNS, csv_row, describe
from docaxis.domain.indicators import INDICATORS, OPEN_ITEMS
from docaxis.domain.measure import By, Kind, Measure, Scope, percent_of
from docaxis.domain.people import Role
from docaxis.domain.period import Period, Unit
from docaxis.domain.targets import Target
from docaxis.web.errors import Refusal, Trouble
from docaxis.web.indicators.chart import line_chart
from docaxis.web.indicators.definitions import DEFINITIONS
from docaxis.web.indicators.ports import INDICATOR_FIGURES, Figured, Question
from docaxis.web.indicators.rows import groups_of, late_of, weeks_of
from docaxis.web.render import render
from docaxis.web.routing import EVERYBODY, Page
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.words import mark as _
from docaxis.web.written import Written

PATIENCE_S = 0.15
"""How long a page waits for figures that are being counted before it says so."""
FILE_PATIENCE_S = 25.0
WEEKS = 12
MONTHS_OFFERED = 12
DAYS_MOST = 92
"""The longest period that is counted while somebody waits; for more there is the command line."""
SHARES = tuple(name for name, one in INDICATORS.items() if one.is_better_high is not None)
_WEEK = timedelta(days=7)

_BEING_COUNTED: Final = Trouble(
    "STATS.BEING_COUNTED",
    _("Số liệu của kỳ này đang được tính"),
    _("Đợi một phút rồi tải lại tệp."),
    _("Về trang chỉ số"),
    "/indicators",
)


@dataclass(frozen=True, slots=True)
class _Whose:
    """Of whom the reader sees figures: names that can be told so, how they are told apart, and the keys of rows."""

    by: By
    scope: Scope
    keys: Sequence[str]
    targets: Sequence[Target]


async def show_indicators(request: web.Request) -> web.Response:
    """Show all indicators; what is still being counted is said to be."""
    whose, period, today = _whose(request), _period(request), _today(request)
    figured = await _figures(request, _question(tuple(INDICATORS), (period,), whose))
    weekly = await _figures(request, _question(SHARES, _weeks(today), whose))
    measures = [one for part in figured for one in (part.measures if part else ())]
    weeks = weeks_of(one for part in weekly for one in (part.measures if part else ()))
    groups = groups_of(list(INDICATORS), measures, weeks, whose.targets, whose.keys, today)
    if whose.by is By.TOTAL:
        groups = [group for group in groups if group.indicator.name != "depth"]
    is_counting = None in figured
    return render(
        request,
        "indicators/list.html",
        groups=groups,
        late=late_of(groups),
        period=period,
        offered=_offered(today),
        counted_at=min((part.at for part in figured if part), default=None),
        is_counting=is_counting,
        is_counting_weeks=None in weekly,
        **_words(request, whose),
    )


async def show_indicator(request: web.Request) -> web.Response:
    """Show what one indicator counts, its figures of the period, and how it went in the last twelve weeks."""
    name = request.match_info["indicator"]
    if name not in INDICATORS:
        raise web.HTTPNotFound
    whose, period, today = _whose(request), _period(request), _today(request)
    figured = await _figures(request, _question((name,), (period,), whose))
    total = _Whose(By.TOTAL, whose.scope, ("",), whose.targets)
    weekly = await _figures(request, _question((name,), _weeks(today), total))
    measures = [one for part in figured for one in (part.measures if part else ())]
    (group,) = groups_of([name], measures, {}, whose.targets, whose.keys, today)
    points = [one for part in weekly for one in (part.measures if part else ()) if not one.part]
    target = next((one for one in whose.targets if one.indicator == name and not one.level), None)
    return render(
        request,
        "indicators/one.html",
        group=group,
        definition=DEFINITIONS[name],
        parts_of=[one for one in measures if one.part],
        chart=line_chart(points, target),
        points=points,
        period=period,
        offered=_offered(today),
        is_counting=None in figured or None in weekly,
        **_words(request, whose),
    )


async def send_indicators(request: web.Request) -> web.Response:
    """Send the figures of a period as CSV or JSON, of what the reader sees on the page."""
    form = request.match_info["form"]
    whose, period = _whose(request), _period(request)
    figured = await _figures(request, _question(tuple(INDICATORS), (period,), whose), FILE_PATIENCE_S)
    if None in figured:
        raise Refusal(503, _BEING_COUNTED)
    measures = [one for part in figured if part for one in part.measures]
    if form == "json":
        text = json.dumps([describe(one) for one in measures], ensure_ascii=False, indent=1) + "\n"
        body, content_type = text.encode(), "application/json"
    else:
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(CSV_COLUMNS)
        writer.writerows(map(csv_row, measures))
        body, content_type = stream.getvalue().encode("utf-8-sig"), "text/csv"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="chi-so-{period}.{form}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)


def _whose(request: web.Request) -> _Whose:
    """Return the own agency for a clerk, the levels for all others."""
    visit, directory = request[VISIT], request.app[SITE].directory()
    targets = request.app[INDICATOR_FIGURES].targets
    if visit.person.role is Role.CLERK:
        agency = directory.find(visit.organ_id)
        level = agency.level if agency else ""
        # A target of the agency's level says what is expected of the agency too.
        mine = sorted((one for one in targets if one.level in {"", level}), key=lambda one: one.level == "")
        own = {one.indicator: Target(one.indicator, "", one.threshold, one.by) for one in reversed(mine)}
        return _Whose(By.TOTAL, Scope(agency=visit.organ_id), ("",), tuple(own.values()))
    levels = [one.name for one in sorted(directory.levels, key=lambda one: one.rank)]
    return _Whose(By.LEVEL, Scope(), levels, targets)


def _question(names: tuple[str, ...], periods: tuple[Period, ...], whose: _Whose) -> Sequence[Question]:
    """Return what is to be counted: told apart as wanted, and what can only be told in total beside it."""
    apart = tuple(name for name in names if whose.by in INDICATORS[name].by)
    rest = tuple(name for name in names if whose.by not in INDICATORS[name].by)
    asked = (Question(apart, periods, whose.by, whose.scope), Question(rest, periods, By.TOTAL, whose.scope))
    return [one for one in asked if one.names]


async def _figures(
    request: web.Request, questions: Sequence[Question], patience_s: float = PATIENCE_S
) -> list[Figured | None]:
    port = request.app[INDICATOR_FIGURES]
    return [await port.figures(one, patience_s / len(questions)) for one in questions]


def _today(request: web.Request) -> date:
    return day_of(request.app[SITE].now())


def _period(request: web.Request) -> Period:
    """Return the period of the address, this month without one; 404 for one that is none or too long."""
    text = request.query.get("period", "")
    if not text:
        return Period.containing(_today(request), Unit.MONTH)
    try:
        period = Period.parse(text)
    except ValueError:
        raise web.HTTPNotFound from None
    if period.days > DAYS_MOST or not 2000 <= period.first.year <= _today(request).year:  # noqa: PLR2004 - a year
        raise web.HTTPNotFound
    return period


def _weeks(today: date) -> tuple[Period, ...]:
    """Return the last twelve whole weeks, which end yesterday, oldest first."""
    ends = today - timedelta(days=1)
    return tuple(Period(ends - _WEEK * (n + 1) + timedelta(days=1), ends - _WEEK * n) for n in reversed(range(WEEKS)))


def _noted(labels: Mapping[str, str], written: Written, measure: Measure) -> str:
    """Return what is said beside a figure: the deepest level, or the days that growth is told against."""
    if INDICATORS[measure.indicator].kind is not Kind.GROWTH:
        return labels.get(measure.note, measure.note)
    first, _dots, last = measure.note.partition("..")
    days = (date.fromisoformat(first), date.fromisoformat(last)) if last else None
    if days is None:
        period = Period.parse(first)
        days = (period.first, period.last)
    return f"{written.day(days[0])} – {written.day(days[1])}"


def _offered(today: date) -> list[tuple[str, str]]:
    """Return months and quarters to choose from, newest first."""
    months, day = [], today
    for _number in range(MONTHS_OFFERED):
        month = Period.containing(day, Unit.MONTH)
        months.append(month)
        day = month.first - timedelta(days=1)
    quarters = sorted({Period.containing(month.first, Unit.QUARTER) for month in months}, reverse=True)
    return [(str(one), f"{one.first:%m/%Y}") for one in months] + [
        (str(one), f"{one.first:%m/%Y} – {one.last:%m/%Y}") for one in quarters
    ]


def _words(request: web.Request, whose: _Whose) -> dict[str, Any]:
    language = request[PREFERENCES].language
    at = 0 if language == "vi" else 1
    labels = {one.name: (one.label_vi, one.label_en)[at] for one in request.app[SITE].directory().levels}
    return {
        "labels": labels,
        "by_level": whose.by is By.LEVEL,
        "open_words": {name: words[at] for name, words in OPEN_ITEMS.items()},
        "percent_of": percent_of,
        "noted": partial(_noted, labels, Written(language)),
        "Kind": Kind,
    }


PAGES: tuple[Page, ...] = (
    Page("/indicators", show_indicators, EVERYBODY, "indicators"),
    Page("/indicators.{form:csv|json}", send_indicators, EVERYBODY, "indicators-file"),
    Page("/indicators/{indicator}", show_indicator, EVERYBODY, "indicators-one"),
)
