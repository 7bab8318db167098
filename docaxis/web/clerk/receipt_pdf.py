"""The receipt as a PDF: sheet by sheet the same facts as the page that is printed."""

from fpdf.enums import Align

from docaxis.web.clerk.receipt_facts import STEPS, ReceiptFacts, ReceiptLine, Sheet
from docaxis.web.clerk.receipt_qr import qr_runs
from docaxis.web.clerk.receipt_words import HEADS, ISSUER, TITLE, Say, about, cell, codes, counts, foot
from docaxis.web.paper import INK, LATE, LINE, MARGIN_MM, REFUSED, SECOND_INK, WIDTH_MM, Paper
from docaxis.web.words import mark as _
from docaxis.web.written import Written

_LEFT, _RIGHT = MARGIN_MM, MARGIN_MM + WIDTH_MM
_COLUMNS = {"number": _LEFT, "agency": _LEFT + 8, "dispatched": 102.0, "fetched": 120.0, "01": 138.0, "03": 161.0}
_WIDTHS = {"dispatched": 17.0, "fetched": 17.0, "01": 22.0, "03": 34.0}
_TRIANGLE = ((1.4, 0.0), (2.8, 2.6), (0.0, 2.6))
_OCTAGON = ((0.8, 0.0), (2.0, 0.0), (2.8, 0.8), (2.8, 2.0), (2.0, 2.8), (0.8, 2.8), (0.0, 2.0), (0.0, 0.8))
_DIAMOND = ((1.4, 0.0), (2.8, 1.4), (1.4, 2.8), (0.0, 1.4))
_MARKS = {"late": (LATE, _TRIANGLE), "refused": (REFUSED, _OCTAGON), "unattributed": (SECOND_INK, _DIAMOND)}
_ROW_MM, _NOTE_MM, _QR_MM = 6.0, 4.4, 28.0


def receipt_pdf(facts: ReceiptFacts, number: str, written: Written, say: Say, *, test_data: bool) -> bytes:
    """Return the receipt of a document, number as issued."""
    paper = Paper(f"{say(TITLE)} {facts.number}", written.language, say(_("DỮ LIỆU THỬ")) if test_data else "")
    paper.set_creation_date(facts.made_at)
    for sheet in facts.sheets:
        paper.add_page()
        _head(paper, facts, sheet, written, say)
        top = 34.0
        if sheet.number == 1:
            top = _about(paper, facts, number, written, say)
        top = _table(paper, facts, sheet, top, written, say)
        if sheet.number == 1:
            _codes(paper, facts, top, written, say)
        _foot(paper, facts, sheet, say)
    return bytes(paper.output())


def _head(paper: Paper, facts: ReceiptFacts, sheet: Sheet, written: Written, say: Say) -> None:
    paper.font(9.5, bold=True)
    paper.at(_LEFT, MARGIN_MM, say(ISSUER).upper(), 60, Align.C)
    paper.font(8.6)
    paper.set_draw_color(21, 25, 30)
    paper.set_line_width(0.2)
    paper.line(_LEFT + 18, MARGIN_MM + 6, _LEFT + 42, MARGIN_MM + 6)
    paper.at(_LEFT, MARGIN_MM + 7, say(_("Số: %(number)s"), number=facts.number), 60, Align.C)
    paper.font(8.6, bold=True)
    paper.at(_RIGHT - 60, MARGIN_MM, "docaxis", 60, Align.R)
    paper.font(8.6)
    made = say(_("Lập lúc %(at)s"), at=written.moment(facts.made_at, seconds=True))
    paper.at(_RIGHT - 60, MARGIN_MM + 4.6, made, 60, Align.R)
    paper.at(_RIGHT - 60, MARGIN_MM + 9.2, _sheet(facts, sheet, say), 60, Align.R)


def _sheet(facts: ReceiptFacts, sheet: Sheet, say: Say) -> str:
    return say(_("Tờ %(n)s/%(all)s"), n=sheet.number, all=len(facts.sheets))


def _about(paper: Paper, facts: ReceiptFacts, number: str, written: Written, say: Say) -> float:
    paper.font(15, bold=True)
    paper.at(_LEFT, 34, say(TITLE).upper(), WIDTH_MM, Align.C)
    paper.font(9.5)
    said = say(_("Chứng nhận việc gửi và nhận văn bản %(number)s"), number=number)
    paper.at(_LEFT, 41, said, WIDTH_MM, Align.C)
    _draw_code(paper, facts)
    paper.set_xy(_LEFT, 50)
    for name, value, _is_data in about(facts, number, say, written):
        _pair(paper, name, value, WIDTH_MM - _QR_MM - 42 - 6)
    return max(paper.get_y(), 50 + _QR_MM + 12) + 1


