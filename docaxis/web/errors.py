"""Errors in three parts: what happened, what to do, and the code to quote; the same words as in the API and the CLI."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from docaxis.hub.ports import StoreUnavailable
from docaxis.web.render import render
from docaxis.web.state import PREFERENCES, REQUEST_ID, Preferences
from docaxis.web.words import mark as _

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a page of an error says; the texts are of the catalogues."""

    code: str
    happened: str
    to_do: str
    button: str = "Về trang đầu"
    leads_to: str = "/"


class Refusal(Exception):
    """Raised by a handler that refuses what was asked: the page of an error with this status."""

    def __init__(self, status: int, trouble: Trouble, facts: str = "") -> None:
        super().__init__(trouble.code)
        self.status, self.trouble, self.facts = status, trouble, facts


OF_STATUS = {
    400: Trouble("WEB.REQUEST_INVALID", _("Trục không hiểu yêu cầu này"), _("Quay lại trang trước và làm lại.")),
    401: Trouble("WEB.SIGNED_OUT", _("Phiên làm việc đã hết"), _("Đăng nhập rồi làm lại."), _("Đăng nhập"), "/sign-in"),
    403: Trouble(
        "WEB.FORM_OUTDATED",
        _("Biểu mẫu đã cũ hoặc không do trang này gửi"),
        _("Tải lại trang có biểu mẫu rồi gửi lại."),
    ),
    404: Trouble(
        "WEB.NOT_FOUND",
        _("Không có trang hoặc văn bản này"),
        _("Kiểm tra lại địa chỉ, hoặc tìm theo số, ký hiệu. Văn bản của cơ quan khác không hiện ở đây."),
    ),
    405: Trouble("WEB.METHOD", _("Trang này không nhận cách gửi đó"), _("Mở trang từ mục lục rồi làm lại.")),
    413: Trouble("WEB.TOO_LARGE", _("Tệp gửi lên quá lớn"), _("Bỏ bớt tệp hoặc chia thành nhiều văn bản.")),
    429: Trouble("WEB.TOO_MANY", _("Quá nhiều lần trong thời gian ngắn"), _("Đợi một phút rồi làm lại.")),
    500: Trouble(
        "WEB.FAULT",
        _("Trục gặp lỗi khi làm trang này"),
        _("Việc vừa làm có thể chưa được ghi. Tải lại trang để xem; nếu còn lỗi, báo đơn vị vận hành kèm mã bên dưới."),
    ),
    503: Trouble(
        "WEB.UNAVAILABLE",
        _("Kho dữ liệu của trục tạm không đọc được"),
        _("Đợi một phút rồi tải lại trang. Văn bản đã gửi không mất."),
    ),
}
"""The page for each status; another one falls back on 400 or 500."""


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and faults into pages; nothing of a fault's own text is shown."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _shown(request, refusal.status, refusal.trouble, refusal.facts)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        shown = _shown(request, error.status, _of(error.status))
        if "Allow" in error.headers:
            shown.headers["Allow"] = error.headers["Allow"]
        return shown
    except StoreUnavailable as error:
        log.warning("store unavailable", path=request.path, error=str(error))
        shown = _shown(request, 503, OF_STATUS[503])
        shown.headers["Retry-After"] = "5"
        return shown
    except Exception:
        log.exception("page failed", path=request.path, request_id=request[REQUEST_ID])
        return _shown(request, 500, OF_STATUS[500])


def _of(status: int) -> Trouble:
    return OF_STATUS.get(status) or OF_STATUS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]


def _shown(request: web.Request, status: int, trouble: Trouble, facts: str = "") -> web.Response:
    request.setdefault(PREFERENCES, Preferences())
    return render(request, "error.html", status, trouble=trouble, facts=facts, request_id=request[REQUEST_ID])
