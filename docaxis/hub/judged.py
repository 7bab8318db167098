"""An arrival on its way from the decision to the store, and what the hub is known by there."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from docaxis.hub.decide import Accepted, Arrival, Decision
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


@dataclass(frozen=True, slots=True)
class Judged:
    """An arrival with its decision; submission_id is set where it was deferred before."""

    arrival: Arrival
    decision: Decision
    submission_id: UUID | None = None

    @property
    def claimed(self) -> tuple[str, str]:
        """Return sender and document id as the package says, or as proven once accepted; empty where it was not read."""
        if isinstance(self.decision, Accepted):
            return self.decision.route.sender, self.decision.envelope.header.document_id
        header = self.decision.header
        return (header.sender.organ_id, header.document_id) if header else ("", "")

    @property
    def key(self) -> SubmissionKey:
        """Return what the store looks this arrival up by; only an accepted document is looked up as a document."""
        # A submission decided again would otherwise find itself.
        message_id = "" if self.submission_id else self.arrival.message_id
        if not isinstance(self.decision, Accepted):
            return SubmissionKey(self.arrival.endpoint, message_id, self.arrival.digest)
        return SubmissionKey(self.arrival.endpoint, message_id, self.arrival.digest, *self.claimed, self.decision.blobs)
