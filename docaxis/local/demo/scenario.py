"""What a message of the scenario is: who sends what to whom, how it is made, and what must come of it."""

from dataclasses import dataclass
from enum import StrEnum

from docaxis.domain.envelope import Priority
from docaxis.domain.verdict import Reason

KIB = 1024


class Outcome(StrEnum):
    """How a message must end. DEFERRED_THEN_ACCEPTED gets two receipts and counts as accepted in the end."""

    ACCEPTED = "accepted"
    DEFERRED_THEN_ACCEPTED = "deferred, then accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"


class Making(StrEnum):
    """How the package of a scene is made; see `papers` for the good ones and `vandals` for the others."""

    SIGNED = "signed"
    BY_REFERENCE = "attachment by reference"
    BLOB_LATE = "attachment by reference, its octets come later"
    BODY_CHANGED = "body changed after signing"
    WRAPPED = "signed header moved aside, another read instead"
    REVOKED = "revoked certificate"
    EXPIRED = "expired certificate"
    FOREIGN = "certificate of another agency"
    DOCTYPE_BOMB = "a DOCTYPE that doubles itself"
    LEGACY = "a signature of today's field"
    SAME_MESSAGE = "the same message again"
    SAME_BYTES = "the same octets under a new message id"
    SAME_ID = "the same document id with other content"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a message.

    addressees: resolved codes, each with the agency that carries it (empty: connected itself); notified: agencies that
    get a notice; detail: words that the receipt's detail must contain; notes: code → word of its succession.
    """

    outcome: Outcome
    code: str = ""
    addressees: tuple[tuple[str, str], ...] = ()
    notified: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    succeeded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One message of the scenario; `of` names the scene that a repeat or a conflict refers to."""

    name: str
    title: str
    sender: str
    to: tuple[str, ...]
    number: str
    subject: str
    expected: Expected
    type_name: str = "Công văn"
    making: Making = Making.SIGNED
    priority: Priority = Priority.NORMAL
    attachment_bytes: int = 4 * KIB
    endpoint: str = ""
    of: str = ""


def direct(*organ_ids: str) -> tuple[tuple[str, str], ...]:
    """Return addressees that are connected themselves."""
    return tuple((organ_id, "") for organ_id in organ_ids)


def accepted(*addressees: tuple[str, str], notified: tuple[str, ...] = ()) -> Expected:
    """Return the expectation of an accepted document."""
    return Expected(Outcome.ACCEPTED, addressees=addressees, notified=notified)


def rejected(code: Reason, *detail: str) -> Expected:
    """Return the expectation of a refusal, and the words that its detail must contain."""
    return Expected(Outcome.REJECTED, code.value, detail=detail)
