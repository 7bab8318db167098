"""Sheets of paper: A4 in the product's own letters, the issuer and the test mark on each."""

import unicodedata
from importlib.resources import files

from fpdf import FPDF

FAMILY = "be-vietnam-pro"
MARGIN_MM = 15.0
BODY_PT, SMALL_PT, TITLE_PT = 8.6, 7.5, 14.0
LATE_RGB = (133, 73, 0)


class Sheets(FPDF):
    """A document that begins each sheet with the issuer and ends it with `foot` and its number."""

    def __init__(self, issuer: str, foot: str, test_mark: str = "", *, landscape: bool = False) -> None:
        """Begin with no sheet yet; test_mark is the words of the mark, empty where the data are real."""
        super().__init__("landscape" if landscape else "portrait", "mm", "A4")
        self._issuer, self._foot, self._test_mark = plain(issuer), plain(foot), plain(test_mark)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM + 5)
        folder = files(__package__)
        for style, weight in (("", 400), ("B", 600)):
            # A file on the disk: the package is never imported from an archive.
            self.add_font(FAMILY, style, str(folder.joinpath(f"be-vietnam-pro-{weight}.ttf")))
        self.set_font(FAMILY, size=BODY_PT)

    def header(self) -> None:
        """Write issuer and test mark."""
        self.set_font(FAMILY, "B", BODY_PT)
        self.cell(self.epw / 2, 5, self._issuer.upper())
        if self._test_mark:
            self.set_text_color(*LATE_RGB)
            self.set_draw_color(*LATE_RGB)
            self.set_dash_pattern(dash=1, gap=1)
            self.set_x(self.w / 2 + 20)
            self.cell(self.get_string_width(self._test_mark) + 4, 5, self._test_mark, border=1, align="C")
            self.set_dash_pattern()
            self.set_text_color(0)
            self.set_draw_color(0)
        self.ln(8)
        self.set_font(FAMILY, size=BODY_PT)

    def footer(self) -> None:
        """Write the foot and the sheet's number."""
        self.set_y(-MARGIN_MM)
        self.set_font(FAMILY, size=SMALL_PT)
        mark = f"{self._test_mark}. " if self._test_mark else ""
        self.cell(self.epw - 30, 5, mark + self._foot)
        self.cell(30, 5, f"{self.page_no()}/{{nb}}", align="R")


def plain(text: str) -> str:
    """Return a text in composed letters and without what no line can hold; the fonts know no others."""
    return "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", text))
