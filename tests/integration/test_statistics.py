"""The figures against a slow recount from the events, on both databases."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from docaxis.backends.database import Database
from docaxis.backends.engine import open_reader
from docaxis.backends.registry import Registry
from docaxis.backends.statistics.figures import Figures
from docaxis.backends.tables import events
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.indicators import INDICATORS, OPEN_ITEMS
from docaxis.domain.measure import EVERYBODY, By, Measure, Scope
from docaxis.domain.period import Period, Unit
from tests.integration.recount import Recount
from tests.integration.statistics_story import BEGAN, NOW, Story

PERIODS = [Period.parse(text) for text in ("2026-11", "2026-Q3", "2026", "2025", "2025-10-29")]
PERIODS.append(Period(date(2026, 2, 10), date(2026, 6, 3)))
SCOPES = [EVERYBODY, Scope(agency="H31"), Scope(level="communal")]
SPANS = {
    "time-accepted-to-arrived": ("", "01"),
    "time-arrived-to-taken": ("01", "03"),
    "time-taken-to-finished": ("03", "06"),
    "time-accepted-to-finished": ("", "06"),
}
Found = dict[tuple[str, str, str], Measure]
Key = Callable[[str], str | None]


@pytest.fixture
async def reader(database: Database, database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_reader(database_url, 1)
    yield engine
    await engine.dispose()


async def figures_of(engine: AsyncEngine, story: Story, today: date) -> Figures:
    return Figures(engine, story.directory, await Registry(engine).endpoints(), today)


async def recount_of(engine: AsyncEngine, directory: Directory) -> Recount:
    async with engine.connect() as connection:
        rows = await connection.execute(select(events.c.document_key, events.c.canonical))
        return Recount([(row[0], row[1]) for row in rows], directory)


def key_of(directory: Directory, by: By, scope: Scope) -> Key:
    def key(code: str) -> str | None:
        agency = directory.agencies.get(code)
        level = agency.level if agency else ""
        if scope.agency not in {"", code} or scope.level not in {"", level}:
            return None
        return {By.TOTAL: "", By.AGENCY: code, By.LEVEL: level}[by]

    return key


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("by", By)
async def test_the_figures_are_what_the_events_say(database: Database, reader: AsyncEngine, seed: int, by: By) -> None:
    story, today = Story(seed), day_of(NOW)
    await story.write(database.engine)
    figures, recount = await figures_of(reader, story, today), await recount_of(reader, story.directory)
    for scope in SCOPES:
        key = key_of(story.directory, by, scope)
        measures = await figures.measure(INDICATORS, PERIODS, by, scope)
        assert {name for one in measures for name in one.open_items} <= OPEN_ITEMS.keys()
        for period in PERIODS:
            found = {(one.indicator, one.key, one.part): one for one in measures if one.period == period}
            check_documents(found, recount, period, key)
            check_copies(found, recount, period, key)
            check_growth(found, recount, period, key, today)
            if scope == EVERYBODY and by is By.TOTAL:
                check_refusals(found, recount, period)
            if period.last >= NOW.date() - timedelta(days=30):
                check_agencies(found, recount, period, key, {"g01", "h31", "h32", "h32-02"}, today)


def check_documents(found: Found, recount: Recount, period: Period, key: Key) -> None:
    sent = recount.documents_sent(period.first, period.last, key)
    assert {k for name, k, _ in found if name == "sent"} - {""} == sent.keys() - {""}
    for k, (total, electronic, signed) in sent.items():
        assert found["sent", k, ""].numerator == total
        assert (found["electronic", k, ""].numerator, found["electronic", k, ""].denominator) == (electronic, total)
        assert (found["signed-by-agency", k, ""].numerator, found["signed-by-agency", k, ""].denominator) == (
            signed,
            total,
        )
        assert found["signed-by-person", k, ""].numerator is None


def check_copies(found: Found, recount: Recount, period: Period, key: Key) -> None:
    copies = recount.copies(period.first, period.last, key)
    assert {k for name, k, _ in found if name == "received"} - {""} == copies.keys() - {""}
    for k, pairs in copies.items():
        received, answered = found["received", k, ""], found["answered-on-time", k, ""]
        states = [copy.state for _, copy in pairs]
        assert received.numerator == states.count("dispatched")
        assert received.open_items.get("waiting", 0) == states.count("waiting")
        assert received.open_items.get("gone", 0) == states.count("withdrawn") + states.count("expired")
        told = recount.answers(pairs)
        assert (answered.numerator, answered.denominator) == (told["on time"], told["on time"] + told["late"])
        assert answered.open_items.get("not-attributable", 0) == told["excused"]
        assert sum(answered.open_items.values()) == told["excused"] + told["open"]
        for name, (start, end) in SPANS.items():
            there, middle = recount.median(pairs, start, end)
            measure = found[name, k, ""]
            assert (measure.numerator, measure.denominator) == (there, len(pairs))
            assert measure.median_us == (None if middle is None else middle // timedelta(microseconds=1))


def check_growth(found: Found, recount: Recount, period: Period, key: Key, today: date) -> None:
    last = min(period.last, today)
    month = recount.documents_sent(last.replace(day=1), Period.containing(last, Unit.MONTH).last, key)
    first = recount.documents_sent(date(2025, 10, 1), date(2025, 10, 31), key)
    for k in month.keys() | first.keys():
        measure = found["growth-first-month", k, ""]
        assert (measure.numerator, measure.denominator) == (month.get(k, (0,))[0], first.get(k, (0,))[0])
    now = recount.documents_sent(period.first, last, key)
    then = recount.documents_sent(
        period.first.replace(year=period.first.year - 1), last.replace(year=last.year - 1), key
    )
    for k in now.keys() | then.keys():
        measure = found["growth-year", k, ""]
        assert (measure.numerator, measure.denominator) == (now.get(k, (0,))[0], then.get(k, (0,))[0])


def check_refusals(found: Found, recount: Recount, period: Period) -> None:
    by_code, decided = recount.refusals(period.first, period.last)
    measures = {code: one for (name, _, code), one in found.items() if name == "refused"}
    assert {code: one.numerator for code, one in measures.items() if code} == by_code
    assert {one.denominator for one in measures.values()} == {decided}
    assert measures[""].numerator == by_code.total()


def check_agencies(found: Found, recount: Recount, period: Period, key: Key, serving: set[str], today: date) -> None:
    active = recount.active(period.first, period.last)
    there = recount.agencies(min(period.last, today), key, serving)
    for k, agencies in there.items():
        connected = [code for code, is_connected in agencies if is_connected]
        measure = found["connected", k, ""]
        assert (measure.numerator, measure.denominator) == (len(connected), len(agencies))
        if connected:
            silent = found["silent", k, ""]
            assert (silent.numerator, silent.denominator) == (len(set(connected) - active), len(connected))
    if ("depth", "", "") in found:
        levels = {recount.directory.agencies[code].level for code in active if key(code) is not None}
        depth = found["depth", "", ""]
        assert depth.numerator == len(levels)
        assert depth.note == next((name for name in ("communal", "provincial", "central") if name in levels), "")


async def test_of_nothing_there_is_no_data(database: Database, reader: AsyncEngine) -> None:
    story = Story(0, number_of_documents=0)
    figures = await figures_of(reader, story, day_of(NOW))
    measures = await figures.measure(INDICATORS, [Period.parse("2026-11")])
    assert {one.indicator for one in measures} == INDICATORS.keys() - {"growth-first-month"}
    shares = [one for one in measures if one.indicator not in {"sent", "received", "connected", "silent", "depth"}]
    assert all(not one.denominator and one.share is None and one.median_us is None for one in shares)


async def test_before_an_endpoint_was_made_nobody_was_connected(database: Database, reader: AsyncEngine) -> None:
    story = Story(4)
    await story.write(database.engine)
    figures = await figures_of(reader, story, day_of(NOW))
    before, then, now = await figures.measure(
        ["connected"], [Period(day, day) for day in (BEGAN.date() - timedelta(days=1), BEGAN.date(), day_of(NOW))]
    )
    assert (before.numerator, before.denominator) == (0, 12)
    assert (then.numerator, then.denominator) == (8, 11)
    assert (now.numerator, now.open_items) == (7, {"disabled": 1})
