"""Vietnamese text as people search it: `12/QĐ-UBND`, `12 qd ubnd` and both Unicode forms meet in one folded form."""

import re
import unicodedata

_D_STROKE = str.maketrans("đĐ", "dD")
_NOT_WORD = re.compile(r"\W+")


def fold(text: str) -> str:
    """Return text with tone and vowel marks dropped, đ as d, case folded, and runs of other signs as one space."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFD", text.translate(_D_STROKE))
        text = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return _NOT_WORD.sub(" ", text.casefold()).strip()
