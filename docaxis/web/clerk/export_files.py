"""A list as a file: CSV and JSON Lines as a stream, XLSX and PDF made row by row in a temporary file."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from fpdf.enums import Align
from xlsxwriter import Workbook

from docaxis.domain.calendar import VIETNAM
from docaxis.domain.spreadsheet import harmless
from docaxis.web.clerk.export_rows import Value
from docaxis.web.paper import INK, LINE, MARGIN_MM, SECOND_INK, Paper
from docaxis.web.written import Written

Cells = Sequence[Value]
Portions = AsyncIterator[Sequence[Cells]]

_BODY_PT, _SMALL_PT, _TITLE_PT, _LINE_MM = 8.6, 7.5, 14.0, 4.4
_BASELINE_MM = 3.7
_WIDTHS_KEPT = 20_000
_BOM = "\ufeff"
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


class _Sheets(Paper):
    """Sheets that begin with the issuer and end with a foot and their number."""

    def __init__(self, heading: Heading) -> None:
        super().__init__(heading.title, heading.written.language, heading.test_mark, landscape=True)
        self._heading = heading
        self.alias_nb_pages("{sheets}")

    def header(self) -> None:
        """Write issuer and test mark (called by the library)."""
        super().header()
        self.font(_BODY_PT, bold=True)
        self.at(MARGIN_MM, MARGIN_MM - 5, self._heading.issuer.upper(), self.epw / 2 - 30)
        self.set_xy(MARGIN_MM, MARGIN_MM + 2)

    def footer(self) -> None:
        """Write foot and number (called by the library)."""
        top = self.h - MARGIN_MM
        self.font(_SMALL_PT, colour=SECOND_INK)
        self.at(MARGIN_MM, top, self._heading.foot, self.epw - 40)
        self.set_xy(self.w - MARGIN_MM - 40, top)
        self.cell(40, 4.6, f"{self.page_no()}/{{sheets}}", align=Align.R)


class Pdf:
    """A printed list, A4 across, its head on each sheet."""

    def __init__(self, path: Path, heading: Heading) -> None:
        self._path, self._heading = path, heading
        self._columns = [place for place, width in enumerate(heading.widths_mm) if width]
        self._sheets = _Sheets(heading)
        self._sheets.add_page()
        self._sheets.font(_TITLE_PT, bold=True)
        self._sheets.words(heading.title, height=8)
        self._sheets.font(_BODY_PT)
        self._sheets.words(heading.at)
        self._sheets.ln(2)
        self._widths: dict[str, float] = {}
        self._space = self._sheets.get_string_width(" ")
        self._write_head()

    def add(self, rows: Sequence[Cells]) -> None:
        """Write rows."""
        for row in rows:
            self._write_row([_printed(row[place], self._heading.written) for place in self._columns])

    def finish(self) -> None:
        """Write the file."""
        self._sheets.output(str(self._path))

    def _write_head(self) -> None:
        self._sheets.font(_BODY_PT, bold=True)
        measured, self._widths = self._widths, {}
        self._write_row([self._heading.heads[place] for place in self._columns], is_head=True)
        self._sheets.font(_BODY_PT)
        self._widths = measured

    def _write_row(self, cells: Sequence[str], *, is_head: bool = False) -> None:
        sheets, widths = self._sheets, [self._heading.widths_mm[place] for place in self._columns]
        lines = [self._lines(text, width) for text, width in zip(cells, widths, strict=True)]
        height = _LINE_MM * max(map(len, lines)) + 1.2
        if not is_head and sheets.get_y() + height > sheets.h - MARGIN_MM - 2:
            sheets.add_page()
            self._write_head()
        left, top = MARGIN_MM, sheets.get_y()
        for texts, width in zip(lines, widths, strict=True):
            for number, text in enumerate(filter(None, texts)):
                # Much cheaper than a cell, which would measure and style again what is known.
                sheets.text(left + 1, top + _BASELINE_MM + _LINE_MM * number, text)
            left += width
        sheets.rule(top + height, 0.35 if is_head else 0.1, INK if is_head else LINE)
        sheets.set_xy(MARGIN_MM, top + height)

    def _lines(self, text: str, width_mm: float) -> Sequence[str]:
        """Break a text into lines that fit, a word that is too long within itself."""
        room, lines, line, used = width_mm - 2, [], "", 0.0
        for word in _plain(self._sheets.composed(text)).split():
            width = self._width(word)
            if line and used + self._space + width <= room:
                line, used = f"{line} {word}", used + self._space + width
                continue
            if line:
                lines.append(line)
            line, used = word, width
            while len(line) > 1 and used > room:
                fits = max((n for n in range(1, len(line)) if self._width(line[:n]) <= room), default=1)
                lines.append(line[:fits])
                line = line[fits:]
                used = self._width(line)
        return [*lines, line]

    def _width(self, word: str) -> float:
        """Return the width of a word in millimetres: to measure is dear, and the same words come again and again."""
        if word not in self._widths:
            if len(self._widths) >= _WIDTHS_KEPT:
                self._widths.clear()
            self._widths[word] = self._sheets.get_string_width(word)
        return self._widths[word]


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
        [harmless(_printed(value, written)) for value in row] for row in rows
    )
    return lines.getvalue()


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


def _plain(text: str) -> str:
    """Return a text without what no line of a sheet can hold."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
