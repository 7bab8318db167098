"""Signing in with a password, and signing out."""

import structlog
from aiohttp import web

from docaxis.domain.people import Person
from docaxis.hub.views.people import Way
from docaxis.web.metrics import METRICS
from docaxis.web.people.address import local_path, peer
from docaxis.web.people.guard import keep_open_token, open_token
from docaxis.web.people.ports import ACCOUNTS, PROVIDER, RULES
from docaxis.web.people.session import begin_session, end_session
from docaxis.web.people.tries import Tries
from docaxis.web.preferences import COOKIE, keep
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT, Preferences
from docaxis.web.written import LANGUAGES

log = structlog.get_logger(__name__)

TRIES = web.AppKey("tries", Tries)
LONGEST_LOGIN, LONGEST_PASSWORD = 200, 1000
"""Characters; what is longer is no login of ours, and a password is not cut."""


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Show the ways to sign in; whoever has signed in goes on, unless to show it again is what is asked for."""
    leads_to = local_path(request.query.get("next", "/"))
    if VISIT in request and "again" not in request.query:
        raise web.HTTPSeeOther(leads_to)
    elsewhere = _at_our_name(request)
    if elsewhere:
        raise web.HTTPSeeOther(elsewhere)
    return await show_sign_in(request, leads_to)


async def show_sign_in(
    request: web.Request, leads_to: str, status: int = 200, *, login: str = "", wrong: str = ""
) -> web.StreamResponse:
    """Return the page, with what was typed and what is wrong with it (a text of the catalogues)."""
    visit = request.get(VISIT)
    token = visit.form_token if visit else open_token(request)
    demo = [person for name in request.app[RULES].demo_logins if (person := await request.app[ACCOUNTS].by_login(name))]
    response = render(
        request,
        "people/sign_in.html",
        status,
        token=token,
        next=leads_to,
        login=login or (visit.person.login if visit else ""),
        is_again=visit is not None,
        wrong=wrong,
        demo=[person for person in demo if person.disabled_at is None],
        elsewhere=address(request, "signin-oidc", {"next": leads_to}) if PROVIDER in request.app else "",
    )
    if visit is None:
        keep_open_token(request, response, token)
    return response


async def take_password(request: web.Request) -> web.StreamResponse:
    """Check login and password, and begin a session; what is wrong is not said apart."""
    form = await request.post()
    login, password = str(form.get("login", "")).strip(), str(form.get("password", ""))
    leads_to = local_path(str(form.get("next", "/")))
    seen_at = peer(request, request.app[RULES].proxy_hops)
    tries = request.app[TRIES]
    if not await tries.may_try(login, seen_at):
        request.app[METRICS].sign_in_stopped()
        log.warning("sign-in stopped", reason="too many tries", address=seen_at)
        return await show_sign_in(
            request, leads_to, 429, login=login[:LONGEST_LOGIN],
            wrong=spoken(request, "Sai quá nhiều lần. Đợi năm phút rồi thử lại, hoặc dùng khóa truy cập."),
        )  # fmt: skip
    person = None
    if len(login) <= LONGEST_LOGIN and len(password) <= LONGEST_PASSWORD:
        person = await request.app[ACCOUNTS].by_password(login, password)
    if person is None:
        await tries.failed(login, seen_at)
        # A password is easily typed into the field of the login: what was typed is not written down.
        request.app[METRICS].sign_in_failed("password")
        log.warning("sign-in failed", reason="login or password", address=seen_at)
        wrong = spoken(request, "Tên đăng nhập hoặc mật khẩu không đúng.")
        return await show_sign_in(request, leads_to, 422, login=login[:LONGEST_LOGIN], wrong=wrong)
    await tries.succeeded(login, seen_at)
    return await let_in(request, person, "password", leads_to)


async def let_in(request: web.Request, person: Person, way: Way, leads_to: str) -> web.Response:
    """Begin a session and lead on; the account's language counts where this browser has none yet."""
    response = web.Response(status=303, headers={"Location": local_path(leads_to)})
    await begin_session(request, response, person, way)
    language = next((one for one in LANGUAGES if one == person.language), None)
    if language and COOKIE not in request.cookies:
        held = request[PREFERENCES]
        keep(request, response, Preferences(language, held.theme, held.shortcuts))
    log.info("signed in", login=person.login, way=way, address=peer(request, request.app[RULES].proxy_hops))
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session and lead to sign-in."""
    response = web.Response(status=303, headers={"Location": address(request, "signin")})
    await end_session(request, response, request.app[SITE].now())
    if request.app[SITE].is_secure:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def take_demo(request: web.Request) -> web.StreamResponse:
    """Begin a session as one of the demonstration's people, without any proof; the configuration must have said so."""
    rules = request.app[RULES]
    login = str((await request.post()).get("login", ""))
    person = await request.app[ACCOUNTS].by_login(login) if login in rules.demo_logins else None
    if person is None or person.disabled_at is not None or not request.app[SITE].test_data:
        raise web.HTTPNotFound
    log.warning("DEMONSTRATION SIGN-IN WITHOUT A PASSWORD", login=login)
    return await let_in(request, person, "demo", "/")


def _at_our_name(request: web.Request) -> str:
    """Return where to go instead when this machine was called by its number: sessions and passkeys belong to one name."""
    ours = request.app[SITE].public_url
    if ours.startswith("http://localhost") and request.url.host in {"127.0.0.1", "::1"}:
        return ours + request.path_qs
    return ""
