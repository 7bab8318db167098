"""What the register's addresses and forms say, read and bounded."""

from collections.abc import Mapping
from uuid import UUID

from aiohttp import web

from docaxis.domain.calendar import day_of
from docaxis.hub.views.register import NewEntry, Wanted
from docaxis.web.site import SITE

TEXT_LENGTH = 300
YEARS = range(2000, 2200)
_NUMBER_DIGITS = 7


def wanted_of(request: web.Request) -> Wanted:
    """Return the filter that stands in the address; what is no year or number counts as not said."""
    query = request.query
    this_year = day_of(request.app[SITE].now()).year
    year = whole(query.get("year", "")) or this_year
    return Wanted(
        year if year in YEARS else this_year,
        query.get("q", "").strip()[:TEXT_LENGTH],
        query.get("to", "").strip()[:TEXT_LENGTH],
        whole(query.get("first", "")),
        whole(query.get("last", "")),
    )


def query_of(wanted: Wanted) -> Mapping[str, str]:
    """Return the filter as the parameters of an address."""
    said = {"q": wanted.words, "to": wanted.handed_to, "first": wanted.first or "", "last": wanted.last or ""}
    return {"year": str(wanted.year)} | {name: str(value) for name, value in said.items() if value}


def whole(text: str) -> int:
    """Return a whole number of at most seven digits, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS else 0


def key_of(text: str) -> UUID | None:
    """Return a document's key, None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def text_of(form: Mapping[str, object], name: str) -> str:
    """Return one line of text from a form, bounded; a file or nothing is empty."""
    value = form.get(name, "")
    return " ".join(value.split())[:TEXT_LENGTH] if isinstance(value, str) else ""


async def new_entries(request: web.Request) -> list[NewEntry]:
    """Return the documents that were ticked, in order of their arrival; HTTPBadRequest for a key that is none."""
    form = await request.post()
    keys = [key_of(str(one)) for one in form.getall("key", [])]
    if None in keys:
        raise web.HTTPBadRequest
    return [
        NewEntry(key, text_of(form, f"to-{key.hex}"), text_of(form, f"note-{key.hex}"))
        for key in sorted({key for key in keys if key is not None})
    ]
