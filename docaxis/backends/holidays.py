"""The days that are not as their weekday says: those of the package, and an operator's own that go before them."""

from datetime import date
from importlib.resources import files
from pathlib import Path

from docaxis.config import ConfigError
from docaxis.domain.calendar import read_special_days

SHIPPED = "holidays-vietnam.csv"


def special_days(own: Path | None = None) -> dict[date, bool]:
    """Return the special days, True: worked; raises ConfigError for an own file that cannot be read."""
    days = read_special_days((files("docaxis.data") / SHIPPED).read_text(encoding="utf-8"))
    if own is not None:
        try:
            days |= read_special_days(own.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"deadlines.holidays_file: {own}: {error}") from None
    return days
