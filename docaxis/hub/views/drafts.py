"""A document that is being written on the pages: what was typed, the files, and what became of sending it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

DraftKind = Literal["new", "reply", "update", "replace"]
SENDING = "sending"
"""Stands for the message's id from the moment a draft is taken for sending until the broker has confirmed."""


class Finding(StrEnum):
    """What was seen in a file; a signature is only seen to be there, never judged."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    MACRO = "macro"
    OLD = "old"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """An uploaded file, in the blob store under its digest."""

    name: str
    content_type: str
    digest: str
    size_bytes: int
    finding: Finding = Finding.PLAIN


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the hub did not take a draft that was sent; the sentence is made of code and detail."""

    code: str
    detail: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of one person for one agency; texts are the fields of the form as typed.

    to: codes of agencies and lists; earlier: what a reply answers, an update changes, a replacement replaces;
    removed: agencies that an update takes off. message_id: empty until sent, then the id (`SENDING` in between).
    """

    draft_id: UUID
    person_id: UUID
    organ_id: str
    changed_at: datetime
    kind: DraftKind = "new"
    texts: Mapping[str, str] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    earlier: tuple[UUID, ...] = ()
    files: tuple[DraftFile, ...] = ()
    refused: Refused | None = None
    message_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return not self.message_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub decided of a message: document_key is that of the document where it was accepted."""

    outcome: str
    code: str
    detail: str
    place: str
    sender: str
    document_key: UUID
