"""Make the fonts of printed lists and receipts: Be Vietnam Pro as TrueType, its latin and vietnamese parts in one file.

    .venv/bin/python scripts/print_fonts.py

The PDF writer reads no WOFF2 without a decoder, which the running program does not carry. Layout tables are left out: the
letters are composed ones, and nothing of the PDF is set with them. The sources are the files of `docaxis/web/static`.
"""

# ruff: noqa: INP001 - a script, not a package
import io
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

WEB = Path(__file__).resolve().parents[1] / "docaxis" / "web"
WEIGHTS = (400, 600)
DROPPED = ("GSUB", "GPOS", "GDEF", "gasp")


def make(weight: int) -> bytes:
    """Return the octets of one weight."""
    parts = []
    for subset in ("latin", "vietnamese"):
        part = TTFont(WEB / "static" / f"be-vietnam-pro-{subset}-{weight}.woff2", recalcTimestamp=False)
        part.flavor = None
        made_at = part["head"].modified
        plain = io.BytesIO()
        part.save(plain)
        plain.seek(0)
        parts.append(plain)
    merged = Merger().merge(parts)
    for table in DROPPED:
        if table in merged:
            del merged[table]
    merged.recalcTimestamp = False
    # Of the moment of merging nothing may remain, or each run would make another file.
    merged["head"].created = merged["head"].modified = made_at
    made = io.BytesIO()
    merged.save(made, reorderTables=True)
    return made.getvalue()


def main() -> None:
    """Write the files."""
    for weight in WEIGHTS:
        (WEB / "print" / f"be-vietnam-pro-{weight}.ttf").write_bytes(make(weight))


if __name__ == "__main__":
    main()
