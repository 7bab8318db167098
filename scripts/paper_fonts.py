"""Make the fonts of printed sheets (PDF) from the published subsets: one TrueType file a weight, Latin and Vietnamese together.

    paper_fonts.py BE_VIETNAM_PRO_DIRECTORY IBM_PLEX_MONO_FILE TARGET_DIRECTORY

A PDF embeds what it uses of these; browsers never load them. Layout rules and instructions are left out: the text is set
sign by sign, in composed form. The sources are those of `fonts.py`, by the same digests. Licences: SIL Open Font License 1.1;
the fixed-width face is cut down, so it carries another name than the reserved one.
"""

# ruff: noqa: INP001 - a script, not a package
import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fonts import opened
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

WEIGHTS = {"regular": 400, "bold": 600}
MONO_SHA256 = "08949f728dc52d528e69b1667d15c89a5686a4ee9a296ff90983985f99c380f7"
_LEFT_OUT = ("GSUB", "GPOS", "GDEF", "fpgm", "prep", "cvt ", "gasp", "STAT", "DSIG", "meta")
_MONO_FAMILY = "Docaxis Fixed"


def merged(directory: Path, weight: int, scratch: Path) -> TTFont:
    """Return both subsets of a weight as one font."""
    parts = []
    for subset in ("latin", "vietnamese"):
        part = scratch / f"{subset}-{weight}.ttf"
        _plain(opened(directory, subset, weight)).save(part)
        parts.append(str(part))
    return Merger().merge(parts)


def mono(file: Path) -> TTFont:
    """Return the fixed-width face under a name of its own; raises ValueError for a file that is not the recorded one."""
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != MONO_SHA256:
        raise ValueError(f"{file} is {found}, recorded is {MONO_SHA256}")
    font = _plain(TTFont(file, recalcTimestamp=False))
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = _MONO_FAMILY
        elif record.nameID in {3, 6}:
            record.string = _MONO_FAMILY.replace(" ", "")
    return font


def _plain(font: TTFont) -> TTFont:
    for table in _LEFT_OUT:
        if table in font:
            del font[table]
    font.flavor = None
    return font


def main() -> None:
    """Write the files."""
    source, mono_file, target = map(Path, sys.argv[1:4])
    with TemporaryDirectory() as scratch:
        for name, weight in WEIGHTS.items():
            merged(source, weight, Path(scratch)).save(target / f"be-vietnam-pro-{name}.ttf")
    mono(mono_file).save(target / "docaxis-fixed.ttf")


if __name__ == "__main__":
    main()