def _draw_code(paper: Paper, facts: ReceiptFacts) -> None:
    side, runs = qr_runs(facts.address)
    module = _QR_MM / side
    left = _RIGHT - _QR_MM
    paper.set_fill_color(0, 0, 0)
    for run in runs:
        paper.rect(left + run.column * module, 50 + run.row * module, run.length * module, module, "F")
    paper.font(7.5, fixed=True)
    half = len(facts.code) // 2
    paper.at(left - 4, 50 + _QR_MM + 1, facts.code[:half], _QR_MM + 8, Align.C)
    paper.at(left - 4, 50 + _QR_MM + 4.6, facts.code[half:], _QR_MM + 8, Align.C)


def _pair(paper: Paper, name: str, value: str, width: float, *, fixed: bool = False) -> None:
    top = paper.get_y()
    paper.font(8.6, colour=SECOND_INK)
    paper.at(_LEFT, top, name, 41)
    paper.font(7.5 if fixed else 8.6, fixed=fixed)
    paper.set_xy(_LEFT + 42, top)
    paper.words(value, width)
    paper.set_xy(_LEFT, paper.get_y() + 0.8)


def _table(paper: Paper, facts: ReceiptFacts, sheet: Sheet, top: float, written: Written, say: Say) -> float:
    if sheet.number == 1:
        paper.rule(top)
        paper.font(9.5, bold=True)
        paper.at(_LEFT, top + 1.5, say(_("Nơi nhận")), 30)
        paper.font(9.5)
        paper.at(_LEFT + 20, top + 1.5, counts(facts, say, written), WIDTH_MM - 20)
        top += 8
    paper.font(8, bold=True, colour=SECOND_INK)
    paper.at(_COLUMNS["number"], top, say(_("TT")), 7)
    paper.at(_COLUMNS["agency"], top, say(_("Cơ quan")), 80)
    for step in STEPS:
        paper.at(_COLUMNS[step], top, say(HEADS[step]), _WIDTHS[step] + 3)
    paper.rule(top + 5.5, 0.3)
    top += 6.2
    for line in sheet.lines:
        top = _line(paper, facts, line, top, written, say)
    paper.font(8, colour=SECOND_INK)
    said = say(_("Giờ không kèm ngày là ngày %(day)s, giờ Việt Nam (UTC+7)."), day=written.day(facts.day))
    paper.at(_LEFT, top + 1, said, WIDTH_MM)
    return top + 8


def _line(paper: Paper, facts: ReceiptFacts, line: ReceiptLine, top: float, written: Written, say: Say) -> float:
    paper.font(8.25)
    paper.at(_COLUMNS["number"], top, str(line.number), 6, Align.R)
    paper.at(_COLUMNS["agency"], top, f"{line.name} ({line.organ_id})", 78)
    for one in line.cells:
        mark = _MARKS.get(one.kind)
        paper.font(8.25, bold=mark is not None, colour=mark[0] if mark else INK)
        left, width = _COLUMNS[one.step], _RIGHT - _COLUMNS[one.step] if one.columns > 1 else _WIDTHS[one.step]
        if mark:
            # Outline and word beside each other, so that a printer without colours loses nothing.
            paper.set_fill_color(*mark[0])
            paper.polygon([(left + 1 + x, top + 0.9 + y) for x, y in mark[1]], style="F")
            left, width = left + 3.6, width - 2.6
        paper.at(left, top, cell(one, facts.day, say, written), width)
    if line.reason:
        top += _NOTE_MM
        paper.font(8.25)
        paper.at(_COLUMNS["agency"], top, say(_("Lý do: “%(reason)s”"), reason=line.reason), WIDTH_MM - 8)
    paper.rule(top + _ROW_MM - 0.8, 0.1, LINE)
    return top + _ROW_MM


def _codes(paper: Paper, facts: ReceiptFacts, top: float, written: Written, say: Say) -> None:
    paper.rule(top)
    paper.font(9.5, bold=True)
    paper.at(_LEFT, top + 1.5, say(_("Mã kiểm chứng")), 80)
    paper.set_xy(_LEFT, top + 8)
    for name, value in codes(facts, say, written):
        _pair(
            paper,
            name,
            value,
            WIDTH_MM - 42,
            fixed=value.replace(" ", "").isalnum() and " " in value and value.isascii(),
        )


def _foot(paper: Paper, facts: ReceiptFacts, sheet: Sheet, say: Say) -> None:
    paper.rule(paper.h - MARGIN_MM - 6)
    paper.font(7.5, colour=SECOND_INK)
    for number, line in enumerate(foot(facts, say)):
        paper.at(_LEFT, paper.h - MARGIN_MM - 5 + number * 3.8, line, WIDTH_MM - 20)
    paper.at(_RIGHT - 20, paper.h - MARGIN_MM - 5, _sheet(facts, sheet, say), 20, Align.R)
