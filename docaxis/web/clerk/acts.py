"""What a clerk can do with one document, as data: who may when, what it says to the other side, what it needs. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from docaxis.domain.status import StatusCode
from docaxis.hub.views.timeline import DeliveryView, Timeline
from docaxis.web.words import mark as _

Side = Literal["sender", "addressee"]


@dataclass(frozen=True, slots=True)
class Act:
    """An act with its page of confirmation; texts are of the catalogues.

    code: the status that it reports, None for what is no status of an addressee. reason: `` (none), `may`, `must`.
    """

    name: str
    side: Side
    code: StatusCode | None
    title: str
    effect: str
    button: str
    reason: str = ""
    danger: bool = False


ACTS: Final = (
    Act(
        "remind",
        "sender",
        None,
        _("Nhắc nơi nhận quá hạn"),
        _("Lời nhắc được ghi vào nhật ký và hiện ở trang của nơi nhận. Văn bản không gửi lại."),
        _("Nhắc"),
    ),
    Act(
        "recall",
        "sender",
        StatusCode.RECALL_ASKED,
        _("Thu hồi"),
        _("Bản chưa lấy về được rút khỏi hộp thư. Bản đã lấy về chỉ thu hồi được khi nơi nhận đồng ý (15)."),
        _("Thu hồi"),
        "must",
        danger=True,
    ),
    Act(
        "accept",
        "addressee",
        StatusCode.ACCEPTED,
        _("Tiếp nhận"),
        _("Nơi gửi được báo 03 đã tiếp nhận. Sau đó không từ chối được nữa."),
        _("Báo đã tiếp nhận"),
        "may",
    ),
    Act(
        "refuse",
        "addressee",
        StatusCode.REFUSED,
        _("Từ chối tiếp nhận"),
        _("Nơi gửi được báo 02 từ chối cùng lý do, đúng từng chữ."),
        _("Từ chối, gửi lý do"),
        "must",
        danger=True,
    ),
    Act(
        "assign",
        "addressee",
        StatusCode.ASSIGNED,
        _("Phân công xử lý"),
        _("Nơi gửi được báo 04 phân công."),
        _("Báo đã phân công"),
        "may",
    ),
    Act(
        "progress",
        "addressee",
        StatusCode.PROCESSING,
        _("Đang xử lý"),
        _("Nơi gửi được báo 05 đang xử lý."),
        _("Báo đang xử lý"),
        "may",
    ),
    Act(
        "finish",
        "addressee",
        StatusCode.FINISHED,
        _("Hoàn thành"),
        _("Nơi gửi được báo 06 hoàn thành. Đây là bước cuối, không báo lùi được."),
        _("Báo hoàn thành"),
        "may",
    ),
    Act(
        "agree",
        "addressee",
        StatusCode.AGREED,
        _("Đồng ý thu hồi"),
        _("Nơi gửi được báo 15 đồng ý. Cơ quan phải hủy văn bản ở mình; không rút lại lời đồng ý được."),
        _("Báo đồng ý thu hồi"),
        "may",
        danger=True,
    ),
    Act(
        "decline",
        "addressee",
        StatusCode.DECLINED,
        _("Từ chối thu hồi"),
        _("Nơi gửi được báo 16 từ chối lấy lại cùng lý do. Văn bản vẫn ở cơ quan."),
        _("Từ chối thu hồi, gửi lý do"),
        "must",
    ),
)
BY_NAME: Final = {act.name: act for act in ACTS}

_ON_THE_WAY: Final = frozenset({"dispatched", "fetched"})
_NEXT: Final[dict[StatusCode | None, tuple[str, ...]]] = {
    None: ("accept", "refuse"),
    StatusCode.ARRIVED: ("accept", "refuse"),
    StatusCode.REFUSED: ("accept",),
    StatusCode.ACCEPTED: ("assign", "progress", "finish"),
    StatusCode.ASSIGNED: ("progress", "finish"),
    StatusCode.PROCESSING: ("finish",),
    StatusCode.FINISHED: (),
}


def open_to_addressee(timeline: Timeline, copy: DeliveryView) -> tuple[str, ...]:
    """Return the names of what an addressee can say of its copy now, the most likely first."""
    if copy.transport not in _ON_THE_WAY or is_given_back(copy):
        return ()
    asked = copy.recall_asked_at is not None and copy.transport == "fetched"
    answers: tuple[str, ...] = ()
    if asked and copy.recall is StatusCode.RECALL_ASKED:
        answers = ("agree", "decline")
    elif asked and copy.recall is StatusCode.DECLINED:
        answers = ("agree",)
    return answers + (_NEXT[copy.status] if timeline.document.state == "active" else ())


def open_to_sender(timeline: Timeline, late: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of what the sender can do now; late are the addressees that are overdue."""
    names = ("remind",) if late and timeline.document.state == "active" else ()
    return (*names, "recall") if recallable(timeline) else names


def recallable(timeline: Timeline) -> tuple[str, ...]:
    """Return the addressees whose copies can be asked back, none where the document is past that.

    After an order has recalled the document, only those that have not agreed can be asked again, one by one.
    """
    if timeline.document.state not in {"active", "recalled"}:
        return ()
    return tuple(
        copy.organ_id
        for copy in timeline.deliveries
        if copy.transport not in {"withdrawn", "withdrawing", "expired"}
        and not is_given_back(copy)
        and not (timeline.document.state == "recalled" and copy.recall is StatusCode.RECALL_ASKED)
    )


def holders(timeline: Timeline) -> tuple[str, ...]:
    """Return the addressees whose copies are in force: all that an update concerns."""
    return tuple(
        copy.organ_id
        for copy in timeline.deliveries
        if copy.transport not in {"withdrawn", "withdrawing", "expired"} and not is_given_back(copy)
    )


def is_given_back(copy: DeliveryView) -> bool:
    """Whether the sender asked for the copy back and the addressee has agreed."""
    return copy.recall_asked_at is not None and copy.recall is StatusCode.AGREED
