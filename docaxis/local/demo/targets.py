"""What share is to be reached by when: targets for the page of indicators, so that it has something to tell."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path

from docaxis.domain.targets import COLUMNS
from docaxis.local.demo.files import write_private

_SHARES = (
    ("answered-on-time", "", 95.0),
    ("connected", "", 100.0),
    ("connected", "central", 100.0),
    ("connected", "communal", 90.0),
    ("silent", "", 5.0),
    ("refused", "", 2.0),
    ("electronic", "", 100.0),
    ("signed-by-agency", "", 100.0),
)
"""Indicator, level (empty: all), percent."""


def write_targets(file: Path, today: date) -> None:
    """Write targets that are due at the end of next year."""
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows((*one, date(today.year + 1, 12, 31).isoformat()) for one in _SHARES)
    write_private(file, stream.getvalue())
