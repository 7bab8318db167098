"""One document's whole story, in a few look-ups by key."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, bindparam, func, literal, select, union_all
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


async def read_timeline(connection: AsyncConnection, document: DocumentView) -> Timeline:
    """Return everything about a document; *fetched* is derived: dispatched, and covered by an acknowledged range."""
    key = document.document_key
    copies = (await connection.execute(_COPIES, {"key": key})).all()
    told = [_status(row) for row in await connection.execute(_STATUSES, {"key": key})]
    tied = tuple([LinkView(*row) for row in await connection.execute(_LINKS, {"key": key})])
    missed = (await connection.execute(_MISSES, {"key": key})).all()
    signed = tuple([ReportView(*row) for row in await connection.execute(_REPORTS, {"key": key})])
    own = [EventView(*row) for row in await connection.execute(_EVENTS, {"key": key})]
    shared, dispatched = await copy_events(connection, document, copies)
    # A document may have thousands of addressees: nothing that is told is looked through once for each of them.
    told_by = _grouped(told, lambda one: one.organ_id)
    tied_by = _grouped(tied, lambda one: one.sender)
    return Timeline(
        document=document,
        submissions=await submissions_of(connection, document.document_id, document.sender),
        deliveries=tuple([_delivery(row, document, dispatched, told_by[row.organ_id]) for row in copies]),
        statuses=tuple(told),
        links=tied,
        misses=tuple([_miss(row, told_by[row.organ_id], tied_by[row.organ_id]) for row in missed]),
        reports=signed,
        events=tuple(sorted([*own, *shared], key=lambda one: (one.at, one.event_id))),
    )


def _copies() -> Select[Any]:
    # Ranges do not overlap, so only the nearest one that begins at or before a number can cover it.
    nearest = (
        select(func.max(fetch_ranges.c.first_sequence))
        .where(
            fetch_ranges.c.endpoint == deliveries.c.endpoint,
            fetch_ranges.c.lane == deliveries.c.lane,
            fetch_ranges.c.first_sequence <= deliveries.c.sequence,
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    covering = fetch_ranges.alias("covering")
    return (
        select(deliveries, covering.c.fetched_at.label("done_at"))
        .select_from(deliveries)
        .outerjoin(
            covering,
            (covering.c.endpoint == deliveries.c.endpoint)
            & (covering.c.lane == deliveries.c.lane)
            & (covering.c.first_sequence == nearest)
            & (covering.c.last_sequence >= deliveries.c.sequence),
        )
        .where(deliveries.c.document_key == _KEY)
        .order_by(deliveries.c.organ_id)
    )


T = TypeVar("T")
_KEY = bindparam("key", type_=deliveries.c.document_key.type)
_COPIES = _copies()
_STATUSES = (
    select(*(column for column in statuses.columns if column.name != "document_key"))
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


def _status(row: Row[Any]) -> StatusView:
    plain = row._asdict()
    return StatusView(**{**plain, "code": StatusCode(row.code), "current": StatusCode(row.current)})


def _grouped(rows: Iterable[T], key: Callable[[T], str]) -> Mapping[str, Sequence[T]]:
    """Return rows by their agency, in their order; nothing for one that has none."""
    found: defaultdict[str, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _first(told: Sequence[StatusView], codes: Collection[StatusCode]) -> datetime | None:
    """Return when the first of some statuses of an addressee's copy was accepted."""
    return next((one.accepted_at for one in told if one.code in codes), None)


def _transport(row: Row[Any], document: DocumentView) -> str:
    """Return what people call the copy's state; whoever has told anything of it has it, acknowledged or not."""
    if row.state != "dispatched":
        return str(row.state)
    if row.done_at is not None or is_answered(row.statuses):
        return "fetched"
    if is_recall_asked(row.statuses):
        return "withdrawing"
    # It still takes up room in its inbox, but nobody is to work on it any more.
    return "expired" if document.state == "expired" else "dispatched"


def _delivery(
    row: Row[Any], document: DocumentView, dispatched: Mapping[str, datetime], told: Sequence[StatusView]
) -> DeliveryView:
    asked_at = _first(told, {StatusCode.RECALL_ASKED})
    taken_at = min(filter(None, (row.done_at, _first(told, BUSINESS))), default=None)
    withdrawn = row.state == "withdrawn"
    transport = _transport(row, document)
    return DeliveryView(
        document_key=row.document_key,
        organ_id=row.organ_id,
        addressed_as=row.addressed_as,
        endpoint=row.endpoint,
        lane=row.lane,
        sequence=row.sequence,
        transport=transport,
        dispatched_at=dispatched.get(row.endpoint),
        fetched_at=taken_at if transport == "fetched" else None,
        # A copy that was given back is acknowledged like a fetched one; one that never left the hub ended with the recall.
        ended_at=(row.done_at or asked_at) if withdrawn else None,
        rule=row.rule,
        via=row.via,
        status=business(row.statuses),
        recall=recall(row.statuses),
        recall_asked_at=asked_at,
    )


def _miss(row: Row[Any], told: Sequence[StatusView], tied: Sequence[LinkView]) -> MissView:
    if row.kind == "receipt":
        done = [one.accepted_at for one in told if one.code in BUSINESS]
    else:
        done = [one.at for one in tied if (one.direction, one.kind) == ("by", "reply")]
    return MissView(**row._asdict(), done_at=min(done, default=None))
