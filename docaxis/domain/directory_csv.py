"""Agencies and connections from CSV text (RFC 4180, first line the column names, several codes in a cell with `|`)."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from operator import itemgetter
from sys import intern

from docaxis.domain.organ import Agency, parse_organ_id

AGENCY_COLUMNS = (
    "organ_id",
    "name",
    "level",
    "branch",
    "parent",
    "aliases",
    "valid_from",
    "valid_to",
    "successors",
    "source",
    "statistical_code",
)
"""The columns in any order; `organ_id`, `name`, `level`, `branch` and `source` must be there."""
_NEEDED = frozenset(("organ_id", "name", "level", "branch", "source"))
_PROBLEMS_SHOWN = 20


def read_agencies(csv_text: str) -> list[Agency]:
    """Return the agencies of the text; whether their parents and successors exist is `Directory.build`'s to say.

    Raises ValueError naming the lines at fault, 20 at most.
    """
    agencies: list[Agency] = []
    problems: list[str] = []
    days: dict[str, date | None] = {"": None}
    for line, row in _rows(csv_text, AGENCY_COLUMNS, _NEEDED):
        try:
            agencies.append(_agency(row, days))
        except ValueError as problem:
            problems.append(f"line {line}: {problem}")
    _raise_for(problems)
    return agencies


def read_connections(csv_text: str) -> dict[str, str]:
    """Return organ id → endpoint from the columns `organ_id` and `endpoint`; raises ValueError naming the lines."""
    connections: dict[str, str] = {}
    problems: list[str] = []
    for line, (written, endpoint) in _rows(csv_text, ("organ_id", "endpoint"), frozenset(("organ_id", "endpoint"))):
        code = parse_organ_id(written)
        if code is None or not endpoint:
            problems.append(f"line {line}: an organ_id and an endpoint are needed")
        elif code in connections:
            problems.append(f"line {line}: {code} given twice")
        else:
            connections[code] = endpoint
    _raise_for(problems)
    return connections


def _rows(csv_text: str, columns: tuple[str, ...], needed: frozenset[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield line number and cells in the order of `columns`, empty where a column is missing; skip blank lines."""
    reader = csv.reader(StringIO(csv_text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        missing, unknown = needed - set(header), set(header) - set(columns)
        if missing or unknown or len(set(header)) < len(header):
            msg = f"line 1: columns missing {sorted(missing)}, unknown {sorted(unknown)}, or one given twice"
            raise ValueError(msg)
        # One cell more than a row has, so that a missing column reads as empty.
        in_order = itemgetter(*(header.index(column) if column in header else len(header) for column in columns))
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                msg = f"line {reader.line_num}: {len(row)} cells where the header has {len(header)}"
                raise ValueError(msg)
            row.append("")
            yield reader.line_num, in_order(row)
    except csv.Error as problem:
        msg = f"line {reader.line_num}: not CSV ({problem})"
        raise ValueError(msg) from problem


def _agency(row: tuple[str, ...], days: dict[str, date | None]) -> Agency:
    written, name, level, branch, parent, aliases, valid_from, valid_to, successors, source, statistical_code = row
    if not (name and level and branch and source):
        msg = f"{written}: name, level, branch and source are needed"
        raise ValueError(msg)
    begins, ends = _day(valid_from, days), _day(valid_to, days)
    if begins is not None and ends is not None and ends <= begins:
        msg = f"{written}: valid_to {ends} is not after valid_from {begins}"
        raise ValueError(msg)
    if successors and ends is None:
        msg = f"{written}: successors of an agency without valid_to"
        raise ValueError(msg)
    return Agency(
        organ_id=_code(written),
        name=name,
        level=intern(level),
        branch=intern(branch),
        parent=_code(parent) if parent else "",
        aliases=_codes(aliases) if aliases else (),
        valid_from=begins,
        valid_to=ends,
        successors=_codes(successors) if successors else (),
        source=intern(source),
        statistical_code=statistical_code,
    )


def _code(text: str) -> str:
    code = parse_organ_id(text)
    if code is None:
        msg = f"{text!a} cannot be an organ_id"
        raise ValueError(msg)
    return code


def _codes(text: str) -> tuple[str, ...]:
    return tuple(map(_code, text.split("|")))


def _day(text: str, days: dict[str, date | None]) -> date | None:
    """Return the day of `yyyy-mm-dd`; a directory has few different days, so each is read once."""
    if text not in days:
        try:
            days[text] = date.fromisoformat(text)
        except ValueError:
            msg = f"{text!a} is not a day (yyyy-mm-dd)"
            raise ValueError(msg) from None
    return days[text]


def _raise_for(problems: list[str]) -> None:
    if problems:
        more = f"; and {len(problems) - _PROBLEMS_SHOWN} more" if len(problems) > _PROBLEMS_SHOWN else ""
        raise ValueError("; ".join(problems[:_PROBLEMS_SHOWN]) + more)
