"""Figures of the exchange in the reader's language: ages from seconds on, rates, names of queues and their states."""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from docaxis.hub.views.operating import BrokerView, QueueView
from docaxis.web import words
from docaxis.web.render import address, spoken
from docaxis.web.state import PREFERENCES
from docaxis.web.words import mark as _
from docaxis.web.written import Written

_NAMES = {
    ("ingress", "urgent"): _("Cửa vào, khẩn"),
    ("ingress", "normal"): _("Cửa vào, thường"),
    ("fetched", ""): _("Báo đã lấy về"),
    ("trial", ""): _("Gói chờ thử riêng"),
    ("outbox", ""): _("Gói chờ phát"),
    ("log", ""): _("Mục chờ vào nhật ký"),
    ("deferred", ""): _("Gói tạm hoãn"),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue as a table shows it; kind is that of the icon."""

    name: str
    code: str
    href: str
    depth: str
    age: str
    came: str
    left: str
    redelivered: str
    history: tuple[int, ...]
    kind: str
    state: str


def written(request: web.Request) -> Written:
    """Return the forms of the reader's language."""
    return Written(request[PREFERENCES].language)


def counted(request: web.Request, message: str, count: int, **facts: object) -> str:
    """Return a text with a number in it (`%(num)s`), in the form that the number wants."""
    text = words.counted(request[PREFERENCES].language, message, message, count)
    return text % {"num": written(request).number(count), **facts}


def age(request: web.Request, seconds: float) -> str:
    """Return `dưới 1 giây`, seconds below a minute, then as any other span."""
    if seconds < 1:
        return spoken(request, _("dưới 1 giây"))
    if seconds < 60:  # noqa: PLR2004 - seconds of a minute
        return counted(request, _("%(num)s giây"), int(seconds))
    return written(request).span(timedelta(seconds=seconds))


def broker_words(request: web.Request, broker: BrokerView) -> str:
    """Return what kind of broker it is and how many nodes it has, never where."""
    if broker.is_own:
        return counted(request, _("RabbitMQ riêng, %(num)s nút"), broker.nodes)
    return counted(request, _("RabbitMQ của cơ quan, %(num)s nút"), broker.nodes)


def queue_name(request: web.Request, queue: QueueView, names: dict[str, str]) -> str:
    """Return what people call a queue; names: endpoint → name."""
    if queue.kind == "inbox":
        return spoken(request, _("Hộp thư %(name)s"), name=names.get(queue.label, queue.label))
    return spoken(request, _NAMES[queue.kind, queue.label])


def queue_row(request: web.Request, queue: QueueView, names: dict[str, str]) -> QueueRow:
    """Return a queue as a table shows it; a figure that is not measured is empty."""
    form = written(request)
    old = ""
    if queue.oldest_s is not None:
        old = age(request, queue.oldest_s)
        if queue.oldest_is_bound and queue.oldest_s >= 1:
            old = spoken(request, _("không quá %(age)s"), age=old)
    kind, state = _state(request, queue)
    is_inbox = queue.kind == "inbox"
    return QueueRow(
        name=queue_name(request, queue, names),
        code=queue.name,
        href=address(request, "endpoint", endpoint=queue.label) if is_inbox else "",
        depth="" if queue.depth is None else form.number(queue.depth),
        age=old,
        came="" if queue.in_rate is None else form.number(queue.in_rate, 1),
        left="" if queue.out_rate is None else form.number(queue.out_rate, 1),
        redelivered="" if queue.redelivered is None else form.number(queue.redelivered),
        history=queue.history,
        kind=kind,
        state=state,
    )


def _state(request: web.Request, queue: QueueView) -> tuple[str, str]:
    form = written(request)
    match queue.state:
        case "flowing":
            return "done", spoken(request, _("đang thông"))
        case "full":
            return "late", counted(request, _("đầy, %(num)s gói chờ ngoài"), queue.waiting)
        case "held" if queue.resumes_at:
            return "held", spoken(request, _("tự quyết lại %(time)s"), time=form.clock(queue.resumes_at))
        case "held":
            return "held", spoken(request, _("tự quyết lại"))
        case "unseen":
            return "refused", spoken(request, _("không thấy trên máy chủ hàng chờ"))
        case _ if queue.kind == "inbox":
            return "late", spoken(request, _("không ai lấy"))
        case _:
            return "refused", spoken(request, _("đứng yên"))
