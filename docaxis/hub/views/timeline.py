"""The whole story of one document: where each copy went, what was reported of it, what is late, what belongs to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from docaxis.domain.status import StatusCode
from docaxis.hub.views.documents import DocumentView, EventView, SubmissionView


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """An addressee's copy in its three bands.

    transport is waiting, dispatched, fetched, withdrawing (asked back while it stands in the inbox), withdrawn or expired.
    dispatched_at is the moment at which the hub recorded the broker's word (None: not found near acceptance or fetching),
    fetched_at is true to a second, ended_at is when it was withdrawn. status and recall are the furthest codes so far.
    """

    document_key: UUID
    organ_id: str
    addressed_as: str
    endpoint: str
    lane: str
    sequence: int
    transport: str
    dispatched_at: datetime | None
    fetched_at: datetime | None
    ended_at: datetime | None
    rule: str
    via: str
    status: StatusCode | None
    recall: StatusCode | None
    recall_asked_at: datetime | None

    @property
    def had_it(self) -> bool:
        """Whether the addressee's system had taken the copy before it was asked back (never true without a recall)."""
        return (
            self.recall_asked_at is not None and self.fetched_at is not None and self.fetched_at <= self.recall_asked_at
        )


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status as it came; applied is False for a repeat or one that came too late; current is the band's code after it."""

    submission_id: UUID
    organ_id: str
    author: str
    party: str
    code: StatusCode
    applied: bool
    current: StatusCode
    description: str
    reported_at: datetime | None
    accepted_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """A tie to another package: kind is reply, update, replace or recall.

    direction `of`: this document says it of the other; `by`: the other says it of this one. document_key is the other's,
    None where the hub never saw it; at is when the saying package was received.
    """

    direction: Literal["of", "by"]
    kind: str
    document_key: UUID | None
    sender: str
    document_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MissView:
    """A duty that an addressee missed: `receipt` or `reply`; done_at is when it was done all the same, None: still open."""

    organ_id: str
    kind: str
    due_at: datetime
    noticed_at: datetime
    cause: str
    attributable: bool
    done_at: datetime | None

    def late_hours(self, now: datetime) -> float:
        """Return by how many hours it was late, or is by now."""
        return max(0.0, ((self.done_at or now) - self.due_at).total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class ReportView:
    """Something that the hub signed of itself; octets is the sealed report."""

    report_id: UUID
    kind: str
    at: datetime
    octets: bytes


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that happened to one document: every arrival that named it, where it went, what came back, and the events."""

    document: DocumentView
    submissions: tuple[SubmissionView, ...]
    deliveries: tuple[DeliveryView, ...]
    statuses: tuple[StatusView, ...]
    links: tuple[LinkView, ...]
    misses: tuple[MissView, ...]
    reports: tuple[ReportView, ...]
    events: tuple[EventView, ...]
