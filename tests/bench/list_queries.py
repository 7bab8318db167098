"""The questions of a clerk's pages, for `tests/bench/queries.py`: every list by every state, and what the first page tells."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from docaxis.backends.clerk.work import ClerkWork
from docaxis.domain.calendar import day_of
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES, Wanted
from tests.bench.million import ENDPOINTS

Ask = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What may be asked about: drawn from the rows, so that large agencies come up as often as they are busy."""

    senders: Sequence[str]
    organs: Sequence[str]
    numbers: Sequence[tuple[str, str]]
    words: Sequence[str]
    ids: Sequence[str]
    days: Sequence[datetime]
    """Moments of acceptance."""


def lists_asked(
    clerk: ClerkWork, known: Known, pick: Callable[[Sequence[Any]], Any], words: Callable[[int], str]
) -> dict[str, Ask]:
    """Return the questions of the pages: every state of the lists, alone and with all other filters, and the first page's."""

    def listed(state: str, *, sent: bool, narrowed: bool) -> Ask:
        async def ask() -> Sequence[Any]:
            wanted = Wanted(state)
            if narrowed:
                day = day_of(pick(known.days))
                urgency, other = pick((0, 1)), pick(known.organs if sent else known.senders)
                wanted = Wanted(state, pick((words(1), "ve viec")), day - timedelta(days=30), day, urgency, other)
            read = clerk.list_sent if sent else clerk.list_received
            return (await read(pick(known.senders if sent else known.organs), wanted)).rows

        return ask

    async def counted() -> Sequence[Any]:
        return [await clerk.count_all(pick(known.senders), sent=True)]

    async def line() -> Sequence[Any]:
        return [await clerk.line(f"e{pick(range(ENDPOINTS))}")]

    async def today() -> Sequence[Any]:
        return [await clerk.sent_since(pick(known.senders), max(known.days) - timedelta(hours=12))]

    asks = {
        f"list of {side}: {state}{', all filters' if narrowed else ''}": listed(state, sent=sent, narrowed=narrowed)
        for narrowed in (False, True)
        for side, sent, states in (("sent", True, SENT_STATES), ("received", False, RECEIVED_STATES))
        for state in states
    }
    return asks | {
        "number of all sent, up to 10,000": counted,
        "first page: refusals to act on": lambda: clerk.refused_still(pick(known.senders), 101),
        "first page: waits for our word": lambda: clerk.waiting_here(pick(known.organs), 101),
        "first page: next deadlines": lambda: clerk.coming(pick(known.senders), max(known.days), 6),
        "first page: sent today": today,
        "first page: the line": line,
    }
