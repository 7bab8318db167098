"""What every answer carries: an identifier to quote, and the headers that keep a page to itself (ASVS 5.0, V3)."""

import secrets

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.web.site import SITE
from docaxis.web.state import REQUEST_ID

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
"""Nothing inline, nothing from elsewhere, in nobody's frame."""

_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS = "max-age=31536000; includeSubDomains"


@web.middleware
async def name_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its identifier (the outermost middleware)."""
    request[REQUEST_ID] = secrets.token_hex(8)
    return await handler(request)


async def put_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers in just before they go out (a signal): also of streams, and of what no middleware has seen."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    # The library has put its own name and version there already.
    response.headers[hdrs.SERVER] = "docaxis"
    response.headers.setdefault("X-Request-Id", request.get(REQUEST_ID) or secrets.token_hex(8))
    # What a person was shown is not to be found on a shared machine afterwards.
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if request.config_dict[SITE].is_secure:
        response.headers["Strict-Transport-Security"] = _HSTS
