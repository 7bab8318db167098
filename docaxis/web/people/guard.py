"""No form but our own: where a request comes from, and a token that only our pages know (ASVS 5.0, v5.0.0-3.5.1)."""

import hashlib
import hmac
import secrets
from datetime import datetime

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from aiohttp.web_request import FileField

from docaxis.web.cookies import cookie_name, cookie_of
from docaxis.web.people.ports import RULES
from docaxis.web.routing import page_of
from docaxis.web.site import SITE, Site
from docaxis.web.state import VISIT

MACHINES = frozenset({"signin-oidc-ended"})
"""Pages that machines post to: what they send proves itself by its signature."""
FIELD = "csrf"
HEADER = "X-Form-Token"
OPEN_FORM_BYTES = 64 * 1024
"""The largest form of somebody who has not signed in."""
_OPEN_FORM_S = 4 * 3600


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a POST through only from our own origin, with the session's token or, before sign-in, the browser's."""
    page = page_of(request)
    if page is None or not page.acts or page.name in MACHINES:
        return await handler(request)
    if not is_from_here(request, request.app[SITE].public_url):
        raise web.HTTPForbidden
    visit = request.get(VISIT)
    if visit is None and not is_small(request, OPEN_FORM_BYTES):
        raise web.HTTPRequestEntityTooLarge(OPEN_FORM_BYTES)
    token = await _token_of(request)
    expected = visit.form_token if visit else _cookie_of(request)
    if not token or not hmac.compare_digest(token.encode(), expected.encode()):
        raise web.HTTPForbidden
    if visit is None and not is_open_token(request.app[RULES].key, token, request.app[SITE].now()):
        raise web.HTTPForbidden
    return await handler(request)


def is_small(request: web.Request, limit_bytes: int) -> bool:
    """Whether the body says its length and keeps to the limit; one in chunks of unknown number does not."""
    if request.content_length is None:
        return not request.can_read_body
    return request.content_length <= limit_bytes


def is_from_here(request: web.Request, public_url: str) -> bool:
    """Whether the browser says that a page of ours sent this; one that says nothing is not believed."""
    origin = request.headers.get(hdrs.ORIGIN)
    site = request.headers.get("Sec-Fetch-Site")
    if origin is None and site is None:
        return False
    return origin in {None, public_url} and site in {None, "same-origin"}


def open_cookie(site: Site) -> str:
    """Return the name of the cookie that forms before sign-in are compared with."""
    return cookie_name("open", is_secure=site.is_secure)


def open_token(request: web.Request) -> str:
    """Return the token for a form of somebody who has not signed in: the one this browser holds, or a new one."""
    key, now = request.app[RULES].key, request.app[SITE].now()
    held = _cookie_of(request)
    return held if is_open_token(key, held, now) else make_open_token(key, now)


def keep_open_token(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Put the token into the browser beside the form that holds it."""
    site = request.app[SITE]
    response.set_cookie(open_cookie(site), token, path="/", secure=site.is_secure, httponly=True, samesite="Lax")


def make_open_token(key: bytes, now: datetime) -> str:
    """Return random octets with their time and our signature."""
    content = f"{secrets.token_urlsafe(16)}.{int(now.timestamp())}"
    return f"{content}.{_signature(key, content)}"


def is_open_token(key: bytes, token: str, now: datetime) -> bool:
    """Whether we made this token, a few hours ago at most."""
    content, _, signature = token.rpartition(".")
    made = content.rpartition(".")[2]
    if not hmac.compare_digest(signature.encode(), _signature(key, content).encode()):
        return False
    return made.isdecimal() and 0 <= now.timestamp() - int(made) + 1 <= _OPEN_FORM_S


def _signature(key: bytes, content: str) -> str:
    return hmac.new(key, b"open form\0" + content.encode(), hashlib.sha256).hexdigest()


def _cookie_of(request: web.Request) -> str:
    return cookie_of(request, open_cookie(request.app[SITE]))


async def _token_of(request: web.Request) -> str:
    try:
        form = await request.post()
        for value in form.values():
            _check_text(value)
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    header, field = request.headers.get(HEADER), form.get(FIELD, "")
    if header is not None:
        return header if header.isascii() else ""
    return field if isinstance(field, str) else ""


def _check_text(value: object) -> None:
    """Raise ValueError for what no database keeps as text: half a pair of UTF-16, and the sign of number zero."""
    text = value.filename if isinstance(value, FileField) else value
    if isinstance(text, str) and b"\0" in text.encode():
        raise ValueError("zero")
