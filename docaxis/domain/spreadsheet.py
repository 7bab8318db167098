"""What a spreadsheet takes for a formula: texts of strangers go into CSV, and must stay texts there (CWE-1236)."""

from typing import Final

_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a text as a field of CSV may hold it: with an apostrophe before what would be calculated."""
    return f"'{text}" if text.startswith(_BEGINNINGS) else text
