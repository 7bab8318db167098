"""The rows of a clerk's lists: a document each, with what the question was about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView


class ByAddressee(NamedTuple):
    """Where a page of addressees ended; the next page begins after it."""

    at: datetime
    document_key: UUID
    organ_id: str


class ByDuty(NamedTuple):
    """Where a page of missed duties ended."""

    at: datetime
    document_key: UUID
    organ_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A document that somebody has not finished: how many addressees stand where.

    Keys are the furthest business code as two digits, and before the first one the state of the copy (`dispatched`).
    """

    document: DocumentView
    addressees: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Received:
    """A document as one addressee has it: the state of its copy, its furthest business code, and recall if any."""

    document: DocumentView
    organ_id: str
    state: str
    status: StatusCode | None
    recall: StatusCode | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A duty that was missed and is still open: `receipt` until the first status, `reply` until the answer."""

    document: DocumentView
    organ_id: str
    endpoint: str
    kind: str
    due_at: datetime
    noticed_at: datetime
    cause: str
    attributable: bool
    status: StatusCode | None

    @property
    def cursor(self) -> ByDuty:
        """Where a page that ends with this row ended."""
        return ByDuty(self.noticed_at, self.document.document_key, self.organ_id, self.kind)


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that an addressee has refused (02), and not taken since."""

    document: DocumentView
    organ_id: str
    description: str
    refused_at: datetime

    @property
    def cursor(self) -> ByAddressee:
        """Where a page that ends with this row ended."""
        return ByAddressee(self.refused_at, self.document.document_key, self.organ_id)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A document that its sender asked back, and the addressee has neither agreed nor declined."""

    document: DocumentView
    organ_id: str
    endpoint: str
    description: str
    asked_at: datetime
    status: StatusCode | None

    @property
    def cursor(self) -> ByAddressee:
        """Where a page that ends with this row ended."""
        return ByAddressee(self.asked_at, self.document.document_key, self.organ_id)
