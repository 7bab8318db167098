"""What the auditor's pages ask of the audit store; every question carries the mandate, whose bounds no answer leaves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Mandate
from docaxis.hub.views.audit import CheckedPart, EntryView, Found, LogPage, LogRow, LogWanted, PackageReport, PastAct


class AuditPort(Protocol):
    """Raises StoreUnavailable; where large packages lie elsewhere, BlobsUnavailable."""

    async def entries(self, mandate: Mandate, wanted: LogWanted, after: str, limit: int) -> LogPage:
        """Return a page of the log; raises ValueError for a place that this list cannot have given."""

    async def find(self, mandate: Mandate, found: Found, text: str) -> Sequence[LogRow]:
        """Return the entries that a recognised text means."""

    async def entry(self, mandate: Mandate, event_id: UUID) -> EntryView | None:
        """Return one entry in full, None where there is none within the mandate."""

    async def report(self, mandate: Mandate, event_id: UUID) -> PackageReport | None:
        """Verify the package that an entry answered; None where the hub has no octets of it."""

    async def range_of(self, first: date, last: date) -> tuple[int, int]:
        """Return the numbers of the first entry of some days and of the one after the last."""

    async def size(self) -> int:
        """Return how many entries the log has."""

    async def check(self, first: int, end: int) -> CheckedPart:
        """Check a portion of the log."""

    async def past(self, kind: str, login: str = "") -> Sequence[PastAct]:
        """Return the latest acts of a kind, of one person or of all; newest first."""

    async def record(self, kind: str, at: datetime, body: Mapping[str, Any]) -> UUID:
        """Record what an auditor did."""


AUDIT = web.AppKey("audit", AuditPort)
