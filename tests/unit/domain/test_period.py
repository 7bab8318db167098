"""Spans of Vietnam's calendar days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.domain.calendar import day_of
from docaxis.domain.period import Period, Unit

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
UNITS = st.sampled_from(Unit)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-11-22", date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_a_period_is_written_as_it_is_read(text, first, last):
    assert Period.parse(text) == Period(first, last)
    assert str(Period(first, last)) == text


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26", "2026-2-1", "0000", "٢٠٢٦", "2026-02-30"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        Period.parse(text)


def test_it_begins_and_ends_at_midnight_in_vietnam():
    since, until = Period.parse("2026-11").instants()
    assert (since, until) == (datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC))
    assert since.tzinfo is UTC


@given(DAYS, DAYS, UNITS)
def test_the_parts_follow_each_other_and_are_the_whole(one, other, unit):
    whole = Period(min(one, other), max(one, other))
    parts = whole.split(unit)
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    assert sum(part.days for part in parts) == whole.days
    for part in parts:
        assert Period.containing(part.first, unit) == Period.containing(part.last, unit)


@given(DAYS, UNITS, st.timedeltas(timedelta(hours=-30), timedelta(hours=30)))
def test_an_instant_belongs_to_the_period_of_its_day(day, unit, off):
    period = Period.containing(day, unit)
    since, until = period.instants()
    for edge in (since, until):
        assert (since <= edge + off < until) == (period.first <= day_of(edge + off) <= period.last)


@given(DAYS.filter(lambda day: day.year > 2000), UNITS.filter(lambda unit: unit is not Unit.DAY))
def test_a_year_before_a_whole_one_is_a_whole_one(day, unit):
    period = Period.containing(day, unit)
    earlier = period.year_before()
    assert earlier == Period.containing(earlier.first, unit)
    assert (earlier.first.year, earlier.last.year) == (period.first.year - 1, period.last.year - 1)


def test_a_leap_day_has_a_year_before():
    leap = date(2028, 2, 29)
    assert Period(leap, leap).year_before() == Period.parse("2027-02-28")
    assert Period(leap, date(2028, 3, 5)).year_before() == Period(date(2027, 2, 28), date(2027, 3, 5))


def test_only_what_has_begun_is_over_in_part():
    month = Period.parse("2026-11")
    assert month.until(date(2026, 10, 31)) is None
    assert month.until(date(2026, 11, 1)) == Period.parse("2026-11-01")
    assert month.until(date(2027, 1, 1)) == month


def test_it_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
