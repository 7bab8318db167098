"""The words of the pages: templates are written in Vietnamese, and the catalogues in `locale/en` say each text in English."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.pofile import read_po

from docaxis.web.written import Language

Catalogue = Mapping[str, tuple[str, ...]]


@lru_cache(1)
def english() -> Catalogue:
    """Return Vietnamese text → English forms (one, or singular and plural), of all catalogues; one file an area."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(files("docaxis.web").joinpath("locale", "en").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".po"):
            for message, forms in read_catalogue(file):
                found.setdefault(message, forms)
    return found


def read_catalogue(file: Traversable) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the texts of one file with their English forms."""
    with file.open("rb") as stream:
        for message in read_po(stream, locale="en", abort_invalid=True):
            if message.id and not message.fuzzy:
                key = message.id if isinstance(message.id, str) else message.id[0]
                said = message.string
                yield key, (said,) if isinstance(said, str) else tuple(said or ())


def text(language: Language, message: str) -> str:
    """Return a text in a language; an untranslated one stays Vietnamese (a test sees to it that there is none)."""
    if language == "vi":
        return message
    return english().get(message, (message,))[0] or message


def counted(language: Language, message: str, plural: str, count: int) -> str:
    """Return a text that depends on a number; Vietnamese has one form for all."""
    if language == "vi":
        return message if count == 1 else plural
    forms = english().get(message, (message,))
    return forms[0 if count == 1 else -1] or message


def mark(message: str) -> str:
    """Return a text as it is, marked for the catalogues: it is translated where it is shown.

    Imported as `_`: the tests of the catalogues find the texts by this name.
    """
    return message
