"""Signing in through the identity provider: off to it, back from it, and told by it that somebody has signed out."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from docaxis.domain.people import Person
from docaxis.hub.views.people import Identity, IdentityError
from docaxis.web.cookies import cookie_name, cookie_of
from docaxis.web.metrics import METRICS
from docaxis.web.people.address import local_path, peer
from docaxis.web.people.guard import OPEN_FORM_BYTES, is_small
from docaxis.web.people.ports import ACCOUNTS, PROVIDER, RULES, SESSIONS, IdentityProvider
from docaxis.web.people.sign_in import let_in, show_sign_in
from docaxis.web.render import address, spoken
from docaxis.web.site import SITE

log = structlog.get_logger(__name__)

_HOLDS = timedelta(minutes=10)
_LONGEST = 4000


async def start(request: web.Request) -> web.StreamResponse:
    """Send the browser to the identity provider; what belongs to this try is bound to this browser by a cookie."""
    leads_to = local_path(request.query.get("next", "/"))
    site = request.app[SITE]
    ends = int((site.now() + _HOLDS).timestamp())
    content = f"{secrets.token_urlsafe(32)}.{ends}.{base64.urlsafe_b64encode(leads_to.encode()).decode()}"
    kept = f"{content}.{_derived(request, 'cookie', content)}"
    challenge = hashlib.sha256(_derived(request, "verifier", content).encode()).digest()
    try:
        url = await _provider(request).authorization_url(
            _redirect_uri(request),
            _derived(request, "state", content),
            _derived(request, "nonce", content),
            base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        )
    except IdentityError as error:
        log.warning("identity provider", error=str(error))
        return await _failed(request, leads_to, 503)
    response = web.Response(status=303, headers={"Location": url})
    response.set_cookie(
        _cookie(request), kept, path="/", max_age=int(_HOLDS.total_seconds()), secure=site.is_secure, httponly=True,
        samesite="Lax",
    )  # fmt: skip
    return response


async def back(request: web.Request) -> web.StreamResponse:
    """Take the code that the provider gave the browser, have it told who this is, and begin a session."""
    provider = _provider(request)
    content = await _begun(request)
    leads_to = local_path(base64.urlsafe_b64decode(content.rpartition(".")[2]).decode()) if content else "/"
    try:
        identity = await _identity(request, provider, content)
    except IdentityError as error:
        request.app[METRICS].sign_in_failed("oidc")
        log.warning("sign-in failed", reason="identity provider", error=str(error), address=_peer(request))
        return _forget(request, await _failed(request, leads_to, 422))
    person = await _person_of(request, identity)
    if person is None:
        request.app[METRICS].sign_in_failed("oidc")
        log.warning("sign-in failed", reason="no account", subject=identity.subject, address=_peer(request))
        return _forget(request, await _failed(request, leads_to, 422, is_unknown=True))
    return _forget(request, await let_in(request, person, "oidc", leads_to))


async def told_ended(request: web.Request) -> web.Response:
    """Take the provider's word, signed, that somebody has signed out there: all their sessions here end too."""
    provider = _provider(request)
    now = request.app[SITE].now()
    try:
        person = await _signed_out(request, provider, now)
    except (IdentityError, ValueError, LookupError) as error:
        log.warning("logout token refused", error=str(error), address=_peer(request))
        return web.json_response({"error": "invalid_request"}, status=400)
    ended = await request.app[SESSIONS].end_all(person, now) if person else 0
    log.info("signed out by the identity provider", sessions=ended)
    return web.Response()


async def _identity(request: web.Request, provider: IdentityProvider, content: str) -> Identity:
    """Check what came back with the browser, and exchange the code; raises IdentityError."""
    said, code = request.query.get("state", ""), request.query.get("code", "")
    if not content or not hmac.compare_digest(said.encode(), _derived(request, "state", content).encode()):
        raise IdentityError("state: not of this browser")
    await provider.check_issuer(request.query.get("iss"))
    if "error" in request.query or not 0 < len(code) <= _LONGEST:
        raise IdentityError(f"no code: {request.query.get('error', '')[:100]}")
    return await provider.redeem(
        code,
        _derived(request, "verifier", content),
        _redirect_uri(request),
        _derived(request, "nonce", content),
        request.app[SITE].now(),
    )


async def _signed_out(request: web.Request, provider: IdentityProvider, now: datetime) -> Person | None:
    """Return whose sessions a logout token ends, once; raises IdentityError, and what a form that is none raises."""
    if not is_small(request, OPEN_FORM_BYTES):
        raise IdentityError("a logout token that is too long, or of no length")
    form = await request.post()
    identity, token_id, ends_at = await provider.signed_out(str(form.get("logout_token", "")), now)
    if not await request.app[SESSIONS].use_once(f"oidc-logout:{token_id}", ends_at):
        raise IdentityError("jti: used before")
    return await request.app[ACCOUNTS].by_subject(identity.subject)


async def _person_of(request: web.Request, identity: Identity) -> Person | None:
    """Return the account of an identity: by its subject, the first time by its login; none is ever made."""
    accounts = request.app[ACCOUNTS]
    person = await accounts.by_subject(identity.subject)
    if person is None and identity.login:
        person = await accounts.by_login(identity.login)
        if person is None or person.disabled_at is not None:
            return None
        if not await accounts.bind_subject(person, identity.subject, request.app[SITE].now()):
            return None
    return person if person is not None and person.disabled_at is None else None


async def _begun(request: web.Request) -> str:
    """Return what `start` has put into this browser's cookie, once; empty where it did not, or too long ago."""
    content, _, signature = cookie_of(request, _cookie(request)).rpartition(".")
    if not content or not hmac.compare_digest(signature.encode(), _derived(request, "cookie", content).encode()):
        return ""
    now = request.app[SITE].now()
    if int(content.split(".")[1]) < now.timestamp():
        return ""
    token_id = "oidc:" + hashlib.sha256(content.encode()).hexdigest()
    return content if await request.app[SESSIONS].use_once(token_id, now + _HOLDS) else ""


async def _failed(request: web.Request, leads_to: str, status: int, *, is_unknown: bool = False) -> web.StreamResponse:
    if is_unknown:
        wrong = spoken(
            request, "Cổng của cơ quan nhận ra anh chị, nhưng ở đây chưa có tài khoản. Báo người quản trị tài khoản."
        )
    else:
        wrong = spoken(
            request, "Đăng nhập qua cổng của cơ quan không thành. Thử lại, hoặc dùng tài khoản trên máy này."
        )
    return await show_sign_in(request, leads_to, status, wrong=wrong)


def _forget(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    response.del_cookie(_cookie(request), path="/", secure=request.app[SITE].is_secure, httponly=True, samesite="Lax")
    return response


def _provider(request: web.Request) -> IdentityProvider:
    provider = request.app.get(PROVIDER)
    if provider is None:
        raise web.HTTPNotFound
    return provider


def _derived(request: web.Request, purpose: str, content: str) -> str:
    """Return a secret of this try that only we can make, so that neither it nor any token need be kept."""
    return hmac.new(request.app[RULES].key, f"oidc {purpose}\0{content}".encode(), hashlib.sha256).hexdigest()


def _redirect_uri(request: web.Request) -> str:
    return request.app[SITE].public_url + address(request, "signin-oidc-back")


def _cookie(request: web.Request) -> str:
    return cookie_name("oidc", is_secure=request.app[SITE].is_secure)


def _peer(request: web.Request) -> str:
    return peer(request, request.app[RULES].proxy_hops)
