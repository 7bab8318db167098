"""What entries of the log are called, and what they can be asked for by."""

from collections.abc import Mapping

from docaxis.hub.views.audit import Found
from docaxis.web.words import mark as _

KINDS: Mapping[str, str] = {
    "document:accepted": _("Chấp nhận văn bản"),
    "submission:rejected": _("Chưa chấp nhận gói tin"),
    "submission:deferred": _("Tạm hoãn gói tin"),
    "submission:repeated": _("Gói tin gửi lại"),
    "copies:dispatched": _("Đã chuyển"),
    "copies:fetched": _("Đã lấy về"),
    "copies:withdrawn": _("Thu hồi khi chưa lấy"),
    "status:accepted": _("Trạng thái của nơi nhận"),
    "recall:accepted": _("Yêu cầu lấy lại"),
    "deadline:missed": _("Trục ghi quá hạn"),
    "deadline:reminded": _("Trục nhắc hạn"),
    "document:expired": _("Văn bản hết hiệu lực chờ"),
    "message:quarantined": _("Cách ly gói tin"),
    "subscription:disabled": _("Ngừng báo cho đầu mối"),
    "log:verified": _("Kiểm chứng nhật ký"),
    "export:evidence": _("Xuất chứng cứ"),
    "person:signed-in": _("Đăng nhập"),
    "person:signed-out": _("Đăng xuất"),
    "person:send": _("Gửi văn bản trên trang"),
    "person:register": _("Vào sổ văn bản"),
    "person:mandated": _("Giao phạm vi kiểm tra"),
}
"""Kinds of event with their names; one that is not here is shown by its kind alone."""

STATUSES: Mapping[str, str] = {
    "01": _("01 đã đến"),
    "02": _("02 từ chối"),
    "03": _("03 đã tiếp nhận"),
    "04": _("04 phân công"),
    "05": _("05 đang xử lý"),
    "06": _("06 hoàn thành"),
    "13": _("13 lấy lại"),
    "15": _("15 đồng ý"),
    "16": _("16 từ chối lấy lại"),
}

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "accepted": ("done", _("chấp nhận")),
    "rejected": ("refused", _("chưa được chấp nhận")),
    "deferred": ("held", _("tạm hoãn")),
    "refused": ("refused", _("từ chối")),
    "unapplied": ("unattributed", _("không áp dụng")),
    "late": ("late", _("quá hạn")),
    "withdrawn": ("withdrawn", _("thu hồi")),
    "failed": ("refused", _("hỏng")),
    "recorded": ("done", _("đã ghi")),
}
"""What an act came to: the icon and the word."""

RESULTS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "accepted": (_("chấp nhận"), ("document:accepted",), ""),
    "rejected": (_("chưa được chấp nhận"), ("submission:rejected",), ""),
    "refused": (_("từ chối"), ("status:accepted",), '"code":"02"'),
    "late": (_("quá hạn"), ("deadline:missed", "document:expired"), ""),
    "withdrawn": (_("thu hồi"), ("copies:withdrawn", "recall:accepted"), ""),
    "failed": (_("hỏng"), ("message:quarantined", "subscription:disabled"), ""),
}
"""What can be asked for by its result: the word, the kinds of such acts, and what tells them apart within the kind."""

MEANINGS: Mapping[Found, str] = {
    Found.NUMBER: _("số, ký hiệu văn bản"),
    Found.DOCUMENT_ID: _("mã văn bản"),
    Found.MESSAGE_ID: _("mã gói tin"),
    Found.DIGEST: _("mã băm gói tin hoặc tệp kèm"),
    Found.LEAF_HASH: _("mã băm mục"),
    Found.EVENT_ID: _("mã sự kiện"),
    Found.SERIAL: _("số sê-ri chứng thư"),
    Found.FINGERPRINT: _("dấu vân tay chứng thư"),
    Found.LEAF_INDEX: _("số mục nhật ký"),
}

FAULTS: Mapping[str, str] = {
    "missing": _("thiếu mục"),
    "unreadable": _("không đọc được"),
    "not-canonical": _("không đúng dạng chuẩn"),
    "hash": _("mã băm lệch"),
    "columns": _("cột không khớp bản chuẩn"),
    "receipt": _("biên nhận không khớp"),
}
