"""How much has not come to its end yet and since when, in one statement that stays on indexes."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clock import database_time
from docaxis.backends.tables import deliveries, documents, events, lanes, log_pending, outbox, submissions
from docaxis.hub.ports import Pending

# The longest waiting copy is the first of its lane, so one look a lane is enough.
_FIRST_WAITING = (
    select(deliveries.c.document_key)
    .where(
        deliveries.c.endpoint == lanes.c.endpoint,
        deliveries.c.lane == lanes.c.lane,
        deliveries.c.state == "waiting",
    )
    .order_by(deliveries.c.sequence)
    .limit(1)
    .scalar_subquery()
)
_WAITING_AT = (
    select(func.min(documents.c.accepted_at))
    .where(documents.c.document_key.in_(select(_FIRST_WAITING).where(lanes.c.waiting > 0)))
    .scalar_subquery()
)
# Both in one scan: deleted rows that nobody has vacuumed yet make it the dearest part, a few milliseconds.
_OUTBOX = select(func.count().label("rows"), func.min(outbox.c.created_at).label("oldest_at")).subquery()
_FIRST_EVENT = select(log_pending.c.event_id).order_by(log_pending.c.pending_id).limit(1).scalar_subquery()


async def read_pending(connection: AsyncConnection) -> Pending:
    """Return the figures of this moment, with the database's own time."""
    statement = select(
        database_time(connection.dialect.name),
        _OUTBOX.c.rows,
        _OUTBOX.c.oldest_at,
        _WAITING_AT,
        select(func.count()).where(submissions.c.outcome == "deferred").scalar_subquery(),
        select(func.count()).select_from(log_pending).scalar_subquery(),
        select(events.c.at).where(events.c.event_id == _FIRST_EVENT).scalar_subquery(),
    )
    return Pending(*(await connection.execute(statement)).one())
