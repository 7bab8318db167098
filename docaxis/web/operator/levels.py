"""How much of the country is connected, level by level and province by province, from the directory of this moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.hub.views.operating import EndpointView, LevelShare

ACTIVE_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RegionShare:
    """A head of a level with the heads of the level beneath it: how many there are, connected, active."""

    agency: Agency
    is_connected: bool
    agencies: int
    connected: int
    active: int


def level_shares(directory: Directory, active: frozenset[str], on: date) -> Sequence[LevelShare]:
    """Return the share of each level at which anybody is in force; active: endpoints that did something lately."""
    found = []
    for level in directory.levels:
        heads = [one for one in directory.heads(level.name) if one.in_force(on)]
        if heads:
            connected, lately = _counts(directory, heads, active)
            found.append(LevelShare(level.name, len(heads), connected, lately))
    return found


def region_shares(
    directory: Directory, level: str, beneath: str, active: frozenset[str], on: date
) -> Sequence[RegionShare]:
    """Return, for each head of a level in force, how many heads of the level beneath it are connected, by name."""
    found = []
    for head in directory.heads(level):
        if not head.in_force(on):
            continue
        below = [
            one
            for one in directory.below(head.organ_id, stop_at=beneath)
            if one.level == beneath and one.in_force(on) and directory.is_head(one)
        ]
        if below:
            connected, lately = _counts(directory, below, active)
            own = directory.endpoint_of(head.organ_id) is not None
            found.append(RegionShare(head, own, len(below), connected, lately))
    return sorted(found, key=lambda one: (one.connected / one.agencies, one.agency.name))


def active_endpoints(endpoints: Iterable[EndpointView], now: datetime) -> frozenset[str]:
    """Return the endpoints that sent or fetched something in the last seven days."""
    return frozenset(one.endpoint_id for one in endpoints if one.seen_at and now - one.seen_at <= ACTIVE_WITHIN)


def _counts(directory: Directory, agencies: Iterable[Agency], active: frozenset[str]) -> tuple[int, int]:
    reached = [endpoint for one in agencies if (endpoint := directory.endpoint_of(one.organ_id))]
    return len(reached), sum(endpoint in active for endpoint in reached)
