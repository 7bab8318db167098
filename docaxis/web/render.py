"""Templates to responses: one environment a language, so that every macro speaks it."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from docaxis import __version__
from docaxis.web import words
from docaxis.web.address import with_query
from docaxis.web.routing import PAGES, Page
from docaxis.web.site import SITE, Site
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.static import static_address
from docaxis.web.tabs import tabs_of
from docaxis.web.written import LANGUAGES, Language, Written

ENVIRONMENTS = web.AppKey("environments", dict[Language, Environment])


@lru_cache(1)
def environments() -> dict[Language, Environment]:
    """Return the templates' environment for each language, made once: they keep what they have compiled."""
    return {language: _environment(language) for language in LANGUAGES}


def render(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:  # noqa: ANN401
    """Return a page; every template sees what `_about` names beside its own context."""
    written = request.app[ENVIRONMENTS][request[PREFERENCES].language].get_template(template)
    body = written.render(**_about(request), **context)
    return web.Response(text=body, status=status, content_type="text/html")


def spoken(request: web.Request, message: str, **facts: object) -> str:
    """Return a text for a handler in the reader's language, its facts put in (`%(name)s`)."""
    translated = words.text(request[PREFERENCES].language, message)
    return translated % facts if facts else translated


def address(request: web.Request, name: str, query: Mapping[str, str] | None = None, **parts: object) -> str:
    """Return the address of a page by its name, its parts quoted."""
    made = request.app.router[name].url_for(**{key: str(value) for key, value in parts.items()})
    return f"{made}?{urlencode(query)}" if query else str(made)


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("docaxis.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined] # of the extension
        partial(words.text, language), partial(words.counted, language), newstyle=True
    )
    environment.globals |= {"written": Written(language), "language": language, "static": static_address}
    return environment


def _about(request: web.Request) -> dict[str, Any]:
    site: Site = request.app[SITE]
    visit = request.get(VISIT)
    preferences = request[PREFERENCES]
    return {
        "request": request,
        "site": site,
        "version": __version__,
        "visit": visit,
        "person": visit.person if visit else None,
        "theme": preferences.theme,
        "shortcuts": preferences.shortcuts,
        "now": site.now(),
        "url": partial(address, request),
        "here": partial(with_query, request),
        "may": partial(_may, request),
        "tabs": tabs_of(request),
        "csrf": Markup('<input type="hidden" name="csrf" value="{}">').format(visit.form_token if visit else ""),
    }


def _may(request: web.Request, name: str) -> bool:
    """Whether there is such a page and whoever reads this may use it, so that no link leads to a refusal."""
    page: Page | None = request.app[PAGES].get(name)
    visit = request.get(VISIT)
    if page is None:
        return False
    return page.is_open or (visit is not None and visit.person.role in page.roles)
