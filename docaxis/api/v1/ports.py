"""What the API needs of the world, as small protocols; every method raises StoreUnavailable where it cannot be done now."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.directory import Directory
from docaxis.domain.measure import Measure
from docaxis.domain.period import Period
from docaxis.domain.wire import Ranges
from docaxis.hub.changes import Change
from docaxis.hub.views.clerk import ByAddressee, ByDuty, Overdue, Recalled, Refused, Unfinished
from docaxis.hub.views.documents import Cursor, DocumentView, SubmissionView
from docaxis.hub.views.machines import (
    Checksum,
    ClientKey,
    KeptAnswer,
    OwnEndpoint,
    PartialUpload,
    Parties,
    Place,
    WaitingCopy,
)
from docaxis.hub.views.timeline import Timeline


class ClientKeys(Protocol):
    """Who a client is."""

    async def find(self, key_id: str) -> ClientKey | None:
        """Return a key that is in force, of an endpoint that is not disabled."""

    async def use_token(self, token_id: str, ends_at: datetime, now: datetime) -> bool:
        """Note that a token was used; False where it was used before."""

    async def own(self, endpoint: str) -> OwnEndpoint | None:
        """Return an endpoint as it sees itself."""


class Lists(Protocol):
    """Lists of documents, newest first, as `backends.clerk_queries` answers them."""

    async def documents(
        self,
        words: str = "",
        *,
        sender: str | None = None,
        received_by: str | None = None,
        after: Cursor | None = None,
        limit: int = 0,
    ) -> Sequence[DocumentView]:
        """Return documents whose number, notation and subject hold all these words."""  # fmt: skip

    async def numbered(
        self, number: str, *, sender: str | None = None, after: Cursor | None = None, limit: int = 0
    ) -> Sequence[DocumentView]:
        """Return documents by number and beginning of the notation."""

    async def unfinished(self, sender: str, after: Cursor | None = None, limit: int = 0) -> Sequence[Unfinished]:
        """Return sent documents that somebody has not finished."""

    async def overdue(
        self, *, sender: str | None = None, organ_id: str | None = None, after: ByDuty | None = None, limit: int = 0
    ) -> Sequence[Overdue]:
        """Return duties that were missed and are open."""

    async def refused(
        self, sender: str | None = None, after: ByAddressee | None = None, limit: int = 0
    ) -> Sequence[Refused]:
        """Return refusals that stand."""

    async def recalled(
        self,
        *,
        sender: str | None = None,
        organ_id: str | None = None,
        after: ByAddressee | None = None,
        limit: int = 0,
    ) -> Sequence[Recalled]:
        """Return recalls that were not answered."""  # fmt: skip


class Exchange(Protocol):
    """What was exchanged: documents, submissions, the copies that wait."""

    async def parties(self, endpoint: str, keys: Collection[UUID]) -> Mapping[UUID, Parties]:
        """Return which of these documents an endpoint sent or was sent; the others are left out."""

    async def document(self, key: UUID) -> Timeline | None:
        """Return everything about one document."""

    async def package(self, digest: str) -> bytes | None:
        """Return the octets of a package that the database holds, None where they lie in the blob store."""

    async def note(self, key: UUID) -> bytes | None:
        """Return the delivery note of a document, as signed."""

    async def waiting(self, endpoint: str, after: Place | None, limit: int) -> Sequence[WaitingCopy]:
        """Return copies in an endpoint's inbox that it has not acknowledged, urgent first, oldest first."""

    async def answer(self, endpoint: str, message_id: str) -> SubmissionView | None:
        """Return the newest decision about an endpoint's message of this id."""

    async def list_submissions(
        self, endpoint: str, outcome: str | None, after: Cursor | None, limit: int
    ) -> Sequence[SubmissionView]:
        """Return an endpoint's submissions, newest first."""


class Answers(Protocol):
    """Answers that are given again when the same is asked again."""

    async def find(self, endpoint: str, key: str) -> KeptAnswer | None:
        """Return what was answered under a key."""

    async def keep(self, endpoint: str, answers: Sequence[KeptAnswer]) -> None:
        """Keep answers; those under keys that are there already stay as they are."""


class Ingress(Protocol):
    """The way into the hub: both return when the broker has confirmed."""

    async def submit(self, endpoint: str, message_id: str, package: bytes) -> str:
        """Publish a package as its endpoint; returns its lane."""

    async def acknowledge(self, endpoint: str, fetched: Ranges) -> None:
        """Publish a transport acknowledgement as an endpoint, and see to it that its inbox does not grow."""

    async def forget_answers(self, endpoint: str) -> None:
        """Empty an endpoint's queues of receipts and of notices."""


class Changes(Protocol):
    """The log as an endpoint may see it."""

    async def changes(self, endpoint: str, first: int) -> tuple[Sequence[Change], int]:
        """Return an endpoint's changes in a portion of the log, and the first entry that was not read."""

    async def size(self) -> int:
        """Return how many entries the log has."""


class Statistics(Protocol):
    """Figures of one agency."""

    async def measure(
        self, organ_id: str, period: Period, patience_s: float
    ) -> tuple[Sequence[Measure], datetime] | None:
        """Return figures and when they were counted; None: they are being counted."""


class Attachments(Protocol):
    """Large octets: what an endpoint brought, sent or was sent."""

    async def size_bytes(self, endpoint: str, digest: str) -> int | None:
        """Return the size of octets that an endpoint may read, None for all others."""

    def read_stream(self, digest: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Yield the octets first to last (both included)."""


class Uploads(Protocol):
    """Uploads in parts."""

    async def create(self, upload: PartialUpload) -> None:
        """Begin an upload."""

    async def find(self, endpoint: str, upload_id: str, now: datetime) -> PartialUpload | None:
        """Return an endpoint's upload that has not run out, with how far it has come."""

    async def append(
        self, upload: PartialUpload, chunks: AsyncIterator[bytes], checksum: Checksum | None = None
    ) -> int:
        """Add octets as far as they come; returns the new offset. With a checksum all of them or none.

        Raises UploadBusy, UploadGone, UploadTooLong, UploadMismatch.
        """

    async def finish(self, upload: PartialUpload) -> bool:
        """Keep whole octets under their digest; False where they have another one: then the upload is gone."""

    async def remove(self, upload: PartialUpload) -> None:
        """Forget an upload."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Bounds in bytes, seconds and numbers."""

    package_bytes: int
    blob_bytes: int
    requests_per_minute: int
    upload_hours: float


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """Everything together; key: what cursors are signed with; directory returns what is registered now."""

    hub: str
    public_url: str
    key: bytes
    now: Callable[[], datetime]
    directory: Callable[[], Directory]
    settings: ApiSettings
    keys: ClientKeys
    lists: Lists
    exchange: Exchange
    answers: Answers
    ingress: Ingress
    changes: Changes
    statistics: Statistics
    attachments: Attachments
    uploads: Uploads


PORTS = web.AppKey("api_ports", ApiPorts)
