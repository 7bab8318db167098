"""What the reading half shows: plain values, one type a table of the screen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID


class Cursor(NamedTuple):
    """Where a page ended; the next page begins after it."""

    at: datetime
    key: UUID


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """An arrival, what was answered, and the receipt that was given."""

    submission_id: UUID
    endpoint: str
    message_id: str
    digest: str
    lane: str
    outcome: str
    code: str
    detail: str
    place: str
    sender: str
    document_id: str
    received_at: datetime
    decided_at: datetime
    retry_at: datetime | None
    event_id: UUID
    receipt: bytes

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this row ended."""
        return Cursor(self.received_at, self.submission_id)


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An accepted document; document_key is the submission that brought it; finished once nobody has more to do."""

    document_key: UUID
    sender: str
    document_id: str
    digest: str
    size_bytes: int
    endpoint: str
    lane: str
    priority: int
    business_type: int
    code_number: str
    code_notation: str
    promulgated_on: date | None
    type_name: str
    subject: str
    due_on: date | None
    accepted_at: datetime
    signer: str
    paper: bool
    state: str
    finished_at: datetime | None

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this row ended."""
        return Cursor(self.accepted_at, self.document_key)


@dataclass(frozen=True, slots=True)
class EventView:
    """An act as it was written: canonical bytes, leaf hash, and its place in the log (None: not numbered yet)."""

    event_id: UUID
    kind: str
    at: datetime
    document_key: UUID | None
    canonical: bytes
    leaf_hash: bytes
    leaf_index: int | None

    @property
    def body(self) -> Mapping[str, Any]:
        """What the act says; see `body_of`. Read anew at each look."""
        return body_of(self.canonical)


def body_of(canonical: bytes) -> Mapping[str, Any]:
    """Return the body of an event, empty where the octets cannot be read any more."""
    try:
        body = json.loads(canonical)["body"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


@dataclass(frozen=True, slots=True)
class Counts:
    """The exchange in numbers; a copy is what one endpoint gets of one document, a delivery is one addressee's."""

    submissions: Mapping[tuple[str, str], int]
    documents: int
    deliveries: Mapping[str, int]
    copies_dispatched: int
    copies_fetched: int
    copies_waiting: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How much is still to be published, and since when the oldest of it is."""

    publications: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A message that made us fail."""

    event_id: UUID
    origin: str
    endpoint: str
    message_id: str
    size_bytes: int
    reason: str
    quarantined_at: datetime

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this row ended."""
        return Cursor(self.quarantined_at, self.event_id)


@dataclass(frozen=True, slots=True)
class LogState:
    """How many events have their place in the log, and how many wait for it."""

    size: int
    pending: int
