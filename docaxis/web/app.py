"""The pages as one application: what happens to every request, in this order, and the areas that it is made of."""

from collections.abc import Iterable

from aiohttp import web
from aiohttp.typedefs import Middleware

from docaxis.web.access import admit
from docaxis.web.counts import COUNTED, Counted, count_tabs
from docaxis.web.errors import explain
from docaxis.web.headers import name_request, put_headers
from docaxis.web.metrics import METRICS, WebMetrics, count_requests, notice_stream
from docaxis.web.preferences import prefer
from docaxis.web.render import ENVIRONMENTS, environments
from docaxis.web.routing import NOBODY_YET, PAGES, Page, add_pages
from docaxis.web.site import SITE, Site
from docaxis.web.static import send_static

UPLOAD_BYTES = 64 * 1024 * 1024
"""The largest form; what is larger goes by the API's resumable uploads."""


def web_app(
    site: Site,
    visits: Middleware,
    guard: Middleware,
    areas: Iterable[Iterable[Page]],
    metrics: WebMetrics | None = None,
) -> web.Application:
    """Return the application; `visits` finds the session of a request, `guard` refuses forged forms.

    Ports of the areas are put into the application by the composition root.
    """
    app = web.Application(
        client_max_size=UPLOAD_BYTES,
        middlewares=[count_requests, name_request, prefer, explain, visits, admit, guard, count_tabs],
    )
    app[METRICS] = metrics or WebMetrics()
    app.on_response_prepare.append(notice_stream)
    app.on_response_prepare.append(put_headers)
    app[SITE] = site
    app[PAGES] = {}
    app[COUNTED] = Counted()
    app[ENVIRONMENTS] = environments()
    add_pages(app, [Page("/static/{digest}/{name}", send_static, NOBODY_YET, "static")])
    for area in areas:
        add_pages(app, area)
    return app
