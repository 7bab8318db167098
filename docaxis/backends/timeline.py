"""One document's whole story, in a few look-ups by key."""

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.tables import deliveries, events, fetch_ranges, log_entries, submissions
from docaxis.backends.views import DeliveryView, DocumentView, EventView, SubmissionView, Timeline


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
    fetched = (deliveries.c.state == "dispatched") & covering.c.fetched_at.is_not(None)
    copies = (
        select(
            deliveries.c.document_key,
            deliveries.c.organ_id,
            deliveries.c.addressed_as,
            deliveries.c.endpoint,
            deliveries.c.lane,
            deliveries.c.sequence,
            case((fetched, "fetched"), else_=deliveries.c.state).label("transport"),
            case((fetched, covering.c.fetched_at)).label("fetched_at"),
            deliveries.c.rule,
            deliveries.c.via,
        )
        .select_from(deliveries)
        .outerjoin(
            covering,
            (covering.c.endpoint == deliveries.c.endpoint)
            & (covering.c.lane == deliveries.c.lane)
            & (covering.c.first_sequence == nearest)
            & (covering.c.last_sequence >= deliveries.c.sequence),
        )
        .where(deliveries.c.document_key == document.document_key)
        .order_by(deliveries.c.organ_id)
    )
    acts = (
        select(events, log_entries.c.leaf_index)
        .outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
        .where(events.c.document_key == document.document_key)
        .order_by(events.c.at, events.c.event_id)
    )
    return Timeline(
        document=document,
        submissions=await submissions_of(connection, document.document_id, document.sender),
        deliveries=tuple([DeliveryView(**row) for row in (await connection.execute(copies)).mappings()]),
        events=tuple([EventView(*row) for row in await connection.execute(acts)]),
    )
