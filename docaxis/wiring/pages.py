"""The areas that the pages are made of, each with what puts its ports into the application."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from aiohttp import web

from docaxis.api.reference import PAGES as API_PAGES
from docaxis.web.app import web_app
from docaxis.web.auditor.pages import PAGES as AUDITOR_PAGES
from docaxis.web.clerk.document import PAGES as DOCUMENT_PAGES
from docaxis.web.clerk.lists_pages import PAGES as LISTS_PAGES
from docaxis.web.common import PAGES as COMMON_PAGES
from docaxis.web.compose.pages import PAGES as COMPOSE_PAGES
from docaxis.web.indicators.pages import PAGES as INDICATOR_PAGES
from docaxis.web.metrics import WebMetrics
from docaxis.web.operator.pages import PAGES as OPERATOR_PAGES
from docaxis.web.people.guard import guard
from docaxis.web.people.pages import PAGES as PEOPLE_PAGES
from docaxis.web.people.session import visits
from docaxis.web.register.pages import PAGES as REGISTER_PAGES
from docaxis.web.routing import Page
from docaxis.wiring.api import put_api
from docaxis.wiring.auditor import put_auditor
from docaxis.wiring.compose import put_compose
from docaxis.wiring.documents import put_documents
from docaxis.wiring.indicators import put_indicators
from docaxis.wiring.lists import put_lists
from docaxis.wiring.operator import put_operator
from docaxis.wiring.parts import Parts
from docaxis.wiring.people import put_people
from docaxis.wiring.register import put_register


class Area(NamedTuple):
    """Pages that belong together, and what puts the ports they need into the application (None: they need none)."""

    pages: Sequence[Page]
    put: Callable[[web.Application, Parts], Awaitable[None]] | None = None


AREAS: tuple[Area, ...] = (
    Area(COMMON_PAGES),
    Area(PEOPLE_PAGES, put_people),
    Area(DOCUMENT_PAGES, put_documents),
    Area(LISTS_PAGES, put_lists),
    Area(AUDITOR_PAGES, put_auditor),
    Area(INDICATOR_PAGES, put_indicators),
    Area(OPERATOR_PAGES, put_operator),
    Area(REGISTER_PAGES, put_register),
    Area(COMPOSE_PAGES, put_compose),
    Area(API_PAGES, put_api),
)
"""To add an area: import its PAGES and its `put` (a module of its own in this package), and write one line here."""


async def pages_app(parts: Parts, areas: Sequence[Area] = AREAS, metrics: WebMetrics | None = None) -> web.Application:
    """Return the application with all areas, their ports put in; metrics: what counts its requests, if others read it."""
    app = web_app(parts.site, visits, guard, [area.pages for area in areas], metrics)
    for area in areas:
        if area.put is not None:
            await area.put(app, parts)
    return app
