"""Acts on a document: a page that says what will happen and to whom, and the form behind it that does it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NoReturn

from aiohttp import web

from docaxis.hub.acts import act as act_row
from docaxis.web.clerk.acts import ACTS, Act, Side, open_to_addressee, open_to_sender, recallable
from docaxis.web.clerk.delivery_stops import REMINDED, reminded_since
from docaxis.web.clerk.document_found import CLERKS, Found, find, matrix_of, number_of
from docaxis.web.clerk.document_pages import back_to
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.desk import DESK, DeskError
from docaxis.web.errors import Refusal, Trouble
from docaxis.web.render import render, spoken
from docaxis.web.routing import Page
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.words import mark as _

REASON_MAX: Final = 2000
"""Longest reason in characters: what a status package may hold."""
LISTED_MAX: Final = 200
"""Addressees that a form lists by name with a box to tick; of more, all or those that the address names."""
REMIND_EVERY: Final = timedelta(hours=1)

_CLOSED: Final = Trouble(
    "WEB.ACT_CLOSED",
    _("Việc này không còn làm được với văn bản"),
    _("Xem trạng thái hiện nay của văn bản rồi chọn việc khác."),
    _("Về trang đầu"),
)
_REMINDED: Final = Trouble(
    "WEB.REMINDED_ALREADY",
    _("Các nơi này vừa được nhắc trong một giờ qua"),
    _("Đợi hết một giờ, hoặc gọi điện cho nơi nhận."),
    _("Về trang đầu"),
)
_ELSEWHERE: Final = Trouble(
    "WEB.NO_WEB_ENDPOINT",
    _("Cơ quan gửi và nhận bằng phần mềm riêng"),
    _("Việc này làm trên phần mềm của cơ quan."),
    _("Về trang đầu"),
)


@dataclass(slots=True)
class Form:
    """What was filled in: the addressees it is about (extent `all` or `some`), the reason, and what is wrong by field."""

    extent: str = "all"
    to: tuple[str, ...] = ()
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)


async def show_act(act: Act, request: web.Request) -> web.Response:
    """Show what will happen and to whom."""
    found = await find(request, events_for=())
    able = _able(request, found, act)
    named = tuple(one for one in request.query.getall("to", []) if one in able)
    return _shown(request, found, act, able, Form("some" if named else "all", named))


async def do_act(act: Act, request: web.Request) -> web.Response:
    """Do it, write who did it into the log, and lead to the document, where the hub's answer is told when it comes."""
    # Who was reminded lately stands in the events alone.
    told: Sequence[Side] = ("sender",) if act.name == "remind" else ()
    found = await find(request, told)
    able = _able(request, found, act)
    posted = await request.post()
    form = Form(
        str(posted.get("extent", "all")),
        tuple(str(one) for one in posted.getall("to", []) if one in able),
        str(posted.get("reason", "")).strip(),
    )
    _check(request, act, form)
    if form.errors:
        return _shown(request, found, act, able, form, 422)
    try:
        sent = await _do(request, found, act, form, able)
    except DeskError as error:
        form.errors["form"] = error.vi if request[PREFERENCES].language == "vi" else error.en
        return _shown(request, found, act, able, form, 422)
    raise web.HTTPSeeOther(back_to(request, found, sent))


def _check(request: web.Request, act: Act, form: Form) -> None:
    if act.reason == "must" and not form.reason:
        form.errors["reason"] = spoken(request, _("Ghi lý do; bên kia đọc đúng từng chữ."))
    if len(form.reason) > REASON_MAX:
        form.errors["reason"] = spoken(request, _("Lý do dài nhất %(most)s chữ cái."), most=REASON_MAX)
    if form.extent == "some" and not form.to:
        form.errors["to"] = spoken(request, _("Chọn ít nhất một nơi nhận."))


