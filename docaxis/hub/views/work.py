"""What a clerk finds in the morning: what waits for the agency's own word, what is due next, how today goes, and the line."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView


@dataclass(frozen=True, slots=True)
class WaitingHere:
    """A received document that the agency has neither accepted nor refused.

    due_at: until when its first word is due; None where nothing is due of it any more. has_arrived: 01 was told.
    """

    document: DocumentView
    due_at: datetime | None
    is_late: bool
    has_arrived: bool = False


@dataclass(frozen=True, slots=True)
class AskedBack:
    """A received document that its sender asks back; status is how far the work on it has come here."""

    document: DocumentView
    reason: str
    asked_at: datetime
    status: StatusCode | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A sent document with a deadline to come: how many of how many addressees have not done their duty yet."""

    document: DocumentView
    kind: str
    due_at: datetime
    missing: int
    addressees: int


@dataclass(frozen=True, slots=True)
class SentToday:
    """What an agency sent since a moment: documents, their addressees, how many accepted (03), and the median time to it."""

    documents: int
    addressees: int
    accepted: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class LineState:
    """An endpoint as its agency's clerk cares for it: when it was last heard of, and packages that it has not fetched.

    waiting are those of them for which its inbox has no room.
    """

    endpoint: str
    seen_at: datetime | None
    unfetched: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """An address that a person keeps under a name."""

    view_id: UUID
    name: str
    address: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of the log has changed a document of an agency; leaf_index is the entry's place."""

    leaf_index: int
    organ_id: str
    document_key: UUID
