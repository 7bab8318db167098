"""What waits for a second person: a change of anchors, of signer bindings or of retention, as it was proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

ProposalKind = Literal["anchor:add", "anchor:remove", "binding:set", "binding:remove", "retention:set"]
Outcome = Literal["", "approved", "declined", "withdrawn"]


class NotDecided(Exception):
    """A proposal was not decided: `own` (who proposed it cannot approve it), `one-hand` (one person let both in), `over`."""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate as people read it; serial in hexadecimal digits, fingerprint `sha256:<hex>` of its DER octets.

    trouble: why it may not become an anchor, empty where nothing speaks against it.
    """

    subject: str
    issuer: str
    serial: str
    fingerprint: str
    begins_at: datetime
    ends_at: datetime
    is_authority: bool
    key: str
    organ_ids: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal; content depends on its kind, outcome is empty while it waits.

    Names of the two people are those of their accounts now; decided_reason is what the second one wrote.
    """

    proposal_id: UUID
    kind: ProposalKind
    content: Mapping[str, object]
    reason: str
    proposed_by: UUID
    proposed_name: str
    proposed_at: datetime
    outcome: Outcome = ""
    decided_by: UUID | None = None
    decided_name: str = ""
    decided_at: datetime | None = None
    decided_reason: str = ""
