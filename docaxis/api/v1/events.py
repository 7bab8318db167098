"""Changes in the order of the log: what concerns the endpoint, by a cursor that never ends."""

import asyncio
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from aiohttp import web
from pydantic import Field

from docaxis.api.v1.answering import answered, prefers_wait_s, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.listing import LINK_HEADER, PageQuery, cursor_of, link_of, place_of
from docaxis.api.v1.operations import Form, Operation
from docaxis.api.v1.ports import PORTS, ApiPorts
from docaxis.api.v1.problems import ProblemCode
from docaxis.hub.changes import Change

PORTIONS_MOST = 20
"""Portions of the log that one request reads; what concerns nobody is passed over, and the cursor moves on all the same."""
POLL_S = 0.5


class Begin(StrEnum):
    """Where to begin without a cursor."""

    START = "start"
    NOW = "now"


class EventsQuery(PageQuery):
    """Which changes."""

    begin: Begin = Field(Begin.START, description="Without a cursor: from the first entry of the log, or from now on")


class Events(Form):
    """Changes as in docs/notifications.md; next is never null: keep it, and ask with it again. more: ask at once."""

    items: list[dict[str, Any]]
    next: str
    more: bool


class InLog(NamedTuple):
    """Where reading goes on: an entry of the log, and the last of its changes that was told already, if any."""

    leaf_index: int
    after: str


async def list_events(request: web.Request) -> web.StreamResponse:
    """List changes after a cursor, waiting for the first one where the client prefers to."""
    query = read_query(request, EventsQuery)
    ports, endpoint = request.app[PORTS], request[CLIENT].endpoint
    place = place_of(request, query, InLog)
    if place is None:
        place = InLog(await ports.changes.size() if query.begin is Begin.NOW else 0, "")
    wait_s = prefers_wait_s(request)
    until = time.monotonic() + wait_s
    found, place, more = await _read(ports, endpoint, place, query.limit)
    while not found and not more and time.monotonic() < until:
        await asyncio.sleep(POLL_S)
        found, place, more = await _read(ports, endpoint, place, query.limit)
    following = cursor_of(request, place)
    headers = {"Preference-Applied": f"wait={wait_s}"} if wait_s else {}
    page = Events(items=found, next=following, more=more)
    return answered(request, page, headers={**link_of(request, following), **headers})


async def _read(ports: ApiPorts, endpoint: str, place: InLog, limit: int) -> tuple[list[dict[str, Any]], InLog, bool]:
    """Return changes, where reading goes on, and whether the log goes on there already."""
    found: list[dict[str, Any]] = []
    for _ in range(PORTIONS_MOST):
        changes, end = await ports.changes.changes(endpoint, place.leaf_index)
        fresh = _after(changes, place)
        room = limit - len(found)
        if len(fresh) > room:
            last = fresh[room - 1]
            return found + [dict(one) for one in fresh[:room]], InLog(last["leaf_index"], last["id"]), True
        found += [dict(one) for one in fresh]
        if end == place.leaf_index:
            return found, place, False
        place = InLog(end, "")
        if len(found) == limit:
            break
    return found, place, True


def _after(changes: Sequence[Change], place: InLog) -> Sequence[Change]:
    """Return what was not told yet: an entry may be told in two pages, and is rather told twice than not at all."""
    told = next((number for number, one in enumerate(changes) if place.after and one["id"] == place.after), -1)
    return changes[told + 1 :]


OPERATIONS = (
    Operation(
        "GET", "/events", "events", "Changes that concern you, in the order of the log", list_events, Events,
        query=EventsQuery, problems=(ProblemCode.CURSOR_INVALID,), headers=LINK_HEADER,
        request_headers={"Prefer": "wait=20: where there is nothing, answer with the first change within so many seconds"},
        tag="events",
    ),
)  # fmt: skip
