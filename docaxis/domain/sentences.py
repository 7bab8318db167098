"""One sentence for every refusal code, in Vietnamese and English, that tells a clerk what to do.

`{detail}` stands for the facts.

The texts stand in `sentences_vi.py` and `sentences_en.py`, so that a translator sees one language at a time.
"""

from docaxis.domain.sentences_en import ENGLISH
from docaxis.domain.sentences_vi import VIETNAMESE
from docaxis.domain.verdict import Reason

_LANGUAGES = {"vi": VIETNAMESE, "en": ENGLISH}
_EMPTY = (" ({detail})", ": {detail}")


def sentence(code: Reason, language: str, detail: str = "") -> str:
    """Return the sentence of a code with its facts filled in; any language but `en` is answered in Vietnamese."""
    text = _LANGUAGES.get(language, VIETNAMESE)[code]
    if not detail:
        for gap in _EMPTY:
            text = text.replace(gap, "")
    # A plain replacement: a sender's text may hold braces, which format() would obey.
    return text.replace("{detail}", detail)
