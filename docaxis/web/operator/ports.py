"""What the operator's pages ask of the world."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.organ import Agency
from docaxis.hub.views.documents import Cursor
from docaxis.hub.views.operating import Board, ConfigurationSection, InboxLook, SetAside, SetAsideEnd
from docaxis.hub.views.proposals import CertificateFacts, Proposal, ProposalKind


class Operation(Protocol):
    """What was measured in the background; costs a page nothing."""

    def board(self) -> Board:
        """Return the figures of the last look."""

    async def inbox(self, endpoint: str) -> Sequence[InboxLook] | None:
        """Ask the broker for an endpoint's queues now; None while it cannot be asked."""


class Quarantine(Protocol):
    """Messages set aside, without their content; each call raises StoreUnavailable; login is who acts."""

    async def waiting(self, after: Cursor | None, limit: int) -> Sequence[SetAside]:
        """Return what waits for somebody, newest first."""

    async def one(self, event_id: UUID) -> SetAside | None:
        """Return one that waits, None where there is none of this id."""

    async def ended(self, limit: int) -> Sequence[SetAsideEnd]:
        """Return what became of the last ones."""

    async def release(self, event_id: UUID, login: str, reason: str) -> bool:
        """Hand a message to the hub again; False where there is nothing to release; raises NotReleased."""

    async def discard(self, event_id: UUID, login: str, reason: str) -> bool:
        """Give a message up; False where nothing waits under this id."""


class DirectoryActs(Protocol):
    """Changes of the directory; each raises StoreUnavailable, ValueError where it would no longer be one, KeyError."""

    async def signer_bindings(self) -> Mapping[str, frozenset[str]]:
        """Return fingerprint or key digest → organ ids; an empty set shuts the signer out."""

    async def endpoints(self) -> Mapping[str, str]:
        """Return endpoint → name, of those that are not shut out."""

    async def add(self, agency: Agency, login: str) -> None:
        """Add an agency; ValueError where its code is taken."""

    async def change(self, agency: Agency, login: str) -> None:
        """Replace what is known of an agency."""

    async def close(self, organ_id: str, valid_to: date, successor: str, login: str) -> None:
        """Let an agency end before this day; successor may be empty."""

    async def connect(self, organ_id: str, endpoint: str, login: str) -> None:
        """Let an agency be reached through this endpoint."""

    async def disconnect(self, organ_id: str, login: str) -> None:
        """Let an agency be reached through its ancestors again."""


class Proposals(Protocol):
    """Changes that need a second person; each call raises StoreUnavailable."""

    async def waiting(self) -> Sequence[Proposal]:
        """Return what waits for a second person, oldest first."""

    async def decided(self, limit: int) -> Sequence[Proposal]:
        """Return the last ones that were decided, newest first."""

    async def one(self, proposal_id: UUID) -> Proposal | None:
        """Return one, None where there is none of this id."""

    async def anchors(self) -> Sequence[CertificateFacts]:
        """Return the anchors that are trusted now."""

    def read_anchor(self, octets: bytes) -> tuple[CertificateFacts, str]:
        """Return the certificate of an uploaded file as people read it, and as PEM; ValueError where it is not one."""

    async def retention_days(self) -> int | None:
        """Return for how many days the octets of packages are to be kept; None: nobody has decided it."""

    async def propose(
        self, kind: ProposalKind, content: Mapping[str, object], reason: str, person_id: UUID, login: str
    ) -> UUID:
        """Put a proposal where others see it; returns its id."""

    async def approve(self, proposal_id: UUID, person_id: UUID, login: str, reason: str) -> None:
        """Approve and make the change; raises NotDecided, OSError where the folder of anchors cannot be written."""

    async def decline(self, proposal_id: UUID, person_id: UUID, login: str, reason: str) -> None:
        """Decline, or withdraw where it is one's own; raises NotDecided."""


OPERATION = web.AppKey("operation", Operation)
QUARANTINE = web.AppKey("quarantine", Quarantine)
DIRECTORY_ACTS = web.AppKey("directory_acts", DirectoryActs)
PROPOSALS = web.AppKey("proposals", Proposals)
CONFIGURATION = web.AppKey("configuration", Sequence[ConfigurationSection])
