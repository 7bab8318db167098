"""What the agency sent: each document with how all its addressees stand."""

from aiohttp import web

from docaxis.hub.views.lists import SENT_STATES
from docaxis.web.clerk.lists import Column, StateChip, show_list, visit_of
from docaxis.web.clerk.lists_wanted import read_asked
from docaxis.web.clerk.ports import LISTS
from docaxis.web.site import SITE
from docaxis.web.words import mark as _

COLUMNS = (
    Column("number", _("Số, ký hiệu")),
    Column("subject", _("Trích yếu")),
    Column("urgency", _("Độ khẩn")),
    Column("sent", _("Đã gửi")),
    Column("accepted", _("Đã tiếp nhận")),
    Column("attention", _("Cần chú ý")),
    Column("due", _("Hạn tiếp nhận")),
    Column("type", _("Loại"), shown=False),
    Column("promulgated", _("Ngày ban hành"), shown=False),
    Column("reply", _("Hạn trả lời"), shown=False),
)
CHIPS = (
    StateChip("attention", _("Cần chú ý"), "unattributed"),
    StateChip("overdue", _("Quá hạn"), "late"),
    StateChip("refused", _("Bị từ chối"), "refused"),
    StateChip("recalled", _("Đang đòi thu hồi"), "withdrawn"),
    StateChip("unfinished", _("Chưa xong")),
    StateChip("all", _("Tất cả")),
)


async def show_sent(request: web.Request) -> web.Response:
    """Show a page of the list."""
    asked = read_asked(request.query, SENT_STATES, request.app[SITE].directory())
    page = await request.app[LISTS].list_sent(visit_of(request).organ_id, asked.wanted, asked.after, asked.size)
    return await show_list(request, "clerk/sent.html", asked, page, sent=True, chips=CHIPS, columns=COLUMNS)
