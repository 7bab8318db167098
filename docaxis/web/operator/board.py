"""The operator's first page: one sentence says whether anything is stuck; all of it is read from memory."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from docaxis.domain.calendar import VIETNAM
from docaxis.hub.views.operating import Board, QueueView
from docaxis.web.operator.charts import HEIGHT, WIDTH, chart
from docaxis.web.operator.concerns import Concern, concerns, ending, next_to_end, silent
from docaxis.web.operator.levels import active_endpoints, level_shares
from docaxis.web.operator.ports import OPERATION, QUARANTINE
from docaxis.web.operator.saying import age, broker_words, counted, queue_name, queue_row, written
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.words import mark as _

QUEUES_SHOWN = 6
"""Inboxes on the board, those with trouble first."""
LISTED = 5
YOUNG = timedelta(minutes=5)
_NUMBER, _LONG = 1, 0


async def show_board(request: web.Request) -> web.Response:
    """Show everything."""
    board, site = request.app[OPERATION].board(), request.app[SITE]
    now = site.now()
    directory = site.directory()
    shares = level_shares(directory, active_endpoints(board.endpoints, now), now.astimezone(VIETNAM).date())
    quiet = silent(board.endpoints, now)
    return render(
        request,
        "operator/board.html",
        **_live(request, board),
        chart=chart(board.traffic),
        chart_size=(WIDTH, HEIGHT),
        traffic=board.traffic,
        silent=quiet[:LISTED],
        silent_count=len(quiet),
        endpoints_count=sum(one.disabled_at is None for one in board.endpoints),
        certificates=ending(board.certificates, now)[:LISTED],
        next_certificate=next_to_end(board.certificates, now),
        signers_seen=board.signers_seen,
        quarantine=await request.app[QUARANTINE].waiting(None, LISTED),
        shares=shares,
        levels={level.name: level for level in directory.levels},
    )


async def show_figures(request: web.Request) -> web.Response:
    """Show the part of the board that is fetched again every few seconds."""
    return render(request, "operator/figures.html", **_live(request, request.app[OPERATION].board()))


def _live(request: web.Request, board: Board) -> dict[str, Any]:
    now = request.app[SITE].now()
    names = names_of(board)
    found = concerns(board, now)
    inboxes = sorted((queue for queue in board.queues if queue.kind == "inbox"), key=_trouble)
    rows = [*(queue for queue in board.queues if queue.kind != "inbox"), *inboxes[:QUEUES_SHOWN]]
    return {
        "board": board,
        "broker": broker_words(request, board.broker),
        "title": title(request, found),
        "lead": " ".join(sentence(request, one, names) for one in found),
        "figures": _figures(request, board),
        "queues": [queue_row(request, queue, names) for queue in rows],
        "queues_count": len(board.queues),
        "young": board.looked_at - board.since if board.looked_at - board.since < YOUNG else None,
    }


def names_of(board: Board) -> dict[str, str]:
    """Return endpoint → name."""
    return {one.endpoint_id: one.name for one in board.endpoints}


def title(request: web.Request, found: Sequence[Concern]) -> str:
    """Return the page's answer: what is stuck, and how many things want an eye."""
    stuck = sum(one.is_stuck for one in found)
    watched = len(found) - stuck
    first = counted(request, _("%(num)s chỗ đang kẹt."), stuck) if stuck else spoken(request, _("Không có gì kẹt."))
    if watched:
        return first + " " + counted(request, _("%(num)s việc cần để mắt."), watched)
    return first if stuck else first + " " + spoken(request, _("Không có việc nào cần để mắt."))


