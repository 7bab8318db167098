"""How long addressees have: by urgency, by the hour of delivery, by the sender's date."""

from datetime import UTC, date, datetime, timedelta

import pytest

from docaxis.backends.holidays import special_days
from docaxis.domain.calendar import VIETNAM, WorkingCalendar
from docaxis.domain.deadline import DeadlinePolicy, years_in_use
from docaxis.domain.envelope import Priority

CALENDAR = WorkingCalendar(special_days())
POLICY = DeadlinePolicy(CALENDAR)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def due(policy: DeadlinePolicy, priority: Priority, due_on: date | None, accepted: str) -> dict[str, str]:
    found = policy.of(priority, due_on, at(accepted))
    assert all(one.start_at == at(accepted) for one in found)
    return {one.kind: one.due_at.astimezone(VIETNAM).isoformat()[:16] for one in found}


@pytest.mark.parametrize(
    ("priority", "accepted", "receipt"),
    [
        (Priority.NORMAL, "2026-11-20T09:00", "2026-11-20T17:00"),
        (Priority.NORMAL, "2026-11-20T20:00", "2026-11-23T17:00"),
        (Priority.NORMAL, "2026-11-21T09:00", "2026-11-23T17:00"),
        (Priority.URGENT, "2026-11-20T09:00", "2026-11-20T13:00"),
        # Never more time than what is not urgent.
        (Priority.URGENT, "2026-11-20T16:00", "2026-11-20T17:00"),
        (Priority.URGENT, "2026-11-20T22:00", "2026-11-23T11:30"),
        (Priority.VERY_URGENT, "2026-11-20T09:00", "2026-11-20T11:00"),
        # At night, in the middle of Tết.
        (Priority.IMMEDIATE, "2026-02-18T02:00", "2026-02-18T03:00"),
        (Priority.IMMEDIATE_TIMED, "2026-11-20T23:50", "2026-11-21T00:20"),
    ],
)
def test_receipt(priority: Priority, accepted: str, receipt: str) -> None:
    assert due(POLICY, priority, None, accepted) == {"receipt": receipt}


def test_the_end_of_one_day_is_not_taken_for_that_of_another() -> None:
    policy = DeadlinePolicy(CALENDAR)
    for accepted, receipt in [
        ("2026-11-20T09:00", "2026-11-20T17:00"),
        ("2026-11-20T17:00", "2026-11-23T17:00"),
        ("2026-11-20T16:59", "2026-11-20T17:00"),
        ("2026-11-24T01:00", "2026-11-24T17:00"),
        ("2026-11-19T01:00", "2026-11-19T17:00"),
    ]:
        assert due(policy, Priority.NORMAL, None, accepted)["receipt"] == receipt


@pytest.mark.parametrize(
    ("due_on", "accepted", "reply", "reminder"),
    [
        (date(2026, 11, 26), "2026-11-20T09:00", "2026-11-26T17:00", "2026-11-25T17:00"),
        # A Saturday: the period goes on to Monday, and the reminder is of Friday.
        (date(2026, 11, 28), "2026-11-20T09:00", "2026-11-30T17:00", "2026-11-27T17:00"),
        (date(2026, 2, 18), "2026-02-02T09:00", "2026-02-23T17:00", "2026-02-13T17:00"),
        (date(2026, 11, 23), "2026-11-21T09:00", "2026-11-23T17:00", None),
        (date(2026, 11, 19), "2026-11-20T09:00", None, None),
        (date(2026, 11, 20), "2026-11-20T18:00", None, None),
        (date.max, "2026-11-20T09:00", None, None),
        (date.min, "2026-11-20T09:00", None, None),
    ],
)
def test_reply(due_on: date, accepted: str, reply: str | None, reminder: str | None) -> None:
    found = due(POLICY, Priority.NORMAL, due_on, accepted)
    assert (found.get("reply"), found.get("reply-reminder")) == (reply, reminder)
    assert "validity" not in found


def test_validity_ends_with_the_calendar_day_where_the_operator_says_so() -> None:
    policy = DeadlinePolicy(CALENDAR, expire_at_due_date=True)
    assert due(policy, Priority.NORMAL, date(2026, 11, 28), "2026-11-20T09:00")["validity"] == "2026-11-29T00:00"
    assert "validity" not in due(policy, Priority.NORMAL, date(2026, 11, 19), "2026-11-20T09:00")


def test_the_operators_minutes() -> None:
    policy = DeadlinePolicy(CALENDAR, {Priority.URGENT: 60}, {Priority.IMMEDIATE: 5})
    assert due(policy, Priority.URGENT, None, "2026-11-20T09:00") == {"receipt": "2026-11-20T10:00"}
    assert due(policy, Priority.IMMEDIATE, None, "2026-11-20T09:00") == {"receipt": "2026-11-20T09:05"}
    # Not named: as what is not urgent.
    assert due(policy, Priority.VERY_URGENT, None, "2026-11-20T09:00") == {"receipt": "2026-11-20T17:00"}


def test_all_is_told_in_utc() -> None:
    for one in POLICY.of(Priority.URGENT, date(2026, 11, 28), datetime(2026, 11, 20, 2, tzinfo=UTC)):
        assert one.due_at.utcoffset() == timedelta(0)


def test_years_in_use_look_ahead_in_december() -> None:
    assert years_in_use(at("2026-11-20T09:00")) == (2026,)
    assert years_in_use(at("2026-12-20T09:00")) == (2026, 2027)
