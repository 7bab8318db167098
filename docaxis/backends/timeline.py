"""One document's whole story, in a few look-ups by key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.copy_events import copy_events
from docaxis.backends.flow_tables import links, misses, reports, statuses
from docaxis.backends.tables import deliveries, events, fetch_ranges, log_entries, submissions
from docaxis.domain.status import BUSINESS, StatusCode, business, is_answered, is_recall_asked, recall
from docaxis.hub.views.documents import DocumentView, EventView, SubmissionView
from docaxis.hub.views.timeline import DeliveryView, LinkView, MissView, ReportView, StatusView, Timeline


async def submissions_of(
    connection: AsyncConnection, document_id: str, sender: str | None
) -> tuple[SubmissionView, ...]:
    """Return every arrival that named this document, oldest first."""
    query = select(submissions).where(submissions.c.document_id == document_id)
    if sender is not None:
        query = query.where(submissions.c.sender == sender)
    query = query.order_by(submissions.c.received_at, submissions.c.submission_id)
    return tuple([SubmissionView(*row) for row in await connection.execute(query)])


async def read_timeline(connection: AsyncConnection, document: DocumentView, *, with_events: bool = True) -> Timeline:
    """Return everything about a document; *fetched* is derived: dispatched, and covered by an acknowledged range.

    Without its own events it has those on many copies at once alone: of a letter to everybody they are most of what is read.
    """
    key = document.document_key
    copies = (await connection.execute(_COPIES, {"key": key})).all()
    told = tuple([_status(*row) for row in (await connection.execute(_STATUSES, {"key": key})).all()])
    tied = tuple([LinkView(*row) for row in await connection.execute(_LINKS, {"key": key})])
    missed = (await connection.execute(_MISSES, {"key": key})).all()
    signed = tuple([ReportView(*row) for row in await connection.execute(_REPORTS, {"key": key})])
    own = (await connection.execute(_EVENTS, {"key": key})).all() if with_events else ()
    shared, dispatched = await copy_events(connection, document, copies)
    # A document may have thousands of addressees: nothing that is told is looked through once for each of them.
    heard = _heard(told, tied)
    return Timeline(
        document=document,
        submissions=await submissions_of(connection, document.document_id, document.sender),
        deliveries=tuple([_delivery(row, document, dispatched, heard) for row in copies]),
        statuses=told,
        links=tied,
        misses=tuple([_miss(row, heard) for row in missed]),
        reports=signed,
        events=tuple(sorted([*(EventView(*row) for row in own), *shared], key=lambda one: (one.at, one.event_id))),
    )


def _copies() -> Select[Any]:
    # Ranges do not overlap, so only the nearest one that begins at or before a number can cover it. One look-up for each
    # copy: joined, the database would read the ranges of all inboxes.
    covered_at = (
        select(case((fetch_ranges.c.last_sequence >= deliveries.c.sequence, fetch_ranges.c.fetched_at)))
        .where(
            fetch_ranges.c.endpoint == deliveries.c.endpoint,
            fetch_ranges.c.lane == deliveries.c.lane,
            fetch_ranges.c.first_sequence <= deliveries.c.sequence,
        )
        .order_by(fetch_ranges.c.first_sequence.desc())
        .limit(1)
        .correlate(deliveries)
        .scalar_subquery()
    )
    return (
        select(deliveries, covered_at.label("done_at"))
        .where(deliveries.c.document_key == _KEY)
        .order_by(deliveries.c.organ_id)
    )


_KEY = bindparam("key", type_=deliveries.c.document_key.type)
_COPIES = _copies()
_STATUSES = (
    select(*(statuses.c[one.name] for one in fields(StatusView)))
    .where(statuses.c.document_key == _KEY)
    .order_by(statuses.c.accepted_at, statuses.c.submission_id, statuses.c.organ_id)
)
_MISSES = (
    select(*(column for column in misses.columns if column.name not in {"document_key", "sender"}))
    .where(misses.c.document_key == _KEY)
    .order_by(misses.c.organ_id, misses.c.kind)
)
_REPORTS = (
    select(reports.c.report_id, reports.c.kind, reports.c.at, reports.c.octets)
    .where(reports.c.document_key == _KEY)
    .order_by(reports.c.at, reports.c.report_id)
)
_EVENTS = (
    select(events, log_entries.c.leaf_index)
    .outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
    .where(events.c.document_key == _KEY)
    .order_by(events.c.at, events.c.event_id)
)
# The newer package of a tie is a submission, and a document only where it is one: a recall order is none.
_LINKS = union_all(
    select(
        literal("of"), links.c.kind, links.c.target_key, links.c.sender, links.c.document_id, submissions.c.received_at
    )
    .join_from(links, submissions, submissions.c.submission_id == links.c.document_key)
    .where(links.c.document_key == _KEY),
    select(
        literal("by"),
        links.c.kind,
        links.c.document_key,
        submissions.c.sender,
        submissions.c.document_id,
        submissions.c.received_at,
    )
    .join_from(links, submissions, submissions.c.submission_id == links.c.document_key)
    .where(links.c.target_key == _KEY),
)


def _status(*row: Any) -> StatusView:  # noqa: ANN401 - a row of the database
    submission_id, organ_id, author, party, code, applied, current, *rest = row
    return StatusView(submission_id, organ_id, author, party, _CODES[code], applied, _CODES[current], *rest)


_CODES: Mapping[int, StatusCode] = {int(code): code for code in StatusCode}


@dataclass(frozen=True, slots=True)
class _Heard:
    """When agencies were first heard of: of the work, in taking back (the sender asked), and by a reply."""

    told: Mapping[str, datetime]
    asked: Mapping[str, datetime]
    replied: Mapping[str, datetime]


def _heard(told: Iterable[StatusView], tied: Iterable[LinkView]) -> _Heard:
    """Sort by agency what was told, the oldest first, and what replies."""
    first: dict[str, datetime] = {}
    asked: dict[str, datetime] = {}
    replied: dict[str, datetime] = {}
    for one in told:
        if one.code in BUSINESS:
            first.setdefault(one.organ_id, one.accepted_at)
        elif one.code is StatusCode.RECALL_ASKED:
            asked.setdefault(one.organ_id, one.accepted_at)
    for tie in tied:
        if (tie.direction, tie.kind) == ("by", "reply"):
            replied[tie.sender] = min(tie.at, replied.get(tie.sender, tie.at))
    return _Heard(first, asked, replied)


def _transport(state: str, seen: int, done_at: datetime | None, document: DocumentView) -> str:
    """Return what people call the copy's state; whoever has told anything of it has it, acknowledged or not."""
    if state != "dispatched":
        return state
    if done_at is not None or is_answered(seen):
        return "fetched"
    if is_recall_asked(seen):
        return "withdrawing"
    # It still takes up room in its inbox, but nobody is to work on it any more.
    return "expired" if document.state == "expired" else "dispatched"


def _delivery(
    row: Sequence[Any], document: DocumentView, dispatched: Mapping[str, datetime], heard: _Heard
) -> DeliveryView:
    key, organ_id, addressed_as, endpoint, lane, sequence, state, _size, rule, via, seen, done_at = row
    asked_at = heard.asked.get(organ_id)
    transport = _transport(state, seen, done_at, document)
    fetched_at = ended_at = None
    if transport == "fetched":
        told_at = heard.told.get(organ_id)
        fetched_at = min(done_at, told_at) if done_at and told_at else done_at or told_at
    elif transport == "withdrawn":
        # A copy that was given back is acknowledged like a fetched one; one that never left the hub ended with the recall.
        ended_at = done_at or asked_at
    return DeliveryView(
        key,
        organ_id,
        addressed_as,
        endpoint,
        lane,
        sequence,
        transport,
        dispatched.get(endpoint),
        fetched_at,
        ended_at,
        rule,
        via,
        business(seen),
        recall(seen),
        asked_at,
    )


def _miss(row: Row[Any], heard: _Heard) -> MissView:
    done = heard.told if row.kind == "receipt" else heard.replied
    return MissView(**row._asdict(), done_at=done.get(row.organ_id))
