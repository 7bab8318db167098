"""Distribution lists: from a code in `To/OrganId` to the agencies in force that it stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, parse_organ_id
from docaxis.domain.rules import DistributionList
from docaxis.domain.succession import Succession, Unresolved, settle
from docaxis.domain.verdict import Reason


@dataclass(frozen=True, slots=True)
class Expansion:
    """The members of a list on one day, and the codes it names that stand for no agency on it."""

    codes: tuple[str, ...]
    """What rules know the list by: its code (with the agency's own code, not the alias), then its family's."""
    members: tuple[tuple[Agency, Succession | None], ...]
    closed: tuple[str, ...] = ()


def expand(wanted: DistributionList, of: str, directory: Directory, on: date) -> Expansion | Unresolved:
    """Return the members in force; `of` is the agency code after a family's code, canonical or alias.

    A list is who is there on that day: a member named in the configuration and closed since gives way to its one
    successor, and is told as closed when it has none or several. A family of a closed agency is refused even with one
    successor: the communes of the merged province are not those that the sender meant.
    """
    top = _top(wanted, of, directory, on) if wanted.of_levels else None
    if isinstance(top, Unresolved):
        return top
    members: dict[str, tuple[Agency, Succession | None]] = {}
    closed: list[str] = []
    for code in wanted.members:
        agency = directory.find(code)
        settled = Unresolved(Reason.RTE_ADDRESSEE_UNKNOWN, code) if agency is None else settle(agency, directory, on)
        if isinstance(settled, Unresolved):
            closed.append(settled.facts)
        elif settled[0].organ_id not in members or settled[1] is None:
            # A member that is there itself comes before its own name as another's successor.
            members[settled[0].organ_id] = settled
    for agency in _of_levels(wanted, top, directory):
        if agency.in_force(on) and (not wanted.branches or agency.branch in wanted.branches):
            members[agency.organ_id] = agency, None
    if not members:
        return Unresolved(Reason.RTE_NO_ADDRESSEE, f"{wanted.code} has no member on {on}")
    codes = (wanted.code,) if top is None else (f"{wanted.code}.{top.organ_id}", wanted.code)
    return Expansion(codes, tuple(members.values()), tuple(closed))


def _top(wanted: DistributionList, of: str, directory: Directory, on: date) -> Agency | Unresolved:
    code = parse_organ_id(of)
    top = None if code is None else directory.find(code)
    if top is None or top.level not in wanted.of_levels or top.not_yet(on):
        return Unresolved(Reason.RTE_ADDRESSEE_UNKNOWN, of)
    if not top.in_force(on):
        heirs = f": {'|'.join(top.successors)}" if top.successors else ""
        return Unresolved(Reason.RTE_ADDRESSEE_CLOSED, f"{top.organ_id} until {top.valid_to}{heirs}")
    return top


def _of_levels(wanted: DistributionList, top: Agency | None, directory: Directory) -> Iterator[Agency]:
    if top is None:
        for level in sorted(wanted.levels):
            yield from directory.heads(level) if wanted.heads else directory.of_level(level)
        return
    # Beneath a head of the only wanted level there is no other one: its thousands of units need not be walked.
    stop_at = next(iter(wanted.levels)) if wanted.heads and len(wanted.levels) == 1 else ""
    for agency in directory.below(top.organ_id, stop_at):
        if agency.level in wanted.levels and (not wanted.heads or directory.is_head(agency)):
            yield agency
