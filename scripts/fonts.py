"""Make the fonts of the pages from the published files of Be Vietnam Pro.

    fonts.py SOURCE_DIRECTORY TARGET_DIRECTORY

The source is the directory of the published subsets (be-vietnam-pro-<subset>-<weight>-normal.woff2), whose digests stand
below: another version must be looked at first. What is made:

* the letters, without instructions for the grid of old screens: half the size, and smoothed alike at every size;
* a companion of ten digits at one width, so that times and counts line up (the font has no tabular figures). The outlines
  stay as they are, only their room changes. It has a family name of its own.

Copyright and licence records are those of the source (SIL Open Font License 1.1, no reserved name).
"""

# ruff: noqa: INP001 - a script, not a package
import hashlib
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SOURCES = {
    ("latin", 400): "03d1b589cff172e1a670b3573e731d3380bc326f80cf83b0d3504e3188e2e074",
    ("latin", 500): "b621f77d35f777023aa11ca524462d511b4b28a813adbc0e9d15a10fc61dfe4e",
    ("latin", 600): "9503dec2a7c532c8331e9600bcafea287a4fd208573b8668d85ab8d8de1863c7",
    ("vietnamese", 400): "dc085e2fba3414e5c5bf1e6172f921a9f81c5859946a4ed3d63c1e470d96a9e2",
    ("vietnamese", 500): "86341610cbe907eecf461c9159c168d5efb52bb1a33963813a08f520555d8e66",
    ("vietnamese", 600): "97658c6f9a384f29a3005c3d96e2a0d1c810192cf68979071c290f5a377a9f99",
}
"""Subset and weight → SHA-256 of the published file."""

WIDTH = 664
"""Units of 1,000 an em: near the wide digits, so that only 1 gets much more room."""

_DIGITS = range(ord("0"), ord("9") + 1)
_FAMILY = "Docaxis Digits"
_NAMES = {1: _FAMILY, 3: "docaxis-digits-{weight}", 4: _FAMILY + " {weight}", 6: "DocaxisDigits-{weight}", 16: _FAMILY}
_FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk"]
_SMOOTH_ALWAYS = {0xFFFF: 15}


def opened(directory: Path, subset: str, weight: int) -> TTFont:
    """Return a published font; raises ValueError for a file that is not the recorded one."""
    source = directory / f"be-vietnam-pro-{subset}-{weight}-normal.woff2"
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != SOURCES[subset, weight]:
        raise ValueError(f"{source} is {found}, recorded is {SOURCES[subset, weight]}")
    return TTFont(source, recalcTimestamp=False)


def letters(font: TTFont) -> TTFont:
    """Return the font with all its characters and without instructions."""
    return _cut(font, font.getBestCmap(), _FEATURES)


def digits(font: TTFont, weight: int) -> TTFont:
    """Return the ten digits at one width, under the companion's name."""
    font = _cut(font, _DIGITS, [])
    for code in _DIGITS:
        _widen(font, font.getBestCmap()[code])
    for record in font["name"].names:
        if record.nameID in _NAMES:
            record.string = _NAMES[record.nameID].format(weight=weight)
    return font


def _cut(font: TTFont, characters: "range | dict[int, str]", features: list[str]) -> TTFont:
    options = Options()
    options.hinting = False
    options.layout_features = features
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font["gasp"].gaspRange = dict(_SMOOTH_ALWAYS)
    font.flavor = "woff2"
    return font


def _widen(font: TTFont, name: str) -> None:
    """Put a digit into the middle of the common width."""
    advance, _ = font["hmtx"][name]
    shift = (WIDTH - advance) // 2
    glyph = font["glyf"][name]
    if glyph.isComposite():
        for part in glyph.components:
            part.x += shift
    else:
        glyph.coordinates.translate((shift, 0))
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (WIDTH, glyph.xMin)


def main(source: Path, target: Path) -> None:
    """Write all files."""
    for subset, weight in SOURCES:
        letters(opened(source, subset, weight)).save(target / f"be-vietnam-pro-{subset}-{weight}.woff2")
        if subset == "latin":
            digits(opened(source, subset, weight), weight).save(target / f"docaxis-digits-{weight}.woff2")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
