"""Days as the law counts them: Vietnam's calendar day of an instant, working days, and time counted in working hours."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
FIXED_HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
"""Month and day of the holidays that the Labour Code ties to the solar calendar: they need no announcement."""
KINDS = {"holiday": False, "working": True}
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


def day_of(at: datetime) -> date:
    """Return the calendar day in Vietnam of an aware instant."""
    return at.astimezone(VIETNAM).date()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked, and from when to when (Vietnam's time).

    special: days that are not as their weekday says, True: worked. In a year that none of them is of (`knows`), only
    weekends and the fixed holidays are free.
    """

    special: Mapping[date, bool] = field(default_factory=dict)
    opens: time = time(7, 30)
    closes: time = time(17, 0)

    def __post_init__(self) -> None:
        """Refuse a day that ends before it begins (ValueError)."""
        if self.opens >= self.closes:
            raise ValueError("the working day must end after it begins")

    def knows(self, year: int) -> bool:
        """Whether any special day of this year is known."""
        return any(day.year == year for day in self.special)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked."""
        worked = self.special.get(day)
        if worked is not None:
            return worked
        return day.weekday() < _SATURDAY and (day.month, day.day) not in FIXED_HOLIDAYS

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this one."""
        day += _ONE_DAY
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """Return the last working day before this one."""
        day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def working_day_from(self, day: date) -> date:
        """Return the day itself where it is worked, else the next one that is: a period does not end on a free day."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def close_of(self, day: date) -> datetime:
        """Return the end of working hours of a day."""
        return datetime.combine(day, self.closes, VIETNAM)

    def end_of_working_day(self, at: datetime) -> datetime:
        """Return the end of this working day; after hours or on a free day, of the next one."""
        local = at.astimezone(VIETNAM)
        day = local.date()
        if local.time() >= self.closes or not self.is_working_day(day):
            day = self.next_working_day(day)
        return self.close_of(day)

    def add_working_minutes(self, at: datetime, minutes: float) -> datetime:
        """Return the instant at which so many minutes of working hours have passed."""
        left = timedelta(minutes=minutes)
        start = at.astimezone(VIETNAM)
        while True:
            day = start.date()
            close = self.close_of(day)
            start = max(start, datetime.combine(day, self.opens, VIETNAM))
            if start < close and self.is_working_day(day):
                if left <= close - start:
                    return start + left
                left -= close - start
            start = datetime.combine(self.next_working_day(day), self.opens, VIETNAM)


def read_special_days(text: str) -> dict[date, bool]:
    """Read `date,kind,name` (kind `holiday` or `working`; a line with # is a remark); raises ValueError naming the line."""
    days: dict[date, bool] = {}
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    rows = [(number, line) for number, line in lines if not line.lstrip().startswith("#")]
    if not rows or rows[0][1].strip() != "date,kind,name":
        raise ValueError("the first line must be date,kind,name")
    for number, line in rows[1:]:
        cells = next(csv.reader([line]))
        try:
            day, kind = date.fromisoformat(cells[0].strip()), cells[1].strip()
            worked = KINDS[kind]
        except (ValueError, IndexError, KeyError):
            raise ValueError(f"line {number}: YYYY-MM-DD,holiday|working,name expected") from None
        if days.setdefault(day, worked) is not worked:
            raise ValueError(f"line {number}: {day} stands there as holiday and as working day")
    return days
