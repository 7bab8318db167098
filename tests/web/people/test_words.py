"""Every text of the people's pages stands in English too, and no English stands for a text that is gone."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import docaxis.web
from docaxis.web.words import read_catalogue
from tests.web.desk import Desk

WEB = Path(docaxis.web.__file__).parent


def texts() -> Iterator[str]:
    for file in sorted((WEB / "templates" / "people").glob("*.html")):
        with file.open("rb") as stream:
            found = babel_extract(stream, ("_", "gettext", "ngettext"), [], {"silent": "false"})
            yield from (first(message) for _, _, message, _ in found)
    for file in sorted((WEB / "people").glob("*.py")):
        with file.open("rb") as stream:
            for _, message, _, _ in extract("python", stream, {"_": None, "spoken": (2,)}):
                yield first(message)


def first(message: object) -> str:
    """Return a text, of one with a plural the singular."""
    return str(message[0] if isinstance(message, tuple) else message)


def test_the_catalogue_of_people_is_whole() -> None:
    locale = WEB / "locale" / "en"
    catalogue = dict(read_catalogue(locale / "people.po"))
    frame = {message for message, _ in read_catalogue(locale / "frame.po")}
    used = set(texts())
    assert used - frame <= set(catalogue)
    assert set(catalogue) <= used
    assert all(form for forms in catalogue.values() for form in forms)


async def test_english_pages(desk: Desk) -> None:
    page = (await desk.get("/sign-in?lang=en")).text
    assert "User name" in page
    person = await desk.sign_in("administrator")
    for path, words in (("/account", "1 open session"), ("/people", "User accounts"), ("/people/add", "Add account")):
        assert words in (await desk.get(path)).text
    assert "Account administrator" in (await desk.get(f"/people/{person.person_id}")).text
