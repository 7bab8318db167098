"""The directory of agencies: found without marks, and one agency with its place, its line and how it is reached."""

from collections.abc import Iterable, Sequence

from aiohttp import web

from docaxis.domain.calendar import VIETNAM
from docaxis.domain.directory import Directory
from docaxis.domain.folding import fold
from docaxis.domain.organ import Agency, Branch, Level, parse_organ_id
from docaxis.web.address import with_query
from docaxis.web.agency_names import COMMITTEE, COUNCIL, OncePerDirectory
from docaxis.web.operator.ports import DIRECTORY_ACTS
from docaxis.web.operator.queues import start_of
from docaxis.web.render import render
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES

PAGE = 50
BELOW_SHOWN = 100
SHORT = (COMMITTEE, COUNCIL)


async def show_directory(request: web.Request) -> web.Response:
    """Show a page of the agencies that fit the filters."""
    site = request.app[SITE]
    directory, on = site.directory(), site.now().astimezone(VIETNAM).date()
    words = fold(request.query.get("q", "")).split()
    level, which = request.query.get("level", ""), request.query.get("which", "")
    found = [
        one
        for text, one in _SEARCHED.of(directory)
        if (not level or one.level == level)
        and (which != "connected" or directory.endpoint_of(one.organ_id) is not None)
        and (which != "unconnected" or (directory.endpoint_of(one.organ_id) is None and one.in_force(on)))
        and (which == "ended") <= (not one.in_force(on))
        and all(word in text for word in words)
    ]
    start = start_of(request)
    return render(
        request,
        "operator/directory.html",
        agencies=found[start : start + PAGE],
        directory=directory,
        levels={one.name: one for one in directory.levels},
        level_choices=choices(request, directory.levels),
        found=len(found),
        total=len(directory),
        start=start,
        on=on,
        q=request.query.get("q", ""),
        level=level,
        which=which,
        following=with_query(request, after=start + PAGE) if start + PAGE < len(found) else "",
    )


async def show_agency(request: web.Request) -> web.Response:
    """Show one agency."""
    agency = agency_of(request)
    site = request.app[SITE]
    directory, on = site.directory(), site.now().astimezone(VIETNAM).date()
    bound = sorted(
        fingerprint
        for fingerprint, organ_ids in (await request.app[DIRECTORY_ACTS].signer_bindings()).items()
        if agency.organ_id in organ_ids
    )
    endpoints = sorted((await request.app[DIRECTORY_ACTS].endpoints()).items())
    below = [one for one in directory.below(agency.organ_id) if one.parent in {agency.organ_id, *agency.aliases}]
    return render(
        request,
        "operator/agency.html",
        agency=agency,
        directory=directory,
        level=next(one for one in directory.levels if one.name == agency.level),
        branch=next((one for one in directory.branches if one.name == agency.branch), None),
        on=on,
        above=list(directory.ancestors(agency.organ_id)),
        below=below[:BELOW_SHOWN],
        below_count=len(below),
        reached=directory.connected(agency.organ_id, on),
        own=directory.endpoint_of(agency.organ_id),
        endpoints=endpoints,
        endpoint_choices=[(one, f"{name} ({one})") for one, name in endpoints],
        bound=bound,
        done=request.query.get("done", ""),
    )


def agency_of(request: web.Request) -> Agency:
    """Return the agency that an address names; raises HTTPNotFound."""
    organ_id = parse_organ_id(request.match_info["organ_id"])
    agency = request.app[SITE].directory().find(organ_id) if organ_id else None
    if agency is None:
        raise web.HTTPNotFound
    return agency


def _all_searched(directory: Directory) -> Sequence[tuple[str, Agency]]:
    """Return every agency with its code, aliases and name as they are searched, by level and name."""
    agencies = sorted(directory.agencies.values(), key=lambda one: (directory.level_rank(one.level), one.name))
    return [(_searched(one), one) for one in agencies]


_SEARCHED = OncePerDirectory(_all_searched)


def _searched(agency: Agency) -> str:
    text = fold(" ".join((agency.organ_id, *agency.aliases, agency.name)))
    return " ".join((text, *(short for full, short in SHORT if full in text)))


def choices(request: web.Request, named: Iterable[Level | Branch]) -> list[tuple[str, str]]:
    """Return the names and labels of levels or branches for a field."""
    is_english = request[PREFERENCES].language == "en"
    return [(one.name, one.label_en if is_english else one.label_vi) for one in named]
