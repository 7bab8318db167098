"""What each indicator counts, in words; the English catalogue holds the words of `domain.indicators`, as docs/indicators do."""

from collections.abc import Mapping
from typing import NamedTuple

from docaxis.web.words import mark as _


class Definition(NamedTuple):
    """Texts of the catalogues."""

    numerator: str
    denominator: str
    period_rule: str
    open_items: str


_NONE = _("không có")
_COUNT = _("không có: là số đếm")
_COHORT = _("văn bản được chấp nhận trong kỳ, với những gì đã xảy ra với chúng đến nay")
_ACTS = _("các việc diễn ra trong chính kỳ đó")
_STATE = _("trạng thái cuối ngày cuối kỳ, hoặc lúc này khi kỳ đang chạy")
_SENT = _("mọi văn bản đã gửi")
_ALL_COPIES = _("mọi lượt nhận của văn bản trong kỳ")
_WITHOUT = _("lượt nhận thiếu một trong hai mốc, hoặc mốc sau đến trước")


def _time(between: str) -> Definition:
    return Definition(between, _ALL_COPIES, _COHORT, _WITHOUT)


DEFINITIONS: Mapping[str, Definition] = {
    "sent": Definition(_("văn bản của nơi gửi được chấp nhận, không kể lệnh thu hồi"), _COUNT, _COHORT, _NONE),
    "received": Definition(
        _("lượt văn bản vào hộp đến của nơi nhận, mỗi nơi nhận một lượt"),
        _COUNT,
        _COHORT,
        _("lượt chờ chỗ trong hộp đến; lượt đã rút hoặc hết hiệu lực trước khi rời trục"),
    ),
    "answered-on-time": Definition(
        _("lượt nhận mà nơi nhận báo trạng thái 01 đến 06 trước hạn phản hồi"),
        _("các lượt đó, và các lượt quá hạn do chính nơi nhận"),
        _COHORT,
        _("lượt chưa đến hạn; lượt quá hạn không quy được cho nơi nhận; lượt không còn nghĩa vụ phản hồi"),
    ),
    "time-accepted-to-arrived": _time(_("lượt nhận có đủ hai mốc: trục chấp nhận, 01 đầu tiên")),
    "time-arrived-to-taken": _time(_("lượt nhận có đủ hai mốc: 01 đầu tiên, 03 đầu tiên")),
    "time-taken-to-finished": _time(_("lượt nhận có đủ hai mốc: 03 đầu tiên, 06 đầu tiên")),
    "time-accepted-to-finished": _time(_("lượt nhận có đủ hai mốc: trục chấp nhận, 06 đầu tiên")),
    "connected": Definition(
        _("cơ quan đang hoạt động có đầu mối riêng hoặc của cơ quan cấp trên phục vụ"),
        _("mọi cơ quan đang hoạt động"),
        _STATE,
        _("cơ quan có đầu mối đang bị khóa"),
    ),
    "silent": Definition(
        _("cơ quan đã kết nối không gửi văn bản nào và không lấy lượt nào"), _("cơ quan đã kết nối"), _ACTS, _NONE
    ),
    "growth-first-month": Definition(
        _("văn bản gửi trong tháng mà kỳ kết thúc"),
        _("văn bản gửi trong tháng có văn bản đầu tiên của trục"),
        _ACTS,
        _("ngày chưa đến của tháng đó; ngày của tháng đầu trước văn bản đầu tiên"),
    ),
    "growth-year": Definition(
        _("văn bản gửi trong kỳ, đến hôm nay"),
        _("văn bản gửi trong cùng những ngày năm trước"),
        _ACTS,
        _("ngày chưa đến của kỳ"),
    ),
    "depth": Definition(
        _("cấp có cơ quan đã gửi văn bản hoặc lấy văn bản; nêu cấp sâu nhất"),
        _("cấp có cơ quan đang hoạt động"),
        _ACTS,
        _NONE,
    ),
    "refused": Definition(
        _("gói tin trục không chấp nhận, theo từng mã lý do"),
        _("gói tin được chấp nhận hoặc không, không kể gói gửi lại"),
        _("gói tin đến trong kỳ, theo quyết định đến nay"),
        _("gói tin chưa quyết định"),
    ),
    "electronic": Definition(_("văn bản mà gói tin không báo kèm bản giấy"), _SENT, _COHORT, _NONE),
    "signed-by-agency": Definition(_("văn bản mà chứng thư người ký thay mặt cơ quan gửi"), _SENT, _COHORT, _NONE),
    "signed-by-person": Definition(
        _("chưa kiểm tra: chữ ký trong tệp kèm không được đọc"), _SENT, _COHORT, _("mọi văn bản")
    ),
}
