"""What a search has found, marked in the text that it was found in, whatever marks and case were typed."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from docaxis.domain.folding import fold

_WORD = re.compile(r"\w+")


def marked(text: str, words: Sequence[str]) -> Markup:
    """Return the text as markup, the folded words in it marked; words beside each other get one mark."""
    found: list[list[int]] = []
    for word in _WORD.finditer(text) if words else ():
        if not _is_meant(fold(word[0]), words):
            continue
        if found and text[found[-1][1] : word.start()].isspace():
            found[-1][1] = word.end()
        else:
            found.append([word.start(), word.end()])
    parts, reached = [], 0
    for start, end in found:
        parts += [escape(text[reached:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        reached = end
    return Markup("").join([*parts, escape(text[reached:])])


def _is_meant(folded: str, words: Sequence[str]) -> bool:
    return any(folded.startswith(word[:-1]) if word.endswith("*") else folded == word for word in words)
