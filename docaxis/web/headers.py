"""What every answer carries: an identifier to quote, and the headers that keep a page to itself (ASVS 5.0, V3)."""

import secrets

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

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
    "Server": "docaxis",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS = "max-age=31536000; includeSubDomains"


def carry_headers(*, is_secure: bool) -> Middleware:
    """Return the outermost middleware."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = secrets.token_hex(8)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            put_headers(error, request, is_secure=is_secure)
            raise
        if not response.prepared:
            put_headers(response, request, is_secure=is_secure)
        return response

    return middleware


def put_headers(response: web.StreamResponse, request: web.Request, *, is_secure: bool) -> None:
    """Put the headers in; a handler that sends them itself, a stream, must call this before it does."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request[REQUEST_ID]
    # What a person was shown is not to be found on a shared machine afterwards.
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if is_secure:
        response.headers["Strict-Transport-Security"] = _HSTS
