"""Saved views: the address of a list under a name of one's own."""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web

from docaxis.web.clerk.lists import visit_of
from docaxis.web.clerk.ports import SAVED_VIEWS
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.words import mark as _

NAME_MOST, ADDRESS_MOST = 80, 1_000
_LISTS = ("sent", "received")


async def show_views(request: web.Request) -> web.Response:
    """Show one's views, and the form that keeps the address which was brought along."""
    kept = request.query.get("keep", "")
    return await _shown(request, kept if _is_a_list(request, kept) else "")


async def save_view(request: web.Request) -> web.Response:
    """Keep an address under a name."""
    form = await request.post()
    name, kept = str(form.get("name", "")).strip(), str(form.get("address", ""))
    if not _is_a_list(request, kept):
        raise web.HTTPBadRequest
    trouble = _trouble(request, name)
    if not trouble:
        person_id, now = visit_of(request).person.person_id, request.app[SITE].now()
        if await request.app[SAVED_VIEWS].save(person_id, name, kept, now):
            raise web.HTTPSeeOther(kept)
        trouble = spoken(request, _("Đã có quá nhiều khung nhìn: xóa bớt rồi lưu."))
    return await _shown(request, kept, typed=name, trouble=trouble)


async def rename_view(request: web.Request) -> web.Response:
    """Give a view another name."""
    form = await request.post()
    view_id, name = _view_id(request), str(form.get("name", "")).strip()
    mine = await request.app[SAVED_VIEWS].of(visit_of(request).person.person_id)
    if all(one.view_id != view_id for one in mine):
        raise web.HTTPNotFound
    trouble = _trouble(request, name)
    if not trouble and await request.app[SAVED_VIEWS].rename(visit_of(request).person.person_id, view_id, name):
        raise web.HTTPSeeOther(address(request, "views"))
    trouble = trouble or spoken(request, _("Đã có khung nhìn tên này."))
    return await _shown(request, "", wrong=view_id, typed=name, trouble=trouble)


async def remove_view(request: web.Request) -> web.Response:
    """Forget a view."""
    if not await request.app[SAVED_VIEWS].remove(visit_of(request).person.person_id, _view_id(request)):
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(address(request, "views"))


async def _shown(
    request: web.Request, kept: str, *, wrong: UUID | None = None, typed: str = "", trouble: str = ""
) -> web.Response:
    views: Sequence[object] = await request.app[SAVED_VIEWS].of(visit_of(request).person.person_id)
    return render(
        request,
        "clerk/views.html",
        422 if trouble else 200,
        views=views,
        kept=kept,
        wrong=wrong,
        typed=typed,
        trouble=trouble,
        name_most=NAME_MOST,
    )


def _trouble(request: web.Request, name: str) -> str:
    if not name:
        return spoken(request, _("Ghi tên khung nhìn."))
    if len(name) > NAME_MOST or not name.isprintable():
        return spoken(request, _("Tên dài nhất %(n)s chữ, trên một dòng."), n=NAME_MOST)
    return ""


def _is_a_list(request: web.Request, kept: str) -> bool:
    """Whether this is the address of one of our lists, and of nothing else on this site or another."""
    parts = urlsplit(kept)
    paths = {address(request, name) for name in _LISTS}
    return (
        not parts.scheme
        and not parts.netloc
        and parts.path in paths
        and len(kept) <= ADDRESS_MOST
        and kept.isprintable()
    )


def _view_id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["view_id"])
    except ValueError:
        raise web.HTTPNotFound from None
