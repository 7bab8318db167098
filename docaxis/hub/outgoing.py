"""What goes out once an outcome is committed: the package to its targets, the receipt to its sender, notices to others."""

from datetime import datetime
from uuid import UUID

from docaxis.hub.ids import new_id
from docaxis.hub.judged import Judged, Settings
from docaxis.hub.ports import Outgoing
from docaxis.hub.rows import OutboxRow


def answer(
    one: Judged,
    now: datetime,
    submission_id: UUID,
    receipt: bytes,
    document_key: UUID | None = None,
    note: bytes = b"",
    targets: tuple[str, ...] = (),
    notices: tuple[tuple[str, bytes], ...] = (),
) -> Outgoing:
    """Return a publication; without more than a receipt it carries the receipt alone."""
    arrival = one.arrival
    return Outgoing(
        outbox_id=new_id(now),
        submission_id=submission_id,
        document_key=document_key,
        sender_endpoint=arrival.endpoint,
        message_id=arrival.message_id,
        lane=arrival.lane,
        digest=arrival.digest,
        size_bytes=len(arrival.body),
        body=arrival.body,
        note=note,
        targets=targets,
        receipt=receipt,
        notices=notices,
    )


def outbox_row(outgoing: Outgoing, settings: Settings, now: datetime) -> OutboxRow:
    """Return the row that keeps a publication until the broker has it; this process holds it at first."""
    return OutboxRow(
        outbox_id=outgoing.outbox_id,
        submission_id=outgoing.submission_id,
        targets=outgoing.targets,
        notices=outgoing.notices,
        with_receipt=True,
        leased_by=settings.holder,
        leased_until=now + settings.lease,
        created_at=now,
    )
