"""A clerk's lists: what was wanted of them, one row a document, and where a page ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView

SENT_STATES = ("attention", "overdue", "refused", "recalled", "unfinished", "all")
"""What may be asked of sent documents; `attention` is overdue, refused, or asked back without an answer."""

RECEIVED_STATES = ("waiting", "overdue", "recalled", "refused", "unfinished", "all")
"""What may be asked of received documents; `waiting` was neither accepted nor refused by us, in time or late."""


class Place(NamedTuple):
    """Where a page ended: the moment that its last row stands at, and what tells rows of one moment apart."""

    at: datetime
    document_key: UUID
    organ_id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to hold; empty is no condition.

    since and until are Vietnamese days of acceptance, both counted; urgency is the least one; other is the addressee of a
    sent document or the sender of a received one.
    """

    state: str = "all"
    words: str = ""
    since: date | None = None
    until: date | None = None
    urgency: int = 0
    other: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How all addressees of a sent document stand.

    accepted counts 03 and what follows it, finished those of whom nothing is expected any more. overdue and unattributed
    are missed duties that are still open, by whether they count against the addressee. due_at is the end of the duty to tell
    anything, None once it was looked at.
    """

    addressees: int = 0
    answered: int = 0
    accepted: int = 0
    finished: int = 0
    overdue: int = 0
    unattributed: int = 0
    refused: int = 0
    waiting: int = 0
    withdrawn: int = 0
    asked_back: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentRow:
    """A sent document in the list."""

    document: DocumentView
    standing: Standing


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A received document in the list; due_at is the end of our duty to answer, is_late that it was missed and is open."""

    document: DocumentView
    state: str
    status: StatusCode | None
    recall: StatusCode | None
    due_at: datetime | None
    is_late: bool


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """Rows, newest first; following is where the next page begins after, None at the end.

    is_cut: fewer rows than asked for, because so many documents were looked through that the rest is left for the next page.
    """

    rows: Sequence[Row]
    following: Place | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are: at least so many where it is not exact."""

    number: int
    exact: bool = True
