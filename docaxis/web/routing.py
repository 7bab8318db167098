"""The pages as data: every route says who may use it, and one that says nothing cannot be written."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from docaxis.domain.people import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

EVERYBODY = frozenset(Role)
"""All who have signed in."""
NOBODY_YET: frozenset[Role] = frozenset()
"""Open to those who have not signed in: sign-in itself, static files, the check of a receipt."""


@dataclass(frozen=True, slots=True)
class Page:
    """A route: roles that may use it (NOBODY_YET: anybody at all), and the name that templates make links with.

    acts: whether it changes something; such a route takes POST and nothing else, with the session's token in the form.
    """

    path: str
    handler: Handler
    roles: frozenset[Role]
    name: str
    acts: bool = False

    @property
    def method(self) -> str:
        """Return the one HTTP method (GET answers HEAD too)."""
        return "POST" if self.acts else "GET"

    @property
    def is_open(self) -> bool:
        """Whether anybody may use it, signed in or not."""
        return not self.roles


PAGES = web.AppKey("pages", dict[str, Page])
"""Every page by its name; what links and the menu are made of, and the test of every route with every role."""


def add_pages(app: web.Application, pages: Iterable[Page]) -> None:
    """Add routes to the application; raises ValueError for a name that is taken."""
    table = app[PAGES]
    for page in pages:
        if page.name in table:
            raise ValueError(f"two pages are called {page.name}")
        table[page.name] = page
        if page.acts:
            app.router.add_post(page.path, page.handler, name=page.name)
        else:
            app.router.add_get(page.path, page.handler, name=page.name)


def page_of(request: web.Request) -> Page | None:
    """Return the page that a request asks for, None where there is none."""
    route = request.match_info.route
    page = request.app[PAGES].get(route.name or "")
    # A mounted application may call a route of its own by the same name.
    return page if page is not None and route.handler == page.handler else None
