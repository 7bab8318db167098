"""From rows of the database to rows of the log as people see them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, select

from docaxis.backends.auditor.scope import IS_REFUSED, Scope
from docaxis.backends.tables import documents, events, log_entries, submissions
from docaxis.hub.views.audit import LogRow, outcome_of
from docaxis.hub.views.documents import EventView

ROW_COLUMNS: tuple[ColumnElement[Any], ...] = (
    *events.columns,
    log_entries.c.leaf_index,
    func.coalesce(documents.c.sender, submissions.c.sender, ""),
    func.coalesce(documents.c.code_number, ""),
    func.coalesce(documents.c.code_notation, ""),
    func.coalesce(documents.c.document_id, submissions.c.document_id, ""),
    func.coalesce(documents.c.subject, ""),
    func.coalesce(submissions.c.code, ""),
)
_EVENT_WIDTH = len(events.columns) + 1


def joined() -> FromClause:
    """Return the events with their places, their documents, and the refused submissions that they are the events of."""
    refusal = and_(submissions.c.event_id == events.c.event_id, IS_REFUSED)
    return (
        events.outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
        .outerjoin(documents, documents.c.document_key == events.c.document_key)
        .outerjoin(submissions, refusal)
    )


def events_within(scope: Scope) -> Select[Any]:
    """Select the rows of events that may be read; the caller says which ones, in what order and how many."""
    return select(*ROW_COLUMNS).select_from(joined()).where(scope.event())


def log_row(row: Row[Any]) -> LogRow:
    """Return a row of `events_within` as it is shown."""
    event = EventView(*row[:_EVENT_WIDTH])
    sender, number, notation, document_id, subject, code = row[_EVENT_WIDTH:]
    body = event.body
    called = "/".join(filter(None, (number, notation))) if number else document_id
    return LogRow(event, outcome_of(event.kind, body), sender, called, subject, code or detail_of(event.kind, body))


def detail_of(kind: str, body: Mapping[str, Any]) -> str:
    """Return the one fact that tells an entry from others of its kind: a status code, an addressee, a count."""
    if kind == "status:accepted":
        return f"{body.get('code', '')} {body.get('organ', '')}".strip()
    if kind == "document:accepted":
        addressees = body.get("addressees")
        return str(len(addressees)) if isinstance(addressees, list) else ""
    if kind.startswith("submission:"):
        return str(body.get("code", ""))
    return ""
