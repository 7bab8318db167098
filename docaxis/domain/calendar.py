"""Days as the law counts them: Vietnam's calendar day of an instant."""

from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def day_of(at: datetime) -> date:
    """Return the calendar day in Vietnam of an aware instant."""
    return at.astimezone(VIETNAM).date()
