"""Nothing is shown without a mandate that is in force: every page of the auditor goes through here."""

from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import hdrs, web

from docaxis.domain.calendar import day_of
from docaxis.domain.people import Mandate
from docaxis.web.render import render
from docaxis.web.routing import Handler
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

Within = Callable[[web.Request, Mandate], Awaitable[web.StreamResponse]]


def within_mandate(handler: Within) -> Handler:
    """Return a handler that is reached with the mandate only; without one a page says why it is empty, an act is not there."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        held = request[VISIT].person.mandate
        if held is None or not held.holds(day_of(request.app[SITE].now())):
            if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD}:
                raise web.HTTPNotFound
            return render(request, "auditor/without.html", mandate=held)
        return await handler(request, held)

    return guarded
