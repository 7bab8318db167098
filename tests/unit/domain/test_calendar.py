"""Working days and hours in Vietnam: weekends, holidays, days worked in exchange, and what a broken holiday file says."""

from datetime import UTC, date, datetime, time

import pytest

from docaxis.backends.holidays import special_days
from docaxis.config import ConfigError
from docaxis.domain.calendar import VIETNAM, WorkingCalendar, read_special_days

CALENDAR = WorkingCalendar(special_days())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-01-10", True),  # a Saturday for Friday, 2 January
        ("2026-01-02", False),
        ("2026-02-13", True),
        ("2026-02-16", False),  # the day before Tết
        ("2026-02-17", False),  # mùng 1
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-27", False),  # for the Hùng Kings' day, a Sunday
        ("2026-08-22", True),
        ("2026-08-31", False),
        ("2027-02-08", False),
        ("2027-02-10", False),
        ("2027-04-16", False),
        ("2025-04-26", True),
        ("2025-05-02", False),
        ("2031-09-02", False),  # fixed by law, in a year without data
        ("2031-09-03", True),
    ],
)
def test_working_days(day: str, worked: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("year", "tet", "kings"), [(2025, (1, 29), (4, 7)), (2026, (2, 17), (4, 26)), (2027, (2, 6), (4, 16))]
)
def test_lunar_days_are_where_the_moon_puts_them(year: int, tet: tuple[int, int], kings: tuple[int, int]) -> None:
    for month, day in (tet, kings):
        assert CALENDAR.special[date(year, month, day)] is False
    assert CALENDAR.knows(year)


def test_a_year_without_data_is_not_known() -> None:
    assert not CALENDAR.knows(2031)


def test_every_exchanged_saturday_has_its_free_weekday() -> None:
    for day, worked in CALENDAR.special.items():
        assert not worked or day.weekday() == 5, day
    for year in (2025, 2026):
        free = [day for day, worked in CALENDAR.special.items() if day.year == year and not worked]
        exchanged = [day for day, worked in CALENDAR.special.items() if day.year == year and worked]
        # 11 days by the Labour Code, all on weekdays or made up for, and those given in exchange.
        assert len([day for day in free if day.weekday() < 5]) == 11 + len(exchanged)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-20T09:00", "2026-11-20T17:00"),
        ("2026-11-20T06:00", "2026-11-20T17:00"),
        ("2026-11-20T16:59:59", "2026-11-20T17:00"),
        ("2026-11-20T17:00", "2026-11-23T17:00"),
        ("2026-11-21T09:00", "2026-11-23T17:00"),
        ("2026-02-13T18:00", "2026-02-23T17:00"),  # nine free days of Tết
        ("2026-01-09T20:00", "2026-01-10T17:00"),
    ],
)
def test_end_of_working_day(moment: str, end: str) -> None:
    assert CALENDAR.end_of_working_day(at(moment)) == at(end)
    assert CALENDAR.end_of_working_day(at(moment).astimezone(UTC)) == at(end)


@pytest.mark.parametrize(
    ("moment", "minutes", "end"),
    [
        ("2026-11-20T09:00", 120, "2026-11-20T11:00"),
        ("2026-11-20T05:00", 120, "2026-11-20T09:30"),
        ("2026-11-20T15:00", 120, "2026-11-20T17:00"),
        ("2026-11-20T16:00", 120, "2026-11-23T08:30"),
        ("2026-11-21T16:00", 1, "2026-11-23T07:31"),
        ("2026-11-20T09:00", 480 + 570 + 30, "2026-11-24T08:00"),
    ],
)
def test_working_minutes(moment: str, minutes: int, end: str) -> None:
    assert CALENDAR.add_working_minutes(at(moment), minutes) == at(end)


def test_neighbouring_days() -> None:
    assert CALENDAR.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert CALENDAR.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 13)
    assert CALENDAR.working_day_from(date(2026, 11, 21)) == date(2026, 11, 23)


def test_a_day_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="end after"):
        WorkingCalendar({}, time(17), time(7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line"),
        ("day,kind\n2026-01-01,holiday", "first line"),
        ("date,kind,name\n2026-02-30,holiday,x", "line 2"),
        ("date,kind,name\n\n2026-02-20,feast,x", "line 3"),
        ("date,kind,name\n2026-02-20", "line 2"),
        ("date,kind,name\n2026-02-20,holiday,x\n2026-02-20,working,y", "line 3"),
    ],
)
def test_broken_holiday_file_says_where(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_special_days(text)


def test_own_days_go_before_the_shipped_ones(tmp_path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "# ours\ndate,kind,name\n2026-11-24,holiday,Ngày Văn hóa Việt Nam\n2026-01-02,working,x\n", encoding="utf-8"
    )
    calendar = WorkingCalendar(special_days(own))
    assert not calendar.is_working_day(date(2026, 11, 24))
    assert calendar.is_working_day(date(2026, 1, 2))
    assert not calendar.is_working_day(date(2026, 2, 17))


@pytest.mark.parametrize("octets", [None, b"\xff\xfe", b"date"])
def test_own_file_that_cannot_be_read_stops_the_start(tmp_path, octets: bytes | None) -> None:
    own = tmp_path / "own.csv"
    if octets is not None:
        own.write_bytes(octets)
    with pytest.raises(ConfigError, match="holidays_file"):
        special_days(own)
