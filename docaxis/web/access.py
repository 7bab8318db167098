"""Whether this reader may use this page: deny by default, and what one may not use is not there (ASVS 5.0, V8)."""

from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.web.routing import page_of
from docaxis.web.state import VISIT


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the request through, send it to sign in, or answer 404 as for an address that does not exist."""
    page = page_of(request)
    if page is None:
        return await handler(request)
    if "\0" in request.path or "\0" in request.rel_url.query_string:
        # No database takes it, and no page of ours leads to it.
        raise web.HTTPBadRequest
    visit = request.get(VISIT)
    if page.is_open:
        return await handler(request)
    if visit is None:
        if request.method in {hdrs.METH_GET, hdrs.METH_HEAD}:
            raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs, safe='')}")
        raise web.HTTPUnauthorized
    if visit.person.role not in page.roles:
        raise web.HTTPNotFound
    return await handler(request)
