"""Every text of the operator's pages stands in English too, and no English stands for a text that is gone."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import docaxis.web
from docaxis.web.words import english, read_catalogue

WEB = Path(docaxis.web.__file__).parent
CATALOGUE = WEB / "locale" / "en" / "operator.po"


def texts() -> Iterator[str]:
    for template in (WEB / "templates" / "operator").glob("*.html"):
        with template.open("rb") as file:
            found = babel_extract(file, ("_", "gettext", "ngettext"), [], {"silent": "false", "trim_blocks": "true"})
            for _, _, message, _ in found:
                yield str(message[0]) if isinstance(message, tuple) else str(message)
    for module in (WEB / "operator").glob("*.py"):
        with module.open("rb") as file:
            yield from (one for _, one, _, _ in extract("python", file, {"_": None}) if isinstance(one, str))


def test_the_catalogue_of_the_operator_is_whole():
    catalogue = dict(read_catalogue(CATALOGUE))
    assert set(texts()) == set(catalogue)
    assert all(form for forms in catalogue.values() for form in forms)


def test_what_stands_in_several_catalogues_is_the_same_everywhere():
    assert {key: forms for key, forms in read_catalogue(CATALOGUE) if english()[key] != forms} == {}
