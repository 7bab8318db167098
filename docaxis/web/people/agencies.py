"""For which agencies a clerk may act: the own one, and those that the grants name."""

from collections.abc import Sequence

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.domain.people import Person, Role

MOST = 400
"""Agencies that one choice lists; a province has fewer communes."""


def may_act_for(person: Person, organ_id: str, directory: Directory) -> bool:
    """Return whether this person may act for an agency (canonical code)."""
    if organ_id == person.organ_id:
        return True
    if person.role is not Role.CLERK:
        return False
    above = directory.line(organ_id)[1:]
    return any(
        grant.organ_id == organ_id or (grant.with_subordinates and grant.organ_id in above) for grant in person.grants
    )


def agencies_of(person: Person, directory: Directory) -> Sequence[Agency]:
    """Return the agencies that a clerk may act for: the own one first, then those of each grant; MOST at most."""
    found: dict[str, Agency] = {}
    own = directory.find(person.organ_id)
    if own is not None:
        found[own.organ_id] = own
    for grant in person.grants if person.role is Role.CLERK else ():
        granted = directory.find(grant.organ_id)
        if granted is None:
            continue
        found.setdefault(granted.organ_id, granted)
        for below in directory.below(granted.organ_id) if grant.with_subordinates else ():
            if len(found) >= MOST:
                return tuple(found.values())
            found.setdefault(below.organ_id, below)
    return tuple(found.values())
