"""What needs a second person: proposals of anchors, bindings and retention, and the decision of somebody else."""

from uuid import UUID

from aiohttp import web

from docaxis.domain.organ import parse_organ_id
from docaxis.hub.views.proposals import NotDecided, Proposal
from docaxis.web.errors import Refusal, Trouble
from docaxis.web.operator.forms import reason_error, typed
from docaxis.web.operator.ports import DIRECTORY_ACTS, PROPOSALS
from docaxis.web.render import address, render, spoken
from docaxis.web.state import VISIT
from docaxis.web.words import mark as _

DECIDED_SHOWN = 30

OWN = Trouble(
    "OPERATOR.OWN_PROPOSAL",
    _("Người đề nghị không tự duyệt được"),
    _("Một người vận hành hoặc quản trị khác phải duyệt. Anh chị có thể rút đề nghị của mình."),
    _("Về các đề nghị"),
    "/proposals",
)
ONE_HAND = Trouble(
    "OPERATOR.ONE_HAND",
    _("Một người đã cho cả hai tài khoản vào"),
    _(
        "Ai cấp đường dẫn đăng nhập cho cả hai tài khoản thì ngồi được vào cả hai chỗ. "
        "Cấp lại cho một trong hai ở máy chủ bằng lệnh docaxis person link, hoặc đăng nhập qua cổng của cơ quan."
    ),
    _("Về các đề nghị"),
    "/proposals",
)
OVER = Trouble(
    "OPERATOR.PROPOSAL_OVER",
    _("Đề nghị này đã được quyết định"),
    _("Xem lại danh sách: người khác vừa duyệt hoặc từ chối."),
    _("Về các đề nghị"),
    "/proposals",
)
FOLDER = Trouble(
    "OPERATOR.ANCHORS_FOLDER",
    _("Không ghi được vào thư mục neo tin cậy"),
    _("Cho tiến trình trang quyền ghi thư mục trust.anchors_dir rồi duyệt lại. Đề nghị vẫn đang chờ."),
    _("Về các đề nghị"),
    "/proposals",
)
_NOT_DECIDED = {"own": OWN, "one-hand": ONE_HAND, "over": OVER}


async def show_proposals(request: web.Request) -> web.Response:
    """Show what waits, what was decided, and what is in force now."""
    proposals = request.app[PROPOSALS]
    return render(
        request,
        "operator/proposals.html",
        waiting=await proposals.waiting(),
        decided=await proposals.decided(DECIDED_SHOWN),
        anchors=await proposals.anchors(),
        bindings=sorted((await request.app[DIRECTORY_ACTS].signer_bindings()).items()),
        retention=await proposals.retention_days(),
        done=request.query.get("done", ""),
    )


async def show_proposal(request: web.Request) -> web.Response:
    """Show one, with the forms of whoever may decide."""
    return await _shown(request, await _one(request), "", "")


async def approve_proposal(request: web.Request) -> web.Response:
    """Approve, which makes the change."""
    form, one = await typed(request), await _one(request)
    reason = form.get("reason", "")
    if wrong := reason_error(reason):
        return await _shown(request, one, reason, wrong)
    person = request[VISIT].person
    try:
        await request.app[PROPOSALS].approve(one.proposal_id, person.person_id, person.login, reason)
    except NotDecided as error:
        raise Refusal(409, _NOT_DECIDED[str(error)]) from error
    except OSError as error:
        raise Refusal(503, FOLDER) from error
    raise web.HTTPSeeOther(address(request, "proposals", {"done": "approved"}))


async def decline_proposal(request: web.Request) -> web.Response:
    """Decline, or withdraw one's own."""
    form, one = await typed(request), await _one(request)
    reason = form.get("reason", "")
    if wrong := reason_error(reason):
        return await _shown(request, one, reason, wrong)
    person = request[VISIT].person
    try:
        await request.app[PROPOSALS].decline(one.proposal_id, person.person_id, person.login, reason)
    except NotDecided as error:
        raise Refusal(409, OVER) from error
    done = "withdrawn" if one.proposed_by == person.person_id else "declined"
    raise web.HTTPSeeOther(address(request, "proposals", {"done": done}))


async def _shown(request: web.Request, one: Proposal, reason: str, error: str) -> web.Response:
    is_own = one.proposed_by == request[VISIT].person.person_id
    facts = None
    if one.kind == "anchor:add":
        facts, _pem = request.app[PROPOSALS].read_anchor(str(one.content["pem"]).encode())
    return render(
        request,
        "operator/proposal.html",
        422 if error else 200,
        one=one,
        facts=facts,
        is_own=is_own,
        reason=reason,
        error=spoken(request, error) if error else "",
    )


async def _one(request: web.Request) -> Proposal:
    try:
        proposal_id = UUID(hex=request.match_info["proposal_id"])
    except ValueError:
        raise web.HTTPNotFound from None
    one = await request.app[PROPOSALS].one(proposal_id)
    if one is None:
        raise web.HTTPNotFound
    return one


def organ_ids_of(text: str) -> tuple[str, ...] | None:
    """Return the codes in a text, separated by blanks or commas; None where one of them is none."""
    codes = [parse_organ_id(code) for code in text.replace(",", " ").split()]
    return None if None in codes else tuple(sorted({code for code in codes if code}))
