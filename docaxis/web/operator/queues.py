"""All queues: the hub's own, then the inboxes, by what is wrong with them or by name."""

from aiohttp import web

from docaxis.domain.folding import fold
from docaxis.hub.views.operating import QueueView
from docaxis.web.address import with_query
from docaxis.web.operator.board import names_of
from docaxis.web.operator.ports import OPERATION
from docaxis.web.operator.saying import broker_words, queue_row
from docaxis.web.render import render

PAGE = 100
STATES = ("full", "standing", "flowing")


async def show_queues(request: web.Request) -> web.Response:
    """Show a page of the inboxes that fit the filter; the hub's own queues stand above them."""
    board = request.app[OPERATION].board()
    names = names_of(board)
    wanted, state = request.query.get("q", "").strip(), request.query.get("state", "")
    inboxes = [queue for queue in board.queues if queue.kind == "inbox"]
    found = sorted(
        (queue for queue in inboxes if _fits(queue, names, fold(wanted).split(), state)),
        key=lambda queue: (STATES.index(queue.state) if queue.state in STATES else 0, -(queue.depth or 0), queue.label),
    )
    start = start_of(request)
    return render(
        request,
        "operator/queues.html",
        board=board,
        broker=broker_words(request, board.broker),
        hub=[queue_row(request, queue, names) for queue in board.queues if queue.kind != "inbox"],
        inboxes=[queue_row(request, queue, names) for queue in found[start : start + PAGE]],
        counts={name: sum(queue.state == name for queue in inboxes) for name in STATES},
        total=len(inboxes),
        found=len(found),
        start=start,
        q=wanted,
        state=state,
        following=with_query(request, after=start + PAGE) if start + PAGE < len(found) else "",
    )


def start_of(request: web.Request) -> int:
    """Return where a page of a list from memory begins; what is no number begins at the first row."""
    text = request.query.get("after", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0  # noqa: PLR2004 - digits


def _fits(queue: QueueView, names: dict[str, str], wanted: list[str], state: str) -> bool:
    if state and queue.state != state:
        return False
    text = fold(f"{queue.label} {names.get(queue.label, '')}")
    return all(word in text for word in wanted)
