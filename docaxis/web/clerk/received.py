"""What was sent to the agency, and how far it has come there."""

from aiohttp import web

from docaxis.hub.views.lists import RECEIVED_STATES
from docaxis.web.clerk.lists import Column, StateChip, show_list, visit_of
from docaxis.web.clerk.lists_wanted import read_asked
from docaxis.web.clerk.ports import LISTS
from docaxis.web.site import SITE
from docaxis.web.words import mark as _

COLUMNS = (
    Column("number", _("Số, ký hiệu")),
    Column("subject", _("Trích yếu")),
    Column("urgency", _("Độ khẩn")),
    Column("sender", _("Nơi gửi")),
    Column("received", _("Đến lúc")),
    Column("status", _("Tình trạng")),
    Column("due", _("Hạn tiếp nhận")),
    Column("type", _("Loại"), shown=False),
    Column("promulgated", _("Ngày ban hành"), shown=False),
    Column("reply", _("Hạn trả lời"), shown=False),
)
CHIPS = (
    StateChip("waiting", _("Chờ tiếp nhận"), "wait"),
    StateChip("overdue", _("Quá hạn"), "late"),
    StateChip("recalled", _("Chờ trả lời thu hồi"), "withdrawn"),
    StateChip("refused", _("Đã từ chối"), "refused"),
    StateChip("unfinished", _("Chưa xong")),
    StateChip("all", _("Tất cả")),
)


async def show_received(request: web.Request) -> web.Response:
    """Show a page of the list."""
    asked = read_asked(request.query, RECEIVED_STATES, request.app[SITE].directory())
    page = await request.app[LISTS].list_received(visit_of(request).organ_id, asked.wanted, asked.after, asked.size)
    return await show_list(request, "clerk/received.html", asked, page, sent=False, chips=CHIPS, columns=COLUMNS)
