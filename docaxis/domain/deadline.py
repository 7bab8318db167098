"""When the hub looks at a document again: the duties that the law and the sender lay on its addressees, as instants.

- `receipt`: the addressee tells the sender what it did with the document (01, 02 or 03), within the day or by its urgency;
- `reply`: it has answered or finished by the sender's `DueDate`; `reply-reminder` comes one working day earlier;
- `validity`: with `DueDate` the document itself ends, where the operator has said so.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from docaxis.domain.calendar import VIETNAM, WorkingCalendar, day_of
from docaxis.domain.envelope import Priority

Duty = Literal["receipt", "reply", "reply-reminder", "validity"]
WORKING_MINUTES: Mapping[Priority, float] = MappingProxyType({Priority.URGENT: 240, Priority.VERY_URGENT: 120})
"""Minutes of working hours by urgency; what is not urgent has until the end of the working day."""
CLOCK_MINUTES: Mapping[Priority, float] = MappingProxyType({Priority.IMMEDIATE: 60, Priority.IMMEDIATE_TIMED: 30})
"""Minutes of any hour: what is `hỏa tốc` is worked on at night too."""
YEARS = range(1900, 9000)
"""A `DueDate` of any other year is none: some programs write 0001-01-01 or 9999-12-31 where they have no date."""

_CACHED_DAYS = 512
_MIDNIGHT = time(0, 0)


class Deadline(NamedTuple):
    """A duty of a document's addressees, from when and until when (aware, UTC)."""

    kind: Duty
    start_at: datetime
    due_at: datetime


class DeadlinePolicy:
    """The operator's numbers over one calendar; cheap to ask, since every accepted document asks once."""

    def __init__(
        self,
        calendar: WorkingCalendar,
        working_minutes: Mapping[Priority, float] = WORKING_MINUTES,
        clock_minutes: Mapping[Priority, float] = CLOCK_MINUTES,
        *,
        expire_at_due_date: bool = False,
    ) -> None:
        self.calendar = calendar
        self._working_minutes = working_minutes
        self._clock = {priority: timedelta(minutes=minutes) for priority, minutes in clock_minutes.items()}
        self._expire = expire_at_due_date
        self._end: tuple[datetime, datetime] | None = None
        self._of_due_date = lru_cache(_CACHED_DAYS)(self._count_due_date)

    def of(self, priority: Priority, due_on: date | None, accepted_at: datetime) -> tuple[Deadline, ...]:
        """Return the deadlines of a document that is delivered at this instant; each due later than that."""
        receipt = Deadline("receipt", accepted_at, self._receipt_due(priority, accepted_at))
        if due_on is None:
            return (receipt,)
        others = self._of_due_date(due_on)
        return (receipt, *(Deadline(kind, accepted_at, due_at) for kind, due_at in others if due_at > accepted_at))

    def _receipt_due(self, priority: Priority, at: datetime) -> datetime:
        # All documents of a day have the same end: the last answer holds from the last one asked for until that end.
        known = self._end
        if known is None or not known[0] <= at < known[1]:
            self._end = known = at, self.calendar.end_of_working_day(at).astimezone(UTC)
        end = known[1]
        # What is urgent never gets more time than what is not.
        if (within := self._clock.get(priority)) is not None:
            return min(end, at + within)
        if (minutes := self._working_minutes.get(priority)) is not None:
            return min(end, self.calendar.add_working_minutes(at, minutes).astimezone(UTC))
        return end

    def _count_due_date(self, due_on: date) -> tuple[tuple[Duty, datetime], ...]:
        if due_on.year not in YEARS:
            return ()
        calendar = self.calendar
        last = calendar.working_day_from(due_on)
        before = calendar.previous_working_day(last)
        found: list[tuple[Duty, datetime]] = [
            ("reply", calendar.close_of(last).astimezone(UTC)),
            ("reply-reminder", calendar.close_of(before).astimezone(UTC)),
        ]
        if self._expire:
            midnight = datetime.combine(due_on + timedelta(days=1), _MIDNIGHT, VIETNAM)
            found.append(("validity", midnight.astimezone(UTC)))
        return tuple(found)


def years_in_use(now: datetime) -> tuple[int, ...]:
    """Return the years whose holidays deadlines of today may need: this one, and the next when it is near."""
    today = day_of(now)
    return tuple(sorted({today.year, (today + timedelta(days=30)).year}))
