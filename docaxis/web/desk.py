"""What the pages ask of a web endpoint: the hub's own client for agencies without a system, which seals and sends for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol
from uuid import UUID, uuid4

from aiohttp import web

from docaxis.domain.envelope import Priority
from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView

FlowKind = Literal["new", "reply", "update", "replace"]


class DeskError(Exception):
    """What was asked cannot be sent; vi and en say what a clerk can do."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


@dataclass(frozen=True, slots=True)
class LetterFile:
    """An attachment that lies in the blob store already."""

    name: str
    content_type: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A document as it is typed in; to and the earlier documents by code and key, files in their order.

    earlier: what a reply answers, an update changes, a replacement replaces. unique: a random word of this letter alone,
    the same whenever it is sent again, so that the hub takes it once also where it has no number.
    """

    sender: str
    number: str
    notation: str
    subject: str
    type_code: str
    type_name: str
    promulgated_on: date
    place: str
    to: tuple[str, ...]
    files: tuple[LetterFile, ...]
    priority: Priority = Priority.NORMAL
    due_on: date | None = None
    signer_name: str = ""
    signer_position: str = ""
    content: str = ""
    kind: FlowKind = "new"
    earlier: tuple[UUID, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""
    unique: str = field(default_factory=lambda: uuid4().hex)


class Desk(Protocol):
    """Sends for agencies that have a web endpoint here; each call returns message ids once the broker has confirmed."""

    def serves(self, organ_id: str) -> bool:
        """Whether this agency has a web endpoint, so that the pages may send for it."""

    async def send(self, letter: Letter) -> str:
        """Seal a document as its carrier and send it; raises DeskError, StoreUnavailable."""

    async def report(self, organ_id: str, document: DocumentView, code: StatusCode, reason: str = "") -> str:
        """Report a status of a received document (02 needs a reason); raises DeskError."""

    async def recall(self, document: DocumentView, addressees: Sequence[str], reason: str) -> Sequence[str]:
        """Ask a sent document back, from all its addressees (none named) or from some; raises DeskError."""


DESK = web.AppKey("desk", Desk)