def sentence(request: web.Request, one: Concern, names: dict[str, str]) -> str:
    """Return what one concern is, in one sentence."""
    queue = queue_name(request, one.queue, names) if one.queue else ""
    match one.kind:
        case "standing":
            if one.queue and not one.queue.consumers and one.queue.consumers is not None:
                return spoken(request, _("%(queue)s: không tiến trình nào nhận."), queue=queue)
            old = age(request, one.queue.oldest_s or 0.0) if one.queue else ""
            return spoken(request, _("%(queue)s đứng yên %(age)s."), queue=queue, age=old)
        case "full" if one.queue:
            return spoken(request, _("%(queue)s đầy."), queue=queue)
        case "certificate-soon":
            days = one.left.days if one.left else 0
            if one.count == 1:
                return counted(request, _("1 chứng thư hết hạn trong %(num)s ngày."), days)
            return counted(request, _("%(num)s chứng thư sắp hết hạn."), one.count)
        case kind if kind in _COUNTED:
            return counted(request, _COUNTED[kind], one.count)
        case kind:
            return spoken(request, _SAID[kind], queue=queue)


_SAID: Mapping[str, str] = {
    "broker": _("Không nối được máy chủ hàng chờ."),
    "store": _("Không đọc được kho dữ liệu."),
    "unseen": _("Không thấy hàng chờ: %(queue)s."),
    "disk": _("Đĩa sắp đầy."),
}
_COUNTED: Mapping[str, str] = {
    "full": _("%(num)s hộp thư đầy."),
    "unfetched": _("%(num)s hộp thư không ai lấy từ 30 phút trở lên."),
    "quarantine": _("%(num)s gói trong cách ly."),
    "certificate-ended": _("%(num)s chứng thư đã hết hạn."),
    "held": _("%(num)s gói tạm hoãn."),
}


def _figures(request: web.Request, board: Board) -> list[dict[str, object]]:
    """Return the strip: number, unit after it, words beneath."""
    form = written(request)
    dash = "–"
    now = request.app[SITE].now()
    figures = [
        (
            dash if board.accepted_rate is None else form.number(board.accepted_rate, 1),
            spoken(request, _(" văn bản/giây")),
            spoken(request, _("chấp nhận, 5 phút qua")),
        ),
        (
            dash if board.dispatched_rate is None else form.number(board.dispatched_rate, 1),
            spoken(request, _(" lượt/giây")),
            spoken(request, _("đã chuyển")),
        ),
        (
            dash if board.latency_p95_s is None else form.number(board.latency_p95_s, 1),
            spoken(request, _(" giây")),
            counted(request, _("từ gửi đến chuyển, p95 của %(num)s văn bản"), board.latency_base),
        ),
        (
            dash if board.log_at is None else age(request, max(0.0, (now - board.log_at).total_seconds())),
            "",
            counted(request, _("tuổi mục cuối, nhật ký có %(num)s mục"), board.log_size),
        ),
        (
            form.number(100 * board.disk.share) if board.disk else dash,
            " %",
            spoken(request, _("đĩa đã dùng, còn %(free)s"), free=_bytes(request, board.disk.free_bytes))
            if board.disk
            else spoken(request, _("đĩa chưa đo")),
        ),
    ]
    strip: list[dict[str, object]] = [
        {"number": number, "base": unit, "words": said, "kind": "", "href": "", "active": False}
        for number, unit, said in figures
    ]
    waiting = board.quarantined
    strip.append(
        {
            "number": dash if waiting is None else form.number(waiting),
            "base": "",
            "words": spoken(request, _("gói trong cách ly")),
            "kind": "unattributed" if waiting else "done",
            "href": address(request, "quarantine"),
            "active": False,
        }
    )
    return strip


def _bytes(request: web.Request, size_bytes: int) -> str:
    form = written(request)
    for unit, bits in (("TB", 40), ("GB", 30)):
        if size_bytes >= 1 << bits:
            return f"{form.number(size_bytes / (1 << bits), 1)} {unit}"
    return form.size(size_bytes)


def _trouble(queue: QueueView) -> tuple[int, int, int, str]:
    rank = {"full": 0, "standing": 1}.get(queue.state, 2)
    return rank, -queue.waiting, -(queue.depth or 0), queue.label
