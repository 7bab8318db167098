"""From the signed header to endpoints: who gets the document, by which rule, through whom, and who is told besides."""

from datetime import date

from docaxis.domain.directory import Directory
from docaxis.domain.draft import HEADER_PATH, Draft, shown
from docaxis.domain.envelope import MessageHeader
from docaxis.domain.judge import Sender
from docaxis.domain.organ import Agency, parse_organ_id
from docaxis.domain.route import Note, NoteKind, Notice, Resolved, Route
from docaxis.domain.rules import Policy, Rule
from docaxis.domain.verdict import Place, Reason, Rejection

__all__ = [
    "Note",
    "NoteKind",
    "Notice",
    "Policy",
    "Resolved",
    "Route",
    "Rule",
    "check_sender",
    "find_sender",
    "route",
]

_FROM = Place(f"{HEADER_PATH}/From/OrganId")


def check_sender(organ_id: str, endpoint: str, directory: Directory, on: date) -> Rejection | None:
    """Refuse a sender that is unknown, not in force, or not served by the endpoint the package came from."""
    found = find_sender(organ_id, directory, on)
    if isinstance(found, Rejection):
        return found
    if not directory.serves(endpoint, found.organ_id, on):
        return Rejection(Reason.RTE_SENDER_NOT_SERVED, f"{found.organ_id} {endpoint}", _FROM)
    return None


def find_sender(organ_id: str, directory: Directory, on: date) -> Agency | Rejection:
    """Return the sending agency; a closed one is refused and not redirected: nobody signs for its successor."""
    code = parse_organ_id(organ_id)
    agency = None if code is None else directory.find(code)
    if agency is None:
        return Rejection(Reason.RTE_SENDER_UNKNOWN, shown(organ_id), _FROM)
    if agency.not_yet(on):
        return Rejection(Reason.RTE_SENDER_UNKNOWN, f"{agency.organ_id} from {agency.valid_from}", _FROM)
    if not agency.in_force(on):
        heirs = f": {'|'.join(agency.successors)}" if agency.successors else ""
        return Rejection(Reason.RTE_SENDER_CLOSED, f"{agency.organ_id} until {agency.valid_to}{heirs}", _FROM)
    return agency


def route(header: MessageHeader, directory: Directory, policy: Policy, on: date) -> Route | Rejection:
    """Resolve every addressee, or refuse the package naming all that cannot be; never raises.

    The whole package is refused for one bad addressee: a sender who believes that all were reached would be misled.
    The rejection's code and place are those of the first; its detail lists the first twenty.
    """
    found = find_sender(header.sender.organ_id, directory, on)
    if isinstance(found, Rejection):
        return found
    sender = Sender.of(found, header.other_info.priority, directory, on)
    draft = Draft(sender, directory, policy, on)
    seen: set[str] = set()
    for position, organization in enumerate(header.to, start=1):
        if organization.organ_id not in seen:
            seen.add(organization.organ_id)
            draft.add(position, organization.organ_id)
    if draft.refused:
        return draft.rejection()
    if not draft.chosen:
        return Rejection(Reason.RTE_NO_ADDRESSEE, found.organ_id, Place(f"{HEADER_PATH}/To"))
    return draft.route()
