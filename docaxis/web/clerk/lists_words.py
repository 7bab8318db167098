"""What a row of a list says of its document: kinds of state with their words, worst first."""

from aiohttp import web

from docaxis.domain.status import StatusCode
from docaxis.hub.views.lists import ReceivedRow, Standing
from docaxis.web.render import spoken
from docaxis.web.state import PREFERENCES
from docaxis.web.words import mark as _
from docaxis.web.written import Written

STATUS_WORDS = {
    StatusCode.ARRIVED: ("wait", _("01 đã đến")),
    StatusCode.REFUSED: ("refused", _("02 từ chối")),
    StatusCode.ACCEPTED: ("done", _("03 đã tiếp nhận")),
    StatusCode.ASSIGNED: ("done", _("04 phân công")),
    StatusCode.PROCESSING: ("done", _("05 đang xử lý")),
    StatusCode.FINISHED: ("done", _("06 hoàn thành")),
    StatusCode.RECALL_ASKED: ("withdrawn", _("13 lấy lại")),
    StatusCode.AGREED: ("withdrawn", _("15 đồng ý lấy lại")),
    StatusCode.DECLINED: ("none", _("16 từ chối lấy lại")),
}


def attention(request: web.Request, standing: Standing) -> list[tuple[str, str]]:
    """Return what is to be said of a document's addressees, worst first: kind of state and words."""
    number = Written(request[PREFERENCES].language).number
    counted = (
        ("refused", standing.refused, _("%(n)s từ chối")),
        ("late", standing.overdue, _("%(n)s quá hạn")),
        ("withdrawn", standing.asked_back, _("%(n)s chưa trả lời thu hồi")),
        ("unattributed", standing.unattributed, _("%(n)s chưa quy được lỗi")),
        ("held", standing.waiting, _("%(n)s chờ đường truyền")),
    )
    found = [(kind, spoken(request, words, n=number(count))) for kind, count, words in counted if count]
    if found:
        return found
    left = standing.addressees - standing.withdrawn - standing.answered
    if left > 0:
        return [("wait", spoken(request, _("%(n)s chưa báo"), n=number(left)))]
    if standing.withdrawn:
        return [("withdrawn", spoken(request, _("%(n)s đã thu hồi"), n=number(standing.withdrawn)))]
    if standing.accepted < standing.addressees:
        waiting = standing.addressees - standing.accepted
        return [("wait", spoken(request, _("%(n)s chưa tiếp nhận"), n=number(waiting)))]
    return [("done", spoken(request, _("đủ")))]


def standing(request: web.Request, row: ReceivedRow) -> list[tuple[str, str]]:
    """Return what is to be said of how far a document has come here: kind of state and words."""
    found = []
    if row.is_late:
        found.append(("late", spoken(request, _("quá hạn"))))
    if row.status is not None:
        kind, words = STATUS_WORDS[row.status]
        found.append((kind, spoken(request, words)))
    elif not row.is_late:
        found.append(("wait", spoken(request, _("chưa báo gì"))))
    if row.recall is not None:
        kind, words = STATUS_WORDS[row.recall]
        found.append((kind, spoken(request, words)))
    return found
