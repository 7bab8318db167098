"""The numbers on the tabs: what waits in each part of somebody's work, counted anew every few seconds at most.

A count is given up early where somebody of the agency has done something here, or where one of its documents has changed
(known while a page of the agency is open). The clerk's first page tells the same numbers itself and leaves them here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.domain.people import Role
from docaxis.web.clerk.lists_changes import CHANGES
from docaxis.web.clerk.ports import LISTS
from docaxis.web.operator.ports import OPERATION, PROPOSALS
from docaxis.web.routing import page_of
from docaxis.web.site import SITE
from docaxis.web.state import VISIT, Visit

HOLDS = timedelta(seconds=20)
HOLDS_AT_LEAST = timedelta(seconds=2)
"""However much changes: of an agency that is written to every second the count would else be made for every page."""
MOST = 100
"""Of more it is not said how many: the tab shows this number."""

Counter = Callable[[web.Application, Visit], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class _Count:
    """What was counted when; newest is the agency's last change that was known then."""

    counts: Mapping[str, int]
    at: datetime
    newest: int


@dataclass(slots=True)
class Counted:
    """What was counted for each role and agency."""

    held: dict[tuple[Role, str], _Count] = field(default_factory=dict)


COUNTED = web.AppKey("counted", Counted)
_COUNTS_ITSELF = ("home", Role.CLERK)


@web.middleware
async def count_tabs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the counts into the visit where a page is about to be shown to somebody who has signed in."""
    visit, page = request.get(VISIT), page_of(request)
    if visit is None or page is None:
        return await handler(request)
    if page.acts:
        try:
            return await handler(request)
        finally:
            # Whoever has done something sees it in the numbers of the next page.
            request.app[COUNTED].held.pop(_key(visit), None)
    shows = request.method == hdrs.METH_GET and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if shows and (page.name, visit.person.role) != _COUNTS_ITSELF:
        request[VISIT] = replace(visit, counts=await _counts(request.app, visit))
    return await handler(request)


def tell_counts(request: web.Request, waiting: int, others: int) -> None:
    """Put a clerk's counts on the tabs, as the first page has found them: documents that wait here, and all else to do."""
    visit = request[VISIT]
    counts = _named(waiting, others)
    _keep(request.app, visit, counts, _newest(request.app, visit))
    request[VISIT] = replace(visit, counts=counts)


async def _counts(app: web.Application, visit: Visit) -> Mapping[str, int]:
    counter = _COUNTERS.get(visit.person.role)
    if counter is None:
        return {}
    now, newest = app[SITE].now(), _newest(app, visit)
    known = app[COUNTED].held.get(_key(visit))
    if known is not None and now - known.at < (HOLDS if known.newest == newest else HOLDS_AT_LEAST):
        return known.counts
    counts = await counter(app, visit)
    _keep(app, visit, counts, newest)
    return counts


def _keep(app: web.Application, visit: Visit, counts: Mapping[str, int], newest: int) -> None:
    held, now = app[COUNTED].held, app[SITE].now()
    # What has run out goes with the first who counts anew, so that it does not gather.
    for old in [key for key, one in held.items() if now - one.at >= HOLDS]:
        del held[old]
    held[_key(visit)] = _Count(counts, now, newest)


def _key(visit: Visit) -> tuple[Role, str]:
    return visit.person.role, visit.organ_id


def _newest(app: web.Application, visit: Visit) -> int:
    return app[CHANGES].newest(visit.organ_id) if CHANGES in app else -1


async def _of_clerk(app: web.Application, visit: Visit) -> Mapping[str, int]:
    if LISTS not in app:
        return {}
    lists, organ_id = app[LISTS], visit.organ_id
    waiting = len(await lists.waiting_here(organ_id, MOST))
    asked_back = len(await lists.asked_back(organ_id, MOST))
    overdue = len(await lists.overdue(sender=organ_id, limit=MOST))
    refused = len(await lists.refused_still(organ_id, MOST))
    return _named(waiting, overdue + refused + asked_back)


def _named(waiting: int, others: int) -> Mapping[str, int]:
    """Name a clerk's counts as the tabs do."""
    return {"home": waiting + others, "received": waiting}


async def _of_operator(app: web.Application, visit: Visit) -> Mapping[str, int]:
    del visit
    if OPERATION not in app or PROPOSALS not in app:
        return {}
    proposed = len(await app[PROPOSALS].waiting())
    return {"quarantine": app[OPERATION].board().quarantined or 0, "proposals": proposed}


_COUNTERS: Mapping[Role, Counter] = {
    Role.CLERK: _of_clerk,
    Role.OPERATOR: _of_operator,
    Role.ADMINISTRATOR: _of_operator,
}
