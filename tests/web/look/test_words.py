"""Every text of the frame stands in English too, and no English stands for a text that is gone."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import docaxis.web
from docaxis.web.words import read_catalogue

WEB = Path(docaxis.web.__file__).parent
TEMPLATES = ("base", "ui", "error", "components", "help", "shortcuts", "accessibility")
MODULES = ("errors", "tabs", "common")


def texts() -> Iterator[str]:
    for name in TEMPLATES:
        with (WEB / "templates" / f"{name}.html").open("rb") as file:
            found = babel_extract(file, ("_", "gettext"), [], {"silent": "false", "trim_blocks": "true"})
            yield from (message for _, _, message, _ in found if isinstance(message, str))
    for name in MODULES:
        with (WEB / f"{name}.py").open("rb") as file:
            yield from (
                message for _, message, _, _ in extract("python", file, {"_": None}) if isinstance(message, str)
            )


def test_the_catalogue_of_the_frame_is_whole():
    catalogue = dict(read_catalogue(WEB / "locale" / "en" / "frame.po"))
    assert set(texts()) == set(catalogue)
    assert all(form for forms in catalogue.values() for form in forms)
