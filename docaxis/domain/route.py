"""What routing answers, as values: resolved addressees, notices to levels passed over, notes for the receipt."""

from dataclasses import dataclass
from enum import StrEnum

from docaxis.domain.succession import Succession


class NoteKind(StrEnum):
    """What a receipt tells beside the addressees."""

    SUCCEEDED = "succeeded"
    MERGED = "merged"
    SENDER_LEFT_OUT = "sender-left-out"
    MEMBER_CLOSED = "member-closed"
    MEMBER_UNREACHABLE = "member-unreachable"
    NOTICE_UNREACHABLE = "notice-unreachable"


@dataclass(frozen=True, slots=True)
class Note:
    """One remark of the route: its kind, the code it is about, and codes and days in no language."""

    kind: NoteKind
    about: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One addressee: as the sender wrote it, who it is, where the copy goes, and why."""

    addressed_as: str
    organ_id: str
    endpoint: str
    rule: str
    via: str = ""
    """The connected ancestor that carries it; empty when the addressee is connected itself."""
    succession: Succession | None = None
    from_list: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A level passed over is told number, parties and time of the document; its content only where a rule says so."""

    organ_id: str
    endpoint: str
    content: bool
    rule: str
    addressees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """The whole decision about one package; orders follow the header, then the directory."""

    sender: str
    addressees: tuple[Resolved, ...]
    notices: tuple[Notice, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def copies(self) -> dict[str, tuple[str, ...]]:
        """Return one entry for each endpoint that gets the package, with the addressees it is for; computed anew."""
        gathered: dict[str, list[str]] = {}
        for addressee in self.addressees:
            gathered.setdefault(addressee.endpoint, []).append(addressee.organ_id)
        return {endpoint: tuple(organ_ids) for endpoint, organ_ids in gathered.items()}
