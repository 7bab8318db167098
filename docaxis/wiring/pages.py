"""The areas that the pages are made of, each with what puts its ports into the application."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from aiohttp import web

from docaxis.web.app import web_app
from docaxis.web.people.guard import guard
from docaxis.web.people.pages import PAGES as PEOPLE_PAGES
from docaxis.web.people.session import visits
from docaxis.web.routing import Page
from docaxis.wiring.parts import Parts
from docaxis.wiring.people import put_people


class Area(NamedTuple):
    """Pages that belong together, and what puts the ports they need into the application (None: they need none)."""

    pages: Sequence[Page]
    put: Callable[[web.Application, Parts], Awaitable[None]] | None = None


AREAS: tuple[Area, ...] = (Area(PEOPLE_PAGES, put_people),)
"""To add an area: import its PAGES and its `put` (a module of its own in this package), and write one line here."""


async def pages_app(parts: Parts, areas: Sequence[Area] = AREAS) -> web.Application:
    """Return the application with all areas, their ports put in."""
    app = web_app(parts.site, visits, guard, [area.pages for area in areas])
    for area in areas:
        if area.put is not None:
            await area.put(app, parts)
    return app
