"""The numbers on the tabs: what waits in each part of somebody's work, counted anew every few seconds at most."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.domain.people import Role
from docaxis.web.clerk.ports import LISTS
from docaxis.web.operator.ports import OPERATION, PROPOSALS
from docaxis.web.routing import page_of
from docaxis.web.site import SITE
from docaxis.web.state import VISIT, Visit

HOLDS = timedelta(seconds=20)
MOST = 100
"""Of more it is not said how many: the tab shows this number."""

Counter = Callable[[web.Application, Visit], Awaitable[Mapping[str, int]]]


@dataclass(slots=True)
class Counted:
    """What was counted for each role and agency, and until when it holds."""

    held: dict[tuple[Role, str], tuple[datetime, Mapping[str, int]]] = field(default_factory=dict)


COUNTED = web.AppKey("counted", Counted)


@web.middleware
async def count_tabs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the counts into the visit where a page is about to be shown to somebody who has signed in."""
    visit, page = request.get(VISIT), page_of(request)
    shows = request.method == hdrs.METH_GET and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if visit is not None and page is not None and shows:
        request[VISIT] = replace(visit, counts=await _counts(request.app, visit))
    return await handler(request)


async def _counts(app: web.Application, visit: Visit) -> Mapping[str, int]:
    counter = _COUNTERS.get(visit.person.role)
    if counter is None:
        return {}
    held, now = app[COUNTED].held, app[SITE].now()
    key = visit.person.role, visit.organ_id
    known = held.get(key)
    if known is None or known[0] <= now:
        # What has run out goes with the first who asks anew, so that it does not gather.
        for old in [one for one, (until, _) in held.items() if until <= now]:
            del held[old]
        known = held[key] = now + HOLDS, await counter(app, visit)
    return known[1]


async def _of_clerk(app: web.Application, visit: Visit) -> Mapping[str, int]:
    if LISTS not in app:
        return {}
    lists, organ_id = app[LISTS], visit.organ_id
    waiting = len(await lists.waiting_here(organ_id, MOST))
    asked_back = len(await lists.asked_back(organ_id, MOST))
    overdue = len(await lists.overdue(sender=organ_id, limit=MOST))
    refused = len(await lists.refused_still(organ_id, MOST))
    return {"home": overdue + refused + waiting + asked_back, "received": waiting}


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
