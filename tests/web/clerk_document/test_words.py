"""Every text of these pages stands in English too, and no English stands for a text that is gone."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import docaxis.web
from docaxis.web.words import read_catalogue

WEB = Path(docaxis.web.__file__).parent
TEMPLATES = (
    "act", "check", "delivery", "document", "document_parts", "document_received", "entry", "package", "receipt",
    "submission", "verify",
)  # fmt: skip
MODULES = ("acts*", "delivery*", "document*", "matrix*", "receipt*")


def texts() -> Iterator[str]:
    for name in TEMPLATES:
        with (WEB / "templates" / "clerk" / f"{name}.html").open("rb") as file:
            found = babel_extract(file, ("_", "gettext", "ngettext"), [], {"silent": "false", "trim_blocks": "true"})
            for _, _, message, _ in found:
                # Of a text that depends on a number the first form is the key.
                first = message if isinstance(message, str) else message[0] if message else None
                if first:
                    yield first
    for pattern in MODULES:
        for module in (WEB / "clerk").glob(f"{pattern}.py"):
            with module.open("rb") as file:
                yield from (text for _, text, _, _ in extract("python", file, {"_": None}) if isinstance(text, str))


def test_the_catalogue_is_whole():
    catalogue = dict(read_catalogue(WEB / "locale" / "en" / "document.po"))
    assert set(texts()) == set(catalogue)
    assert all(form for forms in catalogue.values() for form in forms)
