"""Vietnamese text as people search it: `12/QĐ-UBND`, `12 qd ubnd` and both Unicode forms meet in one folded form."""

import re
import unicodedata
from functools import lru_cache

_STROKES = {"đ": "d", "Đ": "D"}
_NOT_WORD = re.compile(r"\W+")


def fold(text: str) -> str:
    """Return text with tone and vowel marks dropped, đ as d, case folded, and runs of other signs as one space."""
    if not text.isascii():
        text = "".join(map(_without_marks, text))
    return _NOT_WORD.sub(" ", text.casefold()).strip()


@lru_cache(maxsize=4096)
def _without_marks(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", _STROKES.get(letter, letter))
    return "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")


def folded_words(words: str) -> tuple[str, ...]:
    """Return the folded words of what somebody typed; `nghi*` stays the beginning of a word."""
    found: list[str] = []
    for typed in words.split():
        folded = fold(typed).split()
        if folded and typed.endswith("*"):
            folded[-1] += "*"
        found += folded
    return tuple(dict.fromkeys(found))
