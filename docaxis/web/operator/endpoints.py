"""The connected systems and their health, one of them closely, and how much of the country is connected."""

from datetime import datetime, timedelta

from aiohttp import web

from docaxis.domain.calendar import VIETNAM
from docaxis.domain.folding import fold
from docaxis.hub.views.operating import EndpointView
from docaxis.web.address import with_query
from docaxis.web.operator.board import names_of
from docaxis.web.operator.concerns import silent
from docaxis.web.operator.levels import active_endpoints, level_shares, region_shares
from docaxis.web.operator.ports import OPERATION
from docaxis.web.operator.queues import PAGE, start_of
from docaxis.web.operator.saying import age, queue_row
from docaxis.web.render import render
from docaxis.web.site import SITE

AGENCIES_SHOWN = 200


async def show_endpoints(request: web.Request) -> web.Response:
    """Show a page of the endpoints that fit the filter, those seen longest ago first."""
    site, board = request.app[SITE], request.app[OPERATION].board()
    now = site.now()
    quiet = {one.endpoint.endpoint_id: one for one in silent(board.endpoints, now)}
    wanted, which = fold(request.query.get("q", "")).split(), request.query.get("which", "")
    found = sorted((one for one in board.endpoints if _fits(one, wanted, which, quiet)), key=_seen)
    start = start_of(request)
    shown = found[start : start + PAGE]
    return render(
        request,
        "operator/endpoints.html",
        board=board,
        endpoints=shown,
        ages={one.endpoint_id: age(request, one.oldest_s) for one in shown if one.oldest_s is not None},
        quiet=quiet,
        total=len(board.endpoints),
        found=len(found),
        q=request.query.get("q", ""),
        which=which,
        counts={
            "silent": len(quiet),
            "waiting": sum(one.waiting > 0 for one in board.endpoints),
            "disabled": sum(one.disabled_at is not None for one in board.endpoints),
        },
        start=start,
        days=days_left,
        following=with_query(request, after=start + PAGE) if start + PAGE < len(found) else "",
    )


async def show_endpoint(request: web.Request) -> web.Response:
    """Show one endpoint, with what the broker says of its queues at this moment."""
    site, operation = request.app[SITE], request.app[OPERATION]
    board, endpoint_id = operation.board(), request.match_info["endpoint"]
    one = next((one for one in board.endpoints if one.endpoint_id == endpoint_id), None)
    if one is None:
        raise web.HTTPNotFound
    now = site.now()
    queue = next((queue for queue in board.queues if queue.kind == "inbox" and queue.label == endpoint_id), None)
    return render(
        request,
        "operator/endpoint.html",
        board=board,
        endpoint=one,
        silent=next(iter(silent([one], now)), None),
        queue=queue_row(request, queue, names_of(board)) if queue else None,
        looks=await operation.inbox(endpoint_id),
        agencies=one.organ_ids[:AGENCIES_SHOWN],
        days=days_left,
    )


async def show_connections(request: web.Request) -> web.Response:
    """Show how many provinces and communes are connected, and every province with its communes."""
    site = request.app[SITE]
    now, directory = site.now(), site.directory()
    on = now.astimezone(VIETNAM).date()
    active = active_endpoints(request.app[OPERATION].board().endpoints, now)
    shares = level_shares(directory, active, on)
    names = [one.level for one in shares]
    # The last two levels at which anybody is in force: provinces and their communes.
    regions = region_shares(directory, names[-2], names[-1], active, on) if len(names) > 1 else ()
    return render(
        request,
        "operator/connections.html",
        shares=shares,
        regions=regions,
        levels={level.name: level for level in directory.levels},
        levels_named=tuple(names[-2:]),
    )


def days_left(ends_at: datetime, now: datetime) -> int:
    """Return the whole days until a moment; negative once it has passed."""
    return (ends_at - now) // timedelta(days=1)


def _fits(one: EndpointView, wanted: list[str], which: str, quiet: object) -> bool:
    if which == "disabled" and one.disabled_at is None:
        return False
    if which == "silent" and (not isinstance(quiet, dict) or one.endpoint_id not in quiet):
        return False
    if which == "waiting" and not one.waiting:
        return False
    text = fold(f"{one.endpoint_id} {one.name} {' '.join(one.organ_ids[:50])}")
    return all(word in text for word in wanted)


def _seen(one: EndpointView) -> tuple[bool, datetime, str]:
    return one.disabled_at is not None, one.seen_at or one.created_at, one.endpoint_id
