"""Days as people type them."""

from datetime import date, datetime


def read_day(text: str) -> date | None:
    """Return the day that a browser's field (2026-11-20) or a person (20/11/2026) writes, None for anything else."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
