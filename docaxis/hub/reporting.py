"""What the hub says of itself, as rows: the report is kept, and goes to control queues by the outbox."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from docaxis.domain.report import Report, ReportAddressee, ReportKind
from docaxis.hub.ids import new_id
from docaxis.hub.judged import Settings
from docaxis.hub.ports import KnownDelivery, KnownDocument
from docaxis.hub.rows import Batch, EventRow, OutboxRow, ReportRow
from docaxis.trust.reports import write_report


def add_report(
    batch: Batch,
    settings: Settings,
    kind: ReportKind,
    document: KnownDocument,
    deliveries: Iterable[KnownDelivery],
    endpoints: Iterable[str],
    event: EventRow,
    detail: str = "",
) -> None:
    """Seal a report about some copies of a document, keep it, and queue it for the control queues of the endpoints."""
    report_id = new_id(event.at)
    report = Report(
        report_id=report_id.hex,
        hub=settings.hub,
        kind=kind,
        sender=document.sender,
        document_id=document.document_id,
        document=document.document_key.hex,
        noticed_at=event.at,
        event_hash=event.leaf_hash.hex(),
        addressees=tuple([ReportAddressee(one.organ_id, one.endpoint, one.state) for one in deliveries]),
        detail=detail,
    )
    octets = write_report(report, settings.seal)
    batch.reports.append(ReportRow(report_id, document.document_key, kind, event.at, octets))
    batch.outbox.append(notice_row(document.document_key, [(endpoint, octets) for endpoint in endpoints], event.at))


def notice_row(document_key: UUID, notices: list[tuple[str, bytes]], at: datetime) -> OutboxRow:
    """Return an outbox row of notices alone; free from the start, so that the next sweep publishes it."""
    return OutboxRow(
        new_id(at), document_key, (), notices, with_receipt=False, leased_by="", leased_until=at, created_at=at
    )
