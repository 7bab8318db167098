"""Laws of deadlines: later than their start, inside working hours, never earlier for a later arrival or a lesser urgency."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from docaxis.backends.holidays import special_days
from docaxis.domain.calendar import VIETNAM, WorkingCalendar
from docaxis.domain.deadline import DeadlinePolicy
from docaxis.domain.envelope import Priority

CALENDAR = WorkingCalendar(special_days())
POLICY = DeadlinePolicy(CALENDAR, expire_at_due_date=True)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
worked = st.sampled_from([Priority.NORMAL, Priority.URGENT, Priority.VERY_URGENT])
days = st.none() | st.dates(date(2025, 1, 1), date(2029, 1, 1))
calendars = st.builds(
    WorkingCalendar,
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.booleans(), max_size=30),
    st.times(time(0, 0), time(11, 0)),
    st.times(time(11, 1), time(23, 59)),
)


def within_hours(calendar: WorkingCalendar, at: datetime) -> bool:
    local = at.astimezone(VIETNAM)
    return calendar.is_working_day(local.date()) and calendar.opens < local.time() <= calendar.closes


@given(st.sampled_from(Priority), days, moments)
def test_every_deadline_is_later_than_its_start(priority: Priority, due_on: date | None, at: datetime) -> None:
    found = POLICY.of(priority, due_on, at)
    assert all(one.start_at == at < one.due_at for one in found)
    assert len({one.kind for one in found}) == len(found)


@given(worked, days, moments)
def test_what_is_not_worked_on_at_night_is_due_within_working_hours(
    priority: Priority, due_on: date | None, at: datetime
) -> None:
    for one in POLICY.of(priority, due_on, at):
        assert one.kind == "validity" or within_hours(CALENDAR, one.due_at)


@given(moments)
def test_the_more_urgent_is_never_due_later(at: datetime) -> None:
    dues = [POLICY.of(priority, None, at)[0].due_at for priority in Priority]
    assert all(later >= sooner for later, sooner in pairwise(dues[:3]))
    assert all(due <= dues[0] for due in dues)


@given(worked, moments, st.integers(0, 5000))
def test_the_later_arrival_is_never_due_earlier(priority: Priority, at: datetime, minutes: int) -> None:
    first, second = (POLICY.of(priority, None, one)[0].due_at for one in (at, at + timedelta(minutes=minutes)))
    assert first <= second


@settings(max_examples=25)
@given(calendars, moments.map(lambda at: at.replace(year=2026, month=1, day=1 + at.day % 28)), st.integers(1, 1200))
def test_working_minutes_are_counted_as_by_hand(calendar: WorkingCalendar, at: datetime, minutes: int) -> None:
    at = at.replace(second=0, microsecond=0)
    calendar = WorkingCalendar(
        calendar.special,
        calendar.opens.replace(second=0, microsecond=0),
        calendar.closes.replace(second=0, microsecond=0),
    )
    by_hand, left = at.astimezone(VIETNAM), minutes
    while left:
        if calendar.is_working_day(by_hand.date()) and calendar.opens <= by_hand.time() < calendar.closes:
            left -= 1
        by_hand += timedelta(minutes=1)
    assert calendar.add_working_minutes(at, minutes) == by_hand
