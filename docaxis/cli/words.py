"""What the lists and timelines say, in Vietnamese and in English; status codes have their names in `domain.status`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from docaxis.cli.output import language


class Language(StrEnum):
    """The languages of what people read; `--json` speaks none of them."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


LanguageOption = Annotated[
    Language | None, typer.Option("--lang", help="Vietnamese or English (as the environment is set).")
]


def chosen(wanted: Language | None) -> Language:
    """Return the language asked for, else the environment's."""
    return wanted or Language(language())


def say(words: tuple[str, str], spoken: Language) -> str:
    """Return the Vietnamese or the English one of two texts."""
    return words[spoken is Language.ENGLISH]


def word(table: Mapping[str, tuple[str, str]], name: str, spoken: Language) -> str:
    """Return what a name of the records is called; one without a word stands for itself."""
    return say(table.get(name, (name, name)), spoken)


LABELS = {
    "document": ("văn bản", "document"),
    "sender": ("cơ quan gửi", "sender"),
    "number": ("số, ký hiệu", "number"),
    "subject": ("trích yếu", "subject"),
    "submitted": ("trục nhận lúc", "submitted"),
    "accepted": ("trục chấp nhận lúc", "accepted"),
    "lane": ("luồng", "lane"),
    "state": ("tình trạng", "state"),
    "finished": ("hoàn thành lúc", "finished"),
    "package": ("gói tin", "package"),
    "signer": ("chứng thư số", "signer"),
    "addressee": ("nơi nhận", "addressee"),
    "through": ("qua", "through"),
    "transport": ("vận chuyển", "transport"),
    "dispatched": ("chuyển lúc", "dispatched"),
    "fetched": ("lấy về lúc", "fetched"),
    "status": ("trạng thái", "status"),
    "recall": ("thu hồi", "recall"),
    "late": ("quá hạn", "late"),
    "time": ("thời điểm", "time"),
    "reported": ("cơ quan báo lúc", "reported"),
    "author": ("cơ quan báo", "author"),
    "applied": ("áp dụng", "applied"),
    "description": ("nội dung", "description"),
    "tie": ("liên quan", "tie"),
    "report": ("trục xác nhận", "the hub's word"),
    "act": ("sự kiện", "act"),
    "entry": ("mục nhật ký", "log entry"),
    "received": ("nhận lúc", "received"),
    "endpoint": ("đầu nối", "endpoint"),
    "outcome": ("kết quả", "outcome"),
    "code": ("mã", "code"),
    "facts": ("chi tiết", "facts"),
    "place": ("vị trí", "place"),
    "addressees": ("nơi nhận", "addressees"),
    "duty": ("việc phải làm", "duty"),
    "due": ("hạn", "due"),
    "cause": ("nguyên nhân", "cause"),
    "asked": ("yêu cầu lúc", "asked"),
    "refused": ("từ chối lúc", "refused"),
}
"""Headings, by the name that `--json` has for it or one near to it."""

TRANSPORT = {
    "waiting": ("chờ chuyển", "waiting"),
    "dispatched": ("đã chuyển", "dispatched"),
    "fetched": ("đã lấy về", "fetched"),
    "withdrawing": ("đang rút lại", "withdrawing"),
    "withdrawn": ("đã rút lại, chưa ai đọc", "withdrawn unread"),
    "expired": ("hết hiệu lực, không chuyển", "expired unsent"),
}
"""The band of transport."""

DOCUMENT_STATES = {
    "active": ("còn hiệu lực", "active"),
    "recalled": ("đã thu hồi", "recalled"),
    "replaced": ("đã bị thay thế", "replaced"),
    "expired": ("hết hiệu lực", "expired"),
}
"""What has become of a document as a whole."""

DUTIES = {"receipt": ("báo nhận", "receipt"), "reply": ("trả lời", "reply")}
"""What an addressee may miss."""

CAUSES = {
    "addressee": ("do nơi nhận", "addressee"),
    "endpoint-away": ("đầu nối mất kết nối", "endpoint away"),
    "hub-away": ("trục gián đoạn", "hub away"),
}
"""Why it was missed."""

TIES = {
    ("of", "reply"): ("trả lời văn bản", "replies to"),
    ("by", "reply"): ("được trả lời bởi", "is replied to by"),
    ("of", "update"): ("cập nhật văn bản", "updates"),
    ("by", "update"): ("được cập nhật bởi", "is updated by"),
    ("of", "replace"): ("thay thế văn bản", "replaces"),
    ("by", "replace"): ("bị thay thế bởi", "is replaced by"),
    ("of", "recall"): ("thu hồi văn bản", "recalls"),
    ("by", "recall"): ("bị thu hồi bởi", "is recalled by"),
}
"""What a document has to do with another, from its own side."""

REPORTS = {
    "withdrawn": ("đã rút lại, chưa ai đọc", "withdrawn unread"),
    "overdue": ("quá hạn", "overdue"),
    "reminder": ("nhắc việc", "reminder"),
    "expired": ("hết hiệu lực", "expired"),
    "conflict": ("trùng mã hoặc số, khác nội dung", "same id or number, other content"),
}
"""What the hub signed of itself."""

YES, NO = ("có", "yes"), ("không", "no")
NOT_ATTRIBUTABLE = ("không quy lỗi", "not attributable")
HOURS = ("giờ", "h")
STILL = ("chưa xong", "open")
HAD_IT = ("đã có văn bản trước khi bị thu hồi", "had it before the recall")
NOBODY = ("không cơ quan nào", "nobody")
NEVER_ACCEPTED = ("chưa bao giờ được chấp nhận", "never accepted")
NOTHING = ("không có văn bản nào", "nothing found")
MORE = ("còn nữa; tăng --limit", "there are more; raise --limit")
