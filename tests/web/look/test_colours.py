"""Every pair of colours that meet on a page has the contrast that WCAG 2.2 AA asks for, computed from the sheet itself."""

import re

import pytest

from tests.web.look.sheet import SHEET, contrast, tokens

LIGHT, DARK, AUTO_DARK = ":root, .receipt", '[data-theme="dark"]', '[data-theme="auto"]'

TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("ground", "band")],
    *[(hue, "ground") for hue in ("indigo", "late", "refused", "done")],
    *[(hue, f"{hue}-tint") for hue in ("indigo", "late", "refused", "done")],
    ("ink", "indigo-tint"),
    ("ink-2", "indigo-tint"),
    ("ink-3", "indigo-tint"),
    ("ink", "late-tint"),
    ("ink", "refused-tint"),
    ("ink", "done-tint"),
    ("indigo", "band"),
    ("late", "indigo-tint"),
    ("refused", "indigo-tint"),
    ("done", "indigo-tint"),
    ("on-indigo", "indigo"),
    ("on-match", "match"),
]
CONTROLS = [("edge", ground) for ground in ("ground", "band", "trough", "indigo-tint")]
MARKS = [("ink-2", "trough"), ("late", "trough"), ("refused", "trough"), ("indigo", "trough"), ("indigo", "ground")]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_reaches_four_and_a_half(theme, front, back):
    held = tokens(theme)
    assert contrast(held[front], held[back]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("front", "back"), [*CONTROLS, *MARKS])
def test_edges_of_controls_and_marks_reach_three(theme, front, back):
    held = tokens(theme)
    assert contrast(held[front], held[back]) >= 3


def test_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_the_machine_and_the_reader_get_the_same_dark():
    assert tokens(DARK) == tokens(AUTO_DARK)
    assert tokens(DARK).keys() == tokens(LIGHT).keys()


def test_colours_are_named_once_and_used_by_name():
    """No colour outside the tokens but in print, where they are set once more."""
    on_screen = SHEET.split("@media screen and (max-width: 639px) { :root", 1)[1].split("@media print", 1)[0]
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", on_screen)


def test_every_colour_that_is_used_is_there():
    used = set(re.findall(r"var\(--([\w-]+)", SHEET))
    named = set(re.findall(r"--([\w-]+):", SHEET))
    assert used - named == {"matrix-head"}, "which has a fallback"
