"""Sheets of paper as PDF: A4 upright, the fonts of the pages, and the mark of test data at the top of every sheet."""

import unicodedata
from importlib.resources import as_file, files
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

TEXT: Final = "be-vietnam-pro"
FIXED: Final = "docaxis-fixed"
MARGIN_MM: Final = 15.0
WIDTH_MM: Final = 180.0
INK: Final = (21, 25, 30)
SECOND_INK: Final = (67, 74, 82)
LATE: Final = (133, 73, 0)
LATE_TINT: Final = (251, 241, 223)
REFUSED: Final = (163, 35, 27)
LINE: Final = (220, 223, 219)
_FONTS: Final = (
    (TEXT, "", "be-vietnam-pro-regular.ttf"),
    (TEXT, "B", "be-vietnam-pro-bold.ttf"),
    (FIXED, "", "docaxis-fixed.ttf"),
)


class Paper(FPDF):
    """An A4 document; test_mark is the words of the mark, empty for none. Sizes in points, lengths in millimetres."""

    def __init__(self, title: str, language: str, test_mark: str = "", *, landscape: bool = False) -> None:
        """Load the fonts; no sheet yet."""
        super().__init__("landscape" if landscape else "portrait", "mm", "A4")
        with as_file(files("docaxis.web").joinpath("paper_fonts")) as folder:
            for family, style, name in _FONTS:
                self.add_font(family, style, folder / name)
        self.test_mark = test_mark
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("docaxis")
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(auto=False)

    def header(self) -> None:
        """Put the mark of test data at the top middle of a sheet (called by the library)."""
        if not self.test_mark:
            return
        self.font(8.6, bold=True, colour=LATE)
        width = self.get_string_width(self.test_mark) + 8
        left = (self.w - width) / 2
        self.set_draw_color(*LATE)
        self.set_fill_color(*LATE_TINT)
        self.set_dash_pattern(1.2, 0.8)
        self.rect(left, MARGIN_MM - 6, width, 6.5, "DF")
        self.set_dash_pattern()
        self.set_xy(left, MARGIN_MM - 6)
        self.cell(width, 6.5, self.test_mark, align=Align.C)
        self.set_xy(MARGIN_MM, MARGIN_MM)

    def font(self, size: float, *, bold: bool = False, fixed: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """Choose how the next text is set."""
        self.set_font(FIXED if fixed else TEXT, "B" if bold else "", size)
        self.set_text_color(*colour)

    def words(self, text: str, width: float = 0, height: float = 4.6, align: Align = Align.L) -> None:
        """Write text over as many lines as it takes, and go on beneath it; signs that the fonts lack become a box."""
        self.multi_cell(width, height, self.composed(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def at(self, left: float, top: float, text: str, width: float = 0, align: Align = Align.L) -> None:
        """Write one line at a place; what is too long for the width is cut with an ellipsis."""
        shown = self.composed(text)
        if width and self.get_string_width(shown) > width:
            while shown and self.get_string_width(f"{shown}…") > width:
                shown = shown[:-1]
            shown = f"{shown.rstrip()}…"
        self.set_xy(left, top)
        self.cell(width or None, 4.6, shown, align=align)

    def rule(self, top: float, thickness: float = 0.2, colour: tuple[int, int, int] = INK) -> None:
        """Draw a line over the whole width."""
        self.set_draw_color(*colour)
        self.set_line_width(thickness)
        self.line(MARGIN_MM, top, self.w - MARGIN_MM, top)

    def composed(self, text: str) -> str:
        """Return text as the fonts hold it: letters with their marks as one sign, no line breaks of the text's own."""
        return unicodedata.normalize("NFC", " ".join(text.split()))
