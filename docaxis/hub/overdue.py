"""What becomes of a deadline whose time has come: event, misses, and the reports that the hub signs of itself. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from docaxis.domain.deadline import Duty
from docaxis.domain.lateness import Copy, Interval, Late, away_share, ended, late
from docaxis.domain.report import Report, ReportAddressee, ReportKind
from docaxis.hub.acts import act
from docaxis.hub.ids import new_id
from docaxis.hub.reporting import notice_row
from docaxis.hub.rows import Batch, DeliveryChange, EventRow, ReportRow
from docaxis.ledger.event import Json
from docaxis.trust.reports import write_report
from docaxis.trust.seal import Seal


class DueDocument(NamedTuple):
    """A deadline that has come, and its document as it stands; state is active, recalled, replaced or expired."""

    document_key: UUID
    duty: Duty
    start_at: datetime
    due_at: datetime
    sender: str
    document_id: str
    endpoint: str
    state: str
    copies: tuple[Copy, ...]


class MissRow(NamedTuple):
    """One addressee that missed a duty, in the column order of its table."""

    document_key: UUID
    organ_id: str
    kind: str
    sender: str
    due_at: datetime
    noticed_at: datetime
    cause: str
    attributable: bool


@dataclass(slots=True)
class Noticed:
    """What one look writes; done: the deadlines that were looked at."""

    batch: Batch = field(default_factory=Batch)
    misses: list[MissRow] = field(default_factory=list)
    done: list[tuple[UUID, str]] = field(default_factory=list)

    def add(self, other: "Noticed") -> None:
        """Take over the rows of another document."""
        self.batch.events += other.batch.events
        self.batch.reports += other.batch.reports
        self.batch.outbox += other.batch.outbox
        self.batch.changes += other.batch.changes
        self.batch.ended += other.batch.ended
        self.misses += other.misses
        self.done += other.done


class Notary:
    """Looks at documents for one moment.

    hub_away_share: part of a window (0 to 1) beyond which the absence of all hub processes excuses everybody.
    """

    def __init__(self, hub: str, seal: Seal, now: datetime, present: Sequence[Interval], hub_away_share: float) -> None:
        self._noticed = Noticed()
        self._hub = hub
        self._seal = seal
        self._now = now
        self._present = present
        self._hub_away_share = hub_away_share

    def look(self, due: DueDocument) -> Noticed:
        """Look at one document and return what is to be written of it."""
        self._noticed = Noticed()
        if due.state == "active":
            if due.duty == "validity":
                self._end(due)
            elif missing := late(due.duty, due.copies, hub_away=self._is_hub_away(due)):
                self._remind(due, missing) if due.duty == "reply-reminder" else self._miss(due, missing)
        self._noticed.done.append((due.document_key, due.duty))
        return self._noticed

    def _is_hub_away(self, due: DueDocument) -> bool:
        return away_share(due.start_at, due.due_at, self._present) > self._hub_away_share

    def _miss(self, due: DueDocument, missing: Sequence[Late]) -> None:
        event = self._act("deadline:missed", due, [[m.organ_id, m.endpoint, m.cause, m.attributable] for m in missing])
        self._noticed.misses += [
            MissRow(due.document_key, m.organ_id, due.duty, due.sender, due.due_at, self._now, m.cause, m.attributable)
            for m in missing
        ]
        addressees = _addressees(missing)
        overdue = self._report("overdue", due, addressees, event)
        reminder = self._report("reminder", due, addressees, event)
        self._publish(due, [(due.endpoint, overdue), *((endpoint, reminder) for endpoint in _endpoints(missing))])

    def _remind(self, due: DueDocument, missing: Sequence[Late]) -> None:
        event = self._act("deadline:reminded", due, [[m.organ_id, m.endpoint] for m in missing])
        # A reminder comes before the time: there is nothing yet to find a cause for.
        addressees = tuple(ReportAddressee(m.organ_id, m.endpoint, m.state) for m in missing)
        reminder = self._report("reminder", due, addressees, event)
        self._publish(due, [(endpoint, reminder) for endpoint in _endpoints(missing)])

    def _end(self, due: DueDocument) -> None:
        # What stands in an inbox stays dispatched: it takes up room there until its endpoint acknowledges it, too late.
        unread = ended(due.copies)
        event = self._act("document:expired", due, [[copy.organ_id, copy.endpoint] for copy in unread])
        self._noticed.batch.ended.append((due.document_key, "expired"))
        self._noticed.batch.changes += [
            DeliveryChange(due.document_key, copy.organ_id, copy.statuses, copy.state, copy.statuses, "expired")
            for copy in unread
            if copy.state == "waiting"
        ]
        addressees = tuple(ReportAddressee(copy.organ_id, copy.endpoint, "expired") for copy in unread)
        if addressees:
            self._publish(due, [(due.endpoint, self._report("expired", due, addressees, event))])

    def _act(self, kind: str, due: DueDocument, addressees: list[Json]) -> EventRow:
        body: dict[str, Json] = {
            "document": due.document_key.hex,
            "kind": due.duty,
            "due_at": due.due_at.isoformat(),
            "noticed_at": self._now.isoformat(),
            "addressees": addressees,
        }
        event = act(kind, self._now, body, due.document_key)
        self._noticed.batch.events.append(event)
        return event

    def _report(
        self, kind: ReportKind, due: DueDocument, addressees: tuple[ReportAddressee, ...], event: EventRow
    ) -> bytes:
        report_id = new_id(self._now)
        report = Report(
            report_id=report_id.hex,
            hub=self._hub,
            kind=kind,
            sender=due.sender,
            document_id=due.document_id,
            document=due.document_key.hex,
            noticed_at=self._now,
            event_hash=event.leaf_hash.hex(),
            addressees=addressees,
            duty="" if due.duty == "validity" else due.duty.removesuffix("-reminder"),
            due_at=due.due_at,
        )
        octets = write_report(report, self._seal)
        self._noticed.batch.reports.append(ReportRow(report_id, due.document_key, kind, self._now, octets))
        return octets

    def _publish(self, due: DueDocument, notices: list[tuple[str, bytes]]) -> None:
        self._noticed.batch.outbox.append(notice_row(due.document_key, notices, self._now))


def _addressees(missing: Iterable[Late]) -> tuple[ReportAddressee, ...]:
    return tuple(ReportAddressee(m.organ_id, m.endpoint, m.state, m.cause, m.attributable) for m in missing)


def _endpoints(missing: Iterable[Late]) -> list[str]:
    return sorted({m.endpoint for m in missing})
