"""Lists a page at a time: an opaque word leads to the next page, in the body and as `Link: rel="next"`."""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import hdrs, web
from pydantic import Field

from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.cursors import Cursors
from docaxis.api.v1.operations import Form
from docaxis.api.v1.ports import PORTS

PAGE_MOST = 200
Place = TypeVar("Place")
LINK_HEADER = {"Link": 'The next page, rel="next", where there is one'}


class PageQuery(Form):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=PAGE_MOST, description="Rows of a page, at most")
    cursor: str = Field("", max_length=1000, description="`next` of the page before; other parameters stay the same")


class Page(Form):
    """A part of a list; next leads to the one after it."""

    next: str | None = Field(description="Cursor of the next page; null at the end of the list")


def place_of(request: web.Request, query: PageQuery, kind: type[Place]) -> Place | None:
    """Return where the page begins, a named tuple of this kind; raises ApiProblem."""
    if not query.cursor:
        return None
    return Cursors(request.app[PORTS].key).read(query.cursor, _question(request), kind)


def cursor_of(request: web.Request, place: tuple[object, ...]) -> str:
    """Return the word for a place in the list that was asked for."""
    return Cursors(request.app[PORTS].key).write(place, _question(request))


def link_of(request: web.Request, cursor: str | None) -> dict[str, str]:
    """Return the header that leads to the next page."""
    if cursor is None:
        return {}
    asked = {**request.query, "cursor": cursor}
    return {hdrs.LINK: f'<{request.path}?{urlencode(asked)}>; rel="next"'}


def rest_of(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], bool]:
    """Return a page of rows, of which one more than its length was asked for, and whether there are more."""
    return rows[:limit], len(rows) > limit


def _question(request: web.Request) -> str:
    asked = sorted((name, value) for name, value in request.query.items() if name not in {"cursor", "limit"})
    return f"{request[CLIENT].endpoint} {request.path}?{urlencode(asked)}"
