"""The administrator's pages: all people, one person, and what may be changed of them; no password is seen or sent."""

from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Grant, Mandate, Person, Role, may_become
from docaxis.web.people import forms, words
from docaxis.web.people.link import make_link
from docaxis.web.people.ports import ACCOUNTS, CHANGES, RULES
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

_PAGE = 50

_DONE = {
    "added": _("Đã thêm tài khoản."),
    "disabled": _("Đã khóa tài khoản. Mọi phiên đã ngắt."),
    "enabled": _("Đã mở lại tài khoản."),
    "granted": _("Đã ghi quyền thay cơ quan."),
    "revoked": _("Đã bỏ quyền thay cơ quan."),
    "mandated": _("Đã ghi phạm vi kiểm tra."),
    "ended": _("Đã kết thúc phạm vi kiểm tra."),
    "role": _("Đã đổi vai. Mọi phiên đã ngắt."),
}


async def show_people(request: web.Request) -> web.Response:
    """List accounts by login, a page at a time."""
    sought, after = request.query.get("q", "")[:100], request.query.get("after", "")[:200]
    found = await request.app[ACCOUNTS].accounts(sought, after, _PAGE + 1)
    shown = found[:_PAGE]
    return render(
        request,
        "people/people.html",
        people=shown,
        sought=sought,
        first="" if not after else address(request, "people", {"q": sought} if sought else None),
        following=shown[-1].person.login if len(found) > _PAGE else "",
        roles=words.roles(request),
    )


async def show_addition(request: web.Request) -> web.Response:
    """Show the form of a new account."""
    return _addition(request, forms.AccountForm())


async def add_person(request: web.Request) -> web.Response:
    """Add an account and lead to it."""
    site = request.app[SITE]
    form = forms.AccountForm.read(await request.post())
    person, wrong = form.person(site.directory(), site.now())
    if person is not None and not await request.app[ACCOUNTS].add(person, site.now(), request[VISIT].person.login):
        wrong = {"login": _("Tên đăng nhập này đã có.")}
        person = None
    if person is None:
        return _addition(request, form, wrong, 422)
    raise web.HTTPSeeOther(_of(request, person, "added"))


async def show_person(request: web.Request) -> web.Response:
    """Show one account."""
    return await _shown(request, await _person(request))


async def disable(request: web.Request) -> web.Response:
    """Shut a person out; nobody does it to themselves."""
    person = await _other(request)
    await request.app[CHANGES].disable(person, request.app[SITE].now(), request[VISIT].person.login)
    raise web.HTTPSeeOther(_of(request, person, "disabled"))


async def enable(request: web.Request) -> web.Response:
    """Let a person in again."""
    person = await _person(request)
    await request.app[CHANGES].enable(person, request.app[SITE].now(), request[VISIT].person.login)
    raise web.HTTPSeeOther(_of(request, person, "enabled"))


async def grant(request: web.Request) -> web.Response:
    """Let a clerk act for one more agency."""
    person, site = await _of_role(request, Role.CLERK), request.app[SITE]
    form = await request.post()
    agency = forms.agency(str(form.get("organ_id", "")), site.directory())
    if agency is None:
        return await _shown(request, person, 422, {"organ_id": forms.NO_AGENCY})
    given = Grant(agency.organ_id, form.get("with_subordinates") == "on")
    await request.app[CHANGES].grant(person, given, site.now(), request[VISIT].person.login)
    raise web.HTTPSeeOther(_of(request, person, "granted"))


async def revoke(request: web.Request) -> web.Response:
    """Take a grant away."""
    person = await _of_role(request, Role.CLERK)
    organ_id = str((await request.post()).get("organ_id", ""))
    by = request[VISIT].person.login
    if not await request.app[CHANGES].revoke(person, organ_id, request.app[SITE].now(), by):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(_of(request, person, "revoked"))


async def set_mandate(request: web.Request) -> web.Response:
    """Give an auditor a mandate, or end the one there is."""
    person, site = await _of_role(request, Role.AUDITOR), request.app[SITE]
    form = await request.post()
    mandate: Mandate | None = None
    if "end" not in form:
        mandate, wrong = forms.mandate(form, site.directory())
        if mandate is None:
            typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
            return await _shown(request, person, 422, wrong, typed)
    await request.app[CHANGES].set_mandate(person, mandate, site.now(), request[VISIT].person.login)
    raise web.HTTPSeeOther(_of(request, person, "mandated" if mandate else "ended"))


async def change_role(request: web.Request) -> web.Response:
    """Give an account another role, where it may become that; nobody does it to themselves."""
    person = await _other(request)
    wanted = (await request.post()).get("role")
    role = next((one for one in Role if one == wanted), None)
    if role is None:
        raise web.HTTPBadRequest
    if not may_become(person.role, role) or (role is Role.CLERK and not person.organ_id):
        return await _shown(
            request, person, 422, {"role": _("Tài khoản này không đổi sang vai đó được. Tạo tài khoản khác.")}
        )
    await request.app[CHANGES].change_role(person, role, request.app[SITE].now(), request[VISIT].person.login)
    raise web.HTTPSeeOther(_of(request, person, "role"))


async def give_link(request: web.Request) -> web.Response:
    """Make a one-time address and show it, this once."""
    person, site = await _person(request), request.app[SITE]
    if person.disabled_at is not None:
        raise web.HTTPNotFound
    text, ends_at = make_link(request.app[RULES].key, person.person_id, site.now())
    await request.app[CHANGES].link_made(person, site.now(), ends_at, request[VISIT].person.login)
    link = site.public_url + address(request, "signin-link", link=text)
    return await _shown(request, person, link=link)


async def _person(request: web.Request) -> Person:
    try:
        person_id = UUID(request.match_info["person"])
    except ValueError:
        raise web.HTTPNotFound from None
    person = await request.app[ACCOUNTS].by_id(person_id)
    if person is None:
        raise web.HTTPNotFound
    return person


async def _other(request: web.Request) -> Person:
    person = await _person(request)
    if person.person_id == request[VISIT].person.person_id:
        raise web.HTTPNotFound
    return person


async def _of_role(request: web.Request, role: Role) -> Person:
    person = await _person(request)
    if person.role is not role:
        raise web.HTTPNotFound
    return person


def _of(request: web.Request, person: Person, done: str) -> str:
    return address(request, "person", {"done": done}, person=person.person_id)


def _addition(
    request: web.Request, form: forms.AccountForm, wrong: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    said = {name: spoken(request, text) for name, text in (wrong or {}).items()}
    return render(request, "people/add.html", status, form=form, wrong=said, roles=words.roles(request))


async def _shown(
    request: web.Request,
    person: Person,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    *,
    link: str = "",
) -> web.Response:
    account = await request.app[ACCOUNTS].account(person.person_id)
    if account is None:
        raise web.HTTPNotFound
    done = _DONE.get(request.query.get("done", ""))
    return render(
        request,
        "people/person.html",
        status,
        account=account,
        one=account.person,
        is_self=person.person_id == request[VISIT].person.person_id,
        done=spoken(request, done) if done else "",
        wrong={name: spoken(request, text) for name, text in (wrong or {}).items()},
        typed=typed or forms.typed_mandate(person.mandate),
        link=link,
        roles=words.roles(request),
        choices=[(role, name) for role, name in words.roles(request).items() if may_become(person.role, role)],
    )
