"""An arrival on its way from the decision to the store, and what the hub is known by there."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from docaxis.domain.calendar import WorkingCalendar
from docaxis.domain.deadline import DeadlinePolicy
from docaxis.hub.decide import Accepted, Arrival, Decision, Deferred, Rejected
from docaxis.hub.flows import Recalling, Reported
from docaxis.hub.ports import SubmissionKey
from docaxis.trust.seal import Seal


@dataclass(frozen=True, slots=True)
class Settings:
    """What composing needs to know of the hub: name, seal, its holder name for leases, and times."""

    hub: str
    seal: Seal
    holder: str
    lease: timedelta
    retry: timedelta
    defer_limit: timedelta
    inline_limit_bytes: int
    deadlines: DeadlinePolicy = field(default_factory=lambda: DeadlinePolicy(WorkingCalendar()))


@dataclass(frozen=True, slots=True)
class Judged:
    """An arrival with its decision; submission_id is set where it was deferred before."""

    arrival: Arrival
    decision: Decision
    submission_id: UUID | None = None

    @property
    def claimed(self) -> tuple[str, str]:
        """Return sender and document id as the package says, or as proven once accepted; empty where it was not read.

        A status goes by the id of the document that it is about.
        """
        match self.decision:
            case Accepted(route=route, envelope=envelope):
                return route.sender, envelope.header.document_id
            case Reported(author=author, subject=subject):
                return author, subject.document_id
            case Recalling(author=author, subject=subject) as recalling:
                return author, recalling.own_id or subject.document_id
            case Rejected(header=header) | Deferred(header=header):
                return (header.sender.organ_id, header.document_id) if header else ("", "")

    @property
    def key(self) -> SubmissionKey:
        """Return what the store looks this arrival up by; only what was proven is looked up as a document."""
        # A submission decided again would otherwise find itself.
        message_id = "" if self.submission_id else self.arrival.message_id
        arrival = (self.arrival.endpoint, message_id, self.arrival.digest)
        match self.decision:
            case Accepted(number_key=number_key, flow=flow, blobs=blobs):
                subjects = flow.subjects if flow else ()
                return SubmissionKey(*arrival, *self.claimed, blobs, number_key, subjects)
            case Reported(subject=subject):
                return SubmissionKey(*arrival, subjects=(subject,))
            case Recalling(subject=subject, own_id=own_id, author=author, blobs=blobs):
                return SubmissionKey(*arrival, author if own_id else "", own_id, blobs, "", (subject,), bool(own_id))
            case _:
                return SubmissionKey(*arrival)
