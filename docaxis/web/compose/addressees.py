"""Who a draft would reach: the hub's own routing, run dry on the directory of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.envelope import MessageHeader, Organization, OtherInfo, Priority
from docaxis.domain.organ import Level
from docaxis.domain.route import Note, NoteKind, Resolved, Route
from docaxis.domain.routing import route
from docaxis.domain.rules import Policy
from docaxis.domain.verdict import Rejection


@dataclass(frozen=True, slots=True)
class Group:
    """The addressees of one level; waiting counts those whose line is not free now."""

    level: Level
    agencies: tuple[Resolved, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What routing says: those reached by level, each refused code with the reason, and remarks."""

    groups: tuple[Group, ...]
    refused: tuple[tuple[str, Rejection], ...]
    notes: tuple[Note, ...]

    @property
    def count(self) -> int:
        """Return how many agencies are reached."""
        return sum(len(one.agencies) for one in self.groups)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends and how urgently, on which day, by which directory and rules."""

    organ_id: str
    priority: Priority
    on: date
    directory: Directory
    policy: Policy

    def routed(self, to: Sequence[str]) -> Route | Rejection:
        """Return what routing makes of these addressees."""
        organizations = tuple(Organization(one) for one in to)
        header = MessageHeader(Organization(self.organ_id), organizations, "", "", other_info=OtherInfo(self.priority))
        return route(header, self.directory, self.policy, self.on)


def dry_run(sender: Sender, to: Sequence[str]) -> tuple[Route | None, tuple[tuple[str, Rejection], ...]]:
    """Return the route of all that can be reached, and each code that cannot, one by one."""
    if not to:
        return None, ()
    whole = sender.routed(to)
    if isinstance(whole, Route):
        return whole, ()
    refused = [(one, found) for one in to if isinstance(found := sender.routed([one]), Rejection)]
    left = [one for one in to if one not in {code for code, _ in refused}]
    rest = sender.routed(left) if left else None
    # Each alone may pass and all together not; then the whole one's reason stands for the first of them.
    if isinstance(rest, Rejection) or not refused:
        return None, (*refused, (to[0], whole))
    return rest, tuple(refused)


def reach_of(
    sender: Sender, found: Route | None, refused: tuple[tuple[str, Rejection], ...], waiting: Mapping[str, int]
) -> Reach:
    """Group a route by level, highest first; waiting is how many copies stand before each endpoint."""
    by_level: dict[str, list[Resolved]] = {}
    for one in found.addressees if found else ():
        agency = sender.directory.find(one.organ_id)
        if agency is not None:
            by_level.setdefault(agency.level, []).append(one)
    groups = tuple(
        Group(level, tuple(agencies), sum(waiting.get(one.endpoint, 0) > 0 for one in agencies))
        for level in sender.directory.levels
        if (agencies := by_level.get(level.name))
    )
    return Reach(groups, refused, found.notes if found else ())


def told(notes: Sequence[Note], kind: NoteKind) -> tuple[Note, ...]:
    """Return the remarks of one kind."""
    return tuple(one for one in notes if one.kind is kind)
