"""Quarantine: what was set aside and why, never its content; released or discarded, each with a written reason."""

from datetime import datetime
from uuid import UUID

from aiohttp import web

from docaxis.domain.calendar import VIETNAM
from docaxis.hub.views.documents import Cursor
from docaxis.hub.views.operating import NotReleased, SetAside
from docaxis.web.address import with_query
from docaxis.web.errors import Refusal, Trouble
from docaxis.web.operator.board import names_of
from docaxis.web.operator.forms import reason_error, typed
from docaxis.web.operator.ports import OPERATION, QUARANTINE
from docaxis.web.render import address, render, spoken
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

PAGE = 50
ENDED_SHOWN = 20

GONE = Trouble(
    "OPERATOR.QUARANTINE_GONE",
    _("Gói này không còn chờ trong cách ly, hoặc không thả ra được"),
    _("Có thể người khác vừa xử lý. Xem lại danh sách cách ly."),
    _("Về danh sách cách ly"),
    "/quarantine",
)
NOT_RELEASED = Trouble(
    "OPERATOR.NOT_RELEASED",
    _("Máy chủ hàng chờ không nhận gói này"),
    _("Gói vẫn nằm trong cách ly, chưa ghi gì. Xem máy chủ hàng chờ rồi thả lại."),
    _("Về danh sách cách ly"),
    "/quarantine",
)


async def show_quarantine(request: web.Request) -> web.Response:
    """Show a page of what waits, and the last things that were decided."""
    quarantine = request.app[QUARANTINE]
    waiting = await quarantine.waiting(_cursor(request), PAGE + 1)
    shown = waiting[:PAGE]
    following = ""
    if len(waiting) > PAGE:
        last = shown[-1]
        following = with_query(request, after=f"{last.quarantined_at.isoformat()},{last.event_id}")
    return render(
        request,
        "operator/quarantine.html",
        waiting=shown,
        ended=await quarantine.ended(ENDED_SHOWN),
        count=request.app[OPERATION].board().quarantined,
        names=names_of(request.app[OPERATION].board()),
        is_first="after" not in request.query,
        first=with_query(request),
        following=following,
        done=request.query.get("done", ""),
    )


async def show_message(request: web.Request) -> web.Response:
    """Show one, with the two forms."""
    return _shown(request, await _one(request), {}, "")


async def release_message(request: web.Request) -> web.Response:
    """Hand it to the hub again."""
    form, one = await typed(request), await _one(request)
    reason = form.get("reason", "")
    if error := reason_error(reason):
        return _shown(request, one, form, error, "release")
    try:
        done = await request.app[QUARANTINE].release(UUID(one.event_id), request[VISIT].person.login, reason)
    except NotReleased as trouble:
        raise Refusal(503, NOT_RELEASED) from trouble
    raise _answer(request, "released") if done else Refusal(409, GONE)


async def discard_message(request: web.Request) -> web.Response:
    """Give it up."""
    form, one = await typed(request), await _one(request)
    reason = form.get("reason", "")
    if error := reason_error(reason):
        return _shown(request, one, form, error, "discard")
    done = await request.app[QUARANTINE].discard(UUID(one.event_id), request[VISIT].person.login, reason)
    raise _answer(request, "discarded") if done else Refusal(409, GONE)


def _answer(request: web.Request, done: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(address(request, "quarantine", {"done": done}))


def _shown(request: web.Request, one: SetAside, form: dict[str, str], error: str, act: str = "") -> web.Response:
    return render(
        request,
        "operator/quarantine_message.html",
        422 if error else 200,
        one=one,
        day=one.quarantined_at.astimezone(VIETNAM).date(),
        names=names_of(request.app[OPERATION].board()),
        reason=form.get("reason", ""),
        error=spoken(request, error) if error else "",
        act=act,
    )


async def _one(request: web.Request) -> SetAside:
    try:
        event_id = UUID(hex=request.match_info["event_id"])
    except ValueError:
        raise web.HTTPNotFound from None
    one = await request.app[QUARANTINE].one(event_id)
    if one is None:
        raise web.HTTPNotFound
    return one


def _cursor(request: web.Request) -> Cursor | None:
    at, _comma, key = request.query.get("after", "").partition(",")
    try:
        moment = datetime.fromisoformat(at)
        return Cursor(moment, UUID(hex=key)) if moment.tzinfo else None
    except ValueError:
        return None