async def _do(request: web.Request, found: Found, act: Act, form: Form, able: Collection[str]) -> Sequence[str]:
    visit, now, document = request[VISIT], request.app[SITE].now(), found.document
    facts = {"login": visit.person.login, "organ_id": visit.organ_id}
    chosen = form.to if form.extent == "some" else tuple(able)
    if act.name == "remind":
        await _remind(request, found, chosen, now)
        return ()
    desk = request.app[DESK]
    sent: Sequence[str]
    if act.name == "recall":
        # Nobody named means the document itself: an order, after which it is in force nowhere.
        is_order = form.extent == "all" and document.state == "active"
        sent = await desk.recall(document, () if is_order else chosen, form.reason)
        row = act_row(
            "person:recalled",
            now,
            facts | {"addressees": [] if is_order else list(chosen), "messages": list(sent)},
            document.document_key,
        )
    else:
        if act.code is None:
            raise AssertionError
        sent = (await desk.report(visit.organ_id, document, act.code, form.reason),)
        row = act_row(
            "person:reported", now, facts | {"code": act.code.written, "messages": list(sent)}, document.document_key
        )
    await request.app[DOCUMENTS].record(row)
    return sent


async def _remind(request: web.Request, found: Found, chosen: Sequence[str], now: datetime) -> None:
    visit, document = request[VISIT], found.document
    due_at = request.app[DOCUMENTS].dues(document).get("receipt", document.accepted_at)
    wanted = frozenset(chosen) - reminded_since(found.timeline.events, now - REMIND_EVERY)
    reached = [copy for copy in found.timeline.deliveries if copy.organ_id in wanted]
    if not reached:
        raise Refusal(409, _REMINDED)
    body = {
        "document": document.document_key.hex,
        "kind": "receipt",
        "due_at": due_at.isoformat(),
        "noticed_at": now.isoformat(),
        "login": visit.person.login,
        "organ_id": visit.organ_id,
        "addressees": [[copy.organ_id, copy.endpoint] for copy in reached],
    }
    await request.app[DOCUMENTS].record(act_row(REMINDED, now, body, document.document_key))


def _able(request: web.Request, found: Found, act: Act) -> tuple[str, ...]:
    """Return the addressees that an act can be about; raises Refusal where it is not open now, or not for this agency."""
    organ_id = request[VISIT].organ_id
    if act.side == "addressee":
        copy = found.own
        if copy is None:
            raise web.HTTPNotFound
        if act.name not in open_to_addressee(found.timeline, copy):
            _refuse(found, request, _CLOSED)
        able: tuple[str, ...] = (organ_id,)
    else:
        if not found.is_sender:
            raise web.HTTPNotFound
        late = matrix_of(request, found.timeline).late
        if act.name not in open_to_sender(found.timeline, late):
            _refuse(found, request, _CLOSED)
        able = late if act.name == "remind" else recallable(found.timeline)
    # A reminder is an entry in the log; everything else is a signed package, which only a web endpoint can send from here.
    if act.name != "remind" and not (DESK in request.app and request.app[DESK].serves(organ_id)):
        _refuse(found, request, _ELSEWHERE)
    return able


def _refuse(found: Found, request: web.Request, trouble: Trouble) -> NoReturn:
    leads_to = back_to(request, found)
    raise Refusal(
        409,
        Trouble(trouble.code, trouble.happened, trouble.to_do, _("Về văn bản"), leads_to),
        number_of(found.document),
    )


def _shown(
    request: web.Request, found: Found, act: Act, able: tuple[str, ...], form: Form, status: int = 200
) -> web.Response:
    named = {copy.organ_id: copy for copy in found.timeline.deliveries}
    listed = able if len(able) <= LISTED_MAX else form.to
    return render(
        request,
        "clerk/act.html",
        status,
        found=found,
        document=found.document,
        number=number_of(found.document),
        act=act,
        form=form,
        able=able,
        listed=[named[one] for one in listed if one in named],
        unread=[one for one in able if named[one].transport in {"waiting", "dispatched"}],
        is_order=found.document.state == "active",
    )


ACT_PAGES: Final = tuple(
    page
    for act in ACTS
    for page in (
        Page(f"/documents/{{key}}/{act.name}", partial(show_act, act), CLERKS, act.name),
        Page(f"/documents/{{key}}/{act.name}", partial(do_act, act), CLERKS, f"{act.name}-do", acts=True),
    )
)
