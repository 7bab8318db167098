"""One's own account: sessions, password, passkeys, language, and for which agency one acts."""

from datetime import timedelta

from aiohttp import web

from docaxis.domain.passwords import LONGEST, Weakness, weakness
from docaxis.web.people import passkeys, words
from docaxis.web.people.address import peer
from docaxis.web.people.agencies import agencies_of, may_act_for
from docaxis.web.people.agent import device_of
from docaxis.web.people.ports import ACCOUNTS, CHANGES, PASSKEYS, RULES, SESSIONS
from docaxis.web.people.sign_in import TRIES
from docaxis.web.preferences import keep
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT, Preferences
from docaxis.web.words import mark as _
from docaxis.web.written import LANGUAGES

FRESH = timedelta(minutes=15)
"""How long after signing in one may change how one signs in; later one shows again who one is."""

_WEAK = {
    Weakness.SHORT: _("Mật khẩu cần ít nhất 12 ký tự. Một câu dài dễ nhớ là tốt."),
    Weakness.LONG: _("Mật khẩu dài quá 200 ký tự."),
    Weakness.COMMON: _("Mật khẩu này nằm trong số hay bị đoán trước. Chọn mật khẩu khác."),
    Weakness.OWN: _("Mật khẩu gần giống tên của anh chị. Chọn mật khẩu khác."),
}
_KEPT = {
    "password": _("Đã đổi mật khẩu. Các phiên khác đã ngắt."),
    "session": _("Đã ngắt phiên."),
    "passkey": _("Đã ghi khóa truy cập."),
    "removed": _("Đã xóa khóa truy cập."),
    "language": _("Đã ghi ngôn ngữ."),
}


async def show_account(request: web.Request) -> web.Response:
    """Show the account."""
    return await _shown(request)


async def end_one(request: web.Request) -> web.Response:
    """End one of one's own sessions, perhaps this one."""
    chosen = str((await request.post()).get("session", ""))
    visit = request[VISIT]
    if not await request.app[SESSIONS].end(visit.person, [chosen], request.app[SITE].now()):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(address(request, "account", {"done": "session"}))


async def end_others(request: web.Request) -> web.Response:
    """End all of one's own sessions but this one."""
    await _end_others(request)
    raise web.HTTPSeeOther(address(request, "account", {"done": "session"}))


async def change_password(request: web.Request) -> web.Response:
    """Take a new password; the old one is asked for, unless a one-time address has just proved who this is."""
    form = await request.post()
    old, new = str(form.get("old", "")), str(form.get("new", ""))
    visit, site = request[VISIT], request.app[SITE]
    account = await request.app[ACCOUNTS].account(visit.person.person_id)
    if account is None:
        raise web.HTTPNotFound
    wrong: dict[str, str] = {}
    if await _needs_old(request, has_password=account.has_password):
        # Who has found an open session must not find the password by it.
        login, seen_at, tries = visit.person.login, peer(request, request.app[RULES].proxy_hops), request.app[TRIES]
        if not await tries.may_try(login, seen_at):
            raise web.HTTPTooManyRequests
        if await request.app[ACCOUNTS].by_password(login, old[: LONGEST + 1]) is None:
            await tries.failed(login, seen_at)
            wrong["old"] = spoken(request, "Mật khẩu hiện tại không đúng.")
        else:
            await tries.succeeded(login, seen_at)
    elif not is_fresh(request):
        raise web.HTTPSeeOther(again(request))
    weak = weakness(new, (visit.person.login, visit.person.name, site.hub))
    if weak:
        wrong["new"] = spoken(request, _WEAK[weak])
    if wrong:
        return await _shown(request, 422, wrong)
    await request.app[ACCOUNTS].set_password(visit.person, new, site.now(), visit.person.login)
    await _end_others(request)
    raise web.HTTPSeeOther(address(request, "account", {"done": "password"}))


async def change_language(request: web.Request) -> web.Response:
    """Keep the language with the account, and in this browser."""
    form = await request.post()
    language = next((one for one in LANGUAGES if one == form.get("language")), None)
    if language is None:
        raise web.HTTPBadRequest
    await request.app[CHANGES].set_language(request[VISIT].person, language)
    response = web.Response(status=303, headers={"Location": address(request, "account", {"done": "language"})})
    held = request[PREFERENCES]
    keep(request, response, Preferences(language, held.theme, held.shortcuts))
    return response


async def change_agency(request: web.Request) -> web.Response:
    """Act for another agency from now on, in this session."""
    visit, site = request[VISIT], request.app[SITE]
    agency = site.directory().find(str((await request.post()).get("organ_id", "")))
    if agency is None or not may_act_for(visit.person, agency.organ_id, site.directory()):
        raise web.HTTPNotFound
    await request.app[SESSIONS].act_for(visit.session_hash, agency.organ_id)
    raise web.HTTPSeeOther("/")


def is_fresh(request: web.Request) -> bool:
    """Whether this person has shown who they are a few minutes ago."""
    return request.app[SITE].now() - request[VISIT].began_at <= FRESH


def again(request: web.Request) -> str:
    """Return where one shows again who one is."""
    return address(request, "signin", {"again": "1", "next": address(request, "account")})


async def _needs_old(request: web.Request, *, has_password: bool) -> bool:
    visit = request[VISIT]
    session = await request.app[SESSIONS].find(visit.session_hash, request.app[SITE].now(), request.app[RULES].idle)
    return has_password and (session is None or session.way != "link" or not is_fresh(request))


async def _end_others(request: web.Request) -> None:
    visit, sessions, now = request[VISIT], request.app[SESSIONS], request.app[SITE].now()
    held = await sessions.of_person(visit.person.person_id, now, request.app[RULES].idle)
    others = [one.session_hash for one in held if one.session_hash != visit.session_hash]
    await sessions.end(visit.person, others, now)


async def _shown(request: web.Request, status: int = 200, wrong: dict[str, str] | None = None) -> web.Response:
    visit, site, app = request[VISIT], request.app[SITE], request.app
    person = visit.person
    account = await app[ACCOUNTS].account(person.person_id)
    held = await app[SESSIONS].of_person(person.person_id, site.now(), app[RULES].idle)
    keys = await app[PASSKEYS].of_person(person.person_id)
    done = _KEPT.get(request.query.get("done", ""))
    return render(
        request,
        "people/account.html",
        status,
        roles=words.roles(request),
        ways=words.ways(request),
        wrong={"old": "", "new": ""} | (wrong or {}),
        done=spoken(request, done) if done else "",
        account=account,
        needs_old=await _needs_old(request, has_password=bool(account and account.has_password)),
        sessions=[(one, *device_of(one.agent)) for one in held],
        passkeys=[(one, passkeys.written_id(one.credential_id)) for one in keys],
        agencies=agencies_of(person, site.directory()),
        is_fresh=is_fresh(request),
        again=again(request),
        languages=(("vi", "Tiếng Việt"), ("en", "English")),
    )
