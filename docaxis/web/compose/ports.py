"""What writing and sending asks of the world; `backends.drafts`, `backends.sending_facts` and `desk.uploads` fulfil it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.envelope import Code, Priority, PromulgationInfo
from docaxis.hub.rows import EventRow
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.drafts import Answer, Draft, DraftFile, Refused


class Drafts(Protocol):
    """What is typed, kept by person; every method raises StoreUnavailable."""

    async def drafts(self, person_id: UUID, organ_id: str) -> Sequence[Draft]:
        """Return a person's unsent drafts for an agency, newest first, without their files."""

    async def draft(self, draft_id: UUID, person_id: UUID) -> Draft | None:
        """Return a draft of this person, sent or not, None where there is none."""

    async def save(self, draft: Draft) -> bool:
        """Keep a draft; False where it is another's or was sent already."""

    async def discard(self, draft_id: UUID, person_id: UUID) -> None:
        """Forget an unsent draft."""

    async def begin_sending(self, draft_id: UUID, person_id: UUID, at: datetime) -> bool:
        """Take a draft for sending; False where another request has it."""

    async def sent(self, draft_id: UUID, message_id: str, event: EventRow) -> None:
        """Note under which id it was sent, and the act."""

    async def reopen(self, draft: Draft, refused: Refused | None) -> bool:
        """Give a draft back to be changed; False where it has moved on since it was read."""


class Uploads(Protocol):
    """Takes files; most_bytes bounds one, most_files those of a document, endings are those that are taken."""

    @property
    def most_bytes(self) -> int:
        """Return the largest size of a file."""

    @property
    def most_files(self) -> int:
        """Return the greatest number of files of a document."""

    @property
    def endings(self) -> Sequence[str]:
        """Return the endings of names that are taken, each with its dot."""

    async def keep(self, name: str, content: BinaryIO) -> DraftFile:
        """Keep a file; raises FileNotTaken."""


class Facts(Protocol):
    """What the hub knows; every method but `due` raises StoreUnavailable."""

    async def usual(self, organ_id: str, now: datetime) -> Sequence[str]:
        """Return the agencies that this one sends to most often."""

    async def is_number_taken(self, sender: str, code: Code, issued: PromulgationInfo, now: datetime) -> bool:
        """Whether another document went out under this number this year."""

    async def waiting(self, endpoints: Collection[str]) -> Mapping[str, int]:
        """Return how many copies wait for each of these endpoints."""

    async def answer(self, message_id: str) -> Answer | None:
        """Return what the hub decided of a message, None while it has not."""

    async def earlier(self, keys: Collection[UUID], organ_id: str) -> Sequence[tuple[DocumentView, Sequence[str]]]:
        """Return those of these documents that the agency sent or received, with their addressees."""

    async def received(self, words: str, organ_id: str) -> Sequence[DocumentView]:
        """Return some documents that the agency received, by words of number, notation and subject."""

    def due(self, priority: Priority, due_on: date | None, at: datetime) -> datetime:
        """Return until when addressees have to take a document that is accepted at this moment."""


class FileNotTaken(Exception):
    """A file that is not taken: reason is `empty`, `large`, `ending` or `content`."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


DRAFTS = web.AppKey("drafts", Drafts)
UPLOADS = web.AppKey("uploads", Uploads)
FACTS = web.AppKey("facts", Facts)
