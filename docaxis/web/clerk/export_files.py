"""A list as a file: CSV and JSON Lines as a stream, XLSX and PDF made row by row in a temporary file."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from xlsxwriter import Workbook

from docaxis.domain.calendar import VIETNAM
from docaxis.web.clerk.export_rows import Value
from docaxis.web.print import BODY_PT, FAMILY, TITLE_PT, Sheets, plain
from docaxis.web.written import Written

Cells = Sequence[Value]
Portions = AsyncIterator[Sequence[Cells]]

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL_MOST = 32_767
"""Characters of a cell of a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a list: title, issuer, when it was made (aware), the columns' keys, heads and widths (mm, 0: left out).

    foot and test_mark stand on each sheet.
    """

    title: str
    issuer: str
    at: str
    keys: Sequence[str]
    heads: Sequence[str]
    widths_mm: Sequence[float]
    foot: str
    test_mark: str
    written: Written


class File(Protocol):
    """A file that grows; calls may take long and belong in a thread."""

    def add(self, rows: Sequence[Cells]) -> None:
        """Write rows."""

    def finish(self) -> None:
        """Write the end; nothing may be added any more."""


async def csv_of(heading: Heading, portions: Portions) -> AsyncIterator[bytes]:
    """Yield CSV (RFC 4180) in UTF-8 with a byte order mark, as spreadsheets want it; no cell is taken for a formula."""
    yield (_BOM + _csv_lines([heading.heads], heading.written)).encode()
    async for rows in portions:
        yield _csv_lines(rows, heading.written).encode()


async def json_lines_of(heading: Heading, portions: Portions) -> AsyncIterator[bytes]:
    """Yield an object a line; instants in UTC, days as they are."""
    async for rows in portions:
        lines = (dict(zip(heading.keys, map(_json, row), strict=True)) for row in rows)
        yield "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines).encode()


class Xlsx:
    """A workbook of one sheet with typed dates; texts stay texts."""

    def __init__(self, path: Path, heading: Heading) -> None:
        self._book = Workbook(
            path,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "dd/mm/yyyy hh:mm",
                "tmpdir": str(path.parent),
            },
        )
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy"})
        self._row = 0
        bold = self._book.add_format({"bold": True})
        for line in (heading.title, f"{heading.issuer}. {heading.at}. {heading.test_mark}"):
            self._sheet.write_string(self._row, 0, line[:_CELL_MOST], bold)
            self._row += 1
        self._sheet.set_column(0, 0, 20)
        self._sheet.set_column(1, 1, 60)
        self._sheet.set_column(2, len(heading.heads) - 1, 18)
        for column, head in enumerate(heading.heads):
            self._sheet.write_string(self._row, column, head, bold)
        self._row += 1
        self._sheet.freeze_panes(self._row, 1)

    def add(self, rows: Sequence[Cells]) -> None:
        """Write rows."""
        for row in rows:
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    self._sheet.write_datetime(self._row, column, value.astimezone(VIETNAM).replace(tzinfo=None))
                elif isinstance(value, date):
                    self._sheet.write_datetime(self._row, column, value, self._day)
                elif isinstance(value, int):
                    self._sheet.write_number(self._row, column, value)
                elif value:
                    self._sheet.write_string(self._row, column, value[:_CELL_MOST])
            self._row += 1

    def finish(self) -> None:
        """Write the end."""
        self._book.close()


class Pdf:
    """A printed list, A4 across, its head on each sheet."""

    def __init__(self, path: Path, heading: Heading) -> None:
        self._path, self._heading = path, heading
        self._sheets = Sheets(heading.issuer, heading.foot, heading.test_mark, landscape=True)
        self._sheets.add_page()
        self._sheets.set_font(FAMILY, "B", TITLE_PT)
        self._sheets.multi_cell(0, 8, plain(heading.title), new_x="LMARGIN", new_y="NEXT")
        self._sheets.set_font(FAMILY, size=BODY_PT)
        self._sheets.cell(0, 6, plain(heading.at), new_x="LMARGIN", new_y="NEXT")
        self._columns = [place for place, width in enumerate(heading.widths_mm) if width]
        self._write_head()

    def add(self, rows: Sequence[Cells]) -> None:
        """Write rows."""
        for row in rows:
            self._write_row([_printed(row[place], self._heading.written) for place in self._columns])

    def finish(self) -> None:
        """Write the file."""
        self._sheets.output(str(self._path))

    def _write_head(self) -> None:
        self._sheets.set_font(FAMILY, "B", BODY_PT)
        self._write_row([self._heading.heads[place] for place in self._columns], is_head=True)
        self._sheets.set_font(FAMILY, size=BODY_PT)

    def _write_row(self, cells: Sequence[str], *, is_head: bool = False) -> None:
        sheets, widths = self._sheets, [self._heading.widths_mm[place] for place in self._columns]
        lines = [self._lines(text, width) for text, width in zip(cells, widths, strict=True)]
        height = 4.4 * max(map(len, lines)) + 1.2
        if not is_head and sheets.will_page_break(height):
            sheets.add_page()
            self._write_head()
        left, top = sheets.l_margin, sheets.get_y()
        for texts, width in zip(lines, widths, strict=True):
            for number, text in enumerate(texts):
                sheets.set_xy(left, top + 0.6 + 4.4 * number)
                sheets.cell(width, 4.4, text)
            left += width
        sheets.set_line_width(0.35 if is_head else 0.1)
        sheets.line(sheets.l_margin, top + height, left, top + height)
        sheets.set_xy(sheets.l_margin, top + height)

    def _lines(self, text: str, width_mm: float) -> Sequence[str]:
        """Break a text into lines that fit, a word that is too long within itself."""
        room, lines, line = width_mm - 2, [], ""
        for word in plain(text).split():
            longer = f"{line} {word}" if line else word
            if self._sheets.get_string_width(longer) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while self._sheets.get_string_width(line) > room:
                fits = next(
                    n for n in range(len(line), 0, -1) if n == 1 or self._sheets.get_string_width(line[:n]) <= room
                )
                if fits == len(line):
                    break
                lines.append(line[:fits])
                line = line[fits:]
        return [*lines, line]


STREAMS: dict[str, tuple[str, Callable[[Heading, Portions], AsyncIterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_of),
    "jsonl": ("application/jsonl", json_lines_of),
}
FILES: dict[str, tuple[str, Callable[[Path, Heading], File]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Xlsx),
    "pdf": ("application/pdf", Pdf),
}


def _csv_lines(rows: Sequence[Sequence[Value]], written: Written) -> str:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(
        [_quiet(_printed(value, written)) for value in row] for row in rows
    )
    return lines.getvalue()


def _quiet(text: str) -> str:
    """Keep a spreadsheet from taking somebody's text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _printed(value: Value, written: Written) -> str:
    if isinstance(value, datetime):
        return written.moment(value)
    if isinstance(value, date):
        return written.day(value)
    return "" if value is None else str(value)


def _json(value: Value) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
