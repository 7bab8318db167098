"""What the hub says of itself about a document: taken back unread, late, to be remembered, ended, in conflict."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

ReportKind = Literal["withdrawn", "overdue", "reminder", "expired", "conflict"]
Cause = Literal["", "addressee", "endpoint-away", "hub-away"]


class ReportAddressee(NamedTuple):
    """One addressee: the endpoint, the state of its copy, and why it is late; not attributable where the hub was away."""

    organ_id: str
    endpoint: str
    state: str
    cause: Cause = ""
    attributable: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """Signed by the hub and sent to a control queue; event_hash is the leaf of the audit log that records the act.

    document is the hub's key of it (32 hex digits, the delivery note's `NoteId`); duty is `receipt` or `reply` where one
    was missed; due_at is None where nothing was due.
    """

    report_id: str
    hub: str
    kind: ReportKind
    sender: str
    document_id: str
    document: str
    noticed_at: datetime
    event_hash: str
    addressees: tuple[ReportAddressee, ...]
    duty: str = ""
    due_at: datetime | None = None
    detail: str = ""
