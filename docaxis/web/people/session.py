"""Sessions as the browser sees them: one cookie of random octets, found again by its hash, ended on the server."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.domain.people import Person
from docaxis.hub.views.people import SessionView, Way
from docaxis.web.cookies import cookie_name, cookie_of
from docaxis.web.people.address import peer
from docaxis.web.people.agencies import may_act_for
from docaxis.web.people.ports import RULES, SESSIONS
from docaxis.web.routing import page_of
from docaxis.web.site import SITE
from docaxis.web.state import VISIT, Visit

SEEN_EVERY = timedelta(minutes=1)
"""How often at most a session in use is written."""
_OCTETS = 32
_AGENT_SHOWN = 300


@web.middleware
async def visits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out whose session the cookie names, and put the visit into the request."""
    page = page_of(request)
    held = cookie_of(request, cookie_name(is_secure=request.app[SITE].is_secure))
    if page is None or page.name == "static" or not held:
        return await handler(request)
    rules, now = request.app[RULES], request.app[SITE].now()
    session = await request.app[SESSIONS].find(hash_of(held), now, rules.idle)
    if session is not None:
        # A grant that was taken away no longer counts, whatever the session says.
        allowed = may_act_for(session.person, session.organ_id, request.app[SITE].directory())
        organ_id = session.organ_id if allowed else session.person.organ_id
        request[VISIT] = Visit(
            person=session.person,
            organ_id=organ_id,
            session_hash=session.session_hash,
            form_token=form_token(session, organ_id),
            began_at=session.began_at,
        )
        if now - session.seen_at >= SEEN_EVERY and _is_a_persons_act(request):
            await request.app[SESSIONS].seen(session.session_hash, now)
    return await handler(request)


async def begin_session(request: web.Request, response: web.StreamResponse, person: Person, way: Way) -> None:
    """Begin a session for whoever has just shown who they are, in place of one that this browser had."""
    site, rules = request.app[SITE], request.app[RULES]
    now = site.now()
    visit = request.get(VISIT)
    value = secrets.token_urlsafe(_OCTETS)
    await request.app[SESSIONS].begin(
        SessionView(
            session_hash=hash_of(value),
            person=person,
            organ_id=person.organ_id,
            form_token=secrets.token_urlsafe(_OCTETS),
            way=way,
            agent=_agent(request),
            address=peer(request, rules.proxy_hops),
            began_at=now,
            seen_at=now,
            ends_at=now + rules.longest,
        ),
        visit.session_hash if visit else None,
    )
    _set_cookie(response, value, is_secure=site.is_secure)


async def end_session(request: web.Request, response: web.StreamResponse, at: datetime) -> None:
    """End the session of this request, on the server and in the browser."""
    visit = request[VISIT]
    await request.app[SESSIONS].end(visit.person, [visit.session_hash], at)
    is_secure = request.app[SITE].is_secure
    response.del_cookie(cookie_name(is_secure=is_secure), path="/", secure=is_secure, httponly=True, samesite="Lax")


def form_token(session: SessionView, organ_id: str) -> str:
    """Return the token of forms that are filled in for an agency.

    One for each: a form that was opened before the agency was switched in another window, or before a grant was taken
    away, must not do for the one agency what its reader meant for the other.
    """
    if organ_id == session.person.organ_id:
        return session.form_token
    return hmac.new(session.form_token.encode(), organ_id.encode(), hashlib.sha256).hexdigest()


def hash_of(value: str) -> str:
    """Return what a session is kept under."""
    return hashlib.sha256(value.encode()).hexdigest()


def _set_cookie(response: web.StreamResponse, value: str, *, is_secure: bool) -> None:
    response.set_cookie(
        cookie_name(is_secure=is_secure), value, path="/", secure=is_secure, httponly=True, samesite="Lax"
    )


def _agent(request: web.Request) -> str:
    told = request.headers.get(hdrs.USER_AGENT, "")[:_AGENT_SHOWN]
    return "".join(sign if sign.isprintable() else "?" for sign in told)


def _is_a_persons_act(request: web.Request) -> bool:
    """Whether a person did this: what an open page fetches by itself must not keep a session alive."""
    return request.method == hdrs.METH_POST or request.headers.get("Sec-Fetch-Dest", "document") != "empty"
