"""What became of a closed agency: one successor, several, or none; never a guess."""

from dataclasses import dataclass
from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.domain.verdict import Reason


@dataclass(frozen=True, slots=True)
class Succession:
    """A redirection: this closed agency's documents now go to that one; told in the receipt."""

    closed: str
    successor: str
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a code leads to no agency; the facts are codes and days, in no language."""

    reason: Reason
    facts: str = ""


def settle(agency: Agency, directory: Directory, on: date) -> tuple[Agency, Succession | None] | Unresolved:
    """Return the agency that stands for this one on that day, with the succession when it is another.

    Successors of successors are followed. One that is closed without successor still counts: what it took over is
    nobody's now, so the other heirs are named as candidates and none is chosen.
    """
    if agency.in_force(on):
        return agency, None
    if agency.not_yet(on):
        return Unresolved(Reason.RTE_ADDRESSEE_UNKNOWN, f"{agency.organ_id} from {agency.valid_from}")
    open_heirs: dict[str, Agency] = {}
    dead_end = False
    seen = {agency.organ_id}
    waiting = list(reversed(agency.successors))
    while waiting:
        heir = directory.find(waiting.pop())
        if heir is None or heir.organ_id in seen:
            continue
        seen.add(heir.organ_id)
        if heir.in_force(on):
            open_heirs[heir.organ_id] = heir
        elif heir.not_yet(on) or not heir.successors:
            dead_end = True
        else:
            waiting += reversed(heir.successors)
    closed = f"{agency.organ_id} until {agency.valid_to}"
    if not open_heirs:
        return Unresolved(Reason.RTE_ADDRESSEE_CLOSED, closed)
    if len(open_heirs) > 1 or dead_end:
        return Unresolved(Reason.RTE_SUCCESSOR_AMBIGUOUS, f"{closed}: {'|'.join(open_heirs)}")
    (heir,) = open_heirs.values()
    return heir, Succession(agency.organ_id, heir.organ_id, agency.valid_to)
