"""Copies that wait for an agency's first word, found without an index of their own on the hot path.

Whoever has told nothing of a copy either may still do so in time, then its document's deadline stands, or is late, then
the miss was written in the transaction that deleted the deadline. So one walk goes through the agency's newest copies, back
to the oldest document whose deadline stands, and one through its misses; both are in the order of time.
"""

from uuid import UUID

from sqlalchemy import Select, Subquery, literal_column, select, true, union_all

from docaxis.backends.flow_tables import deadlines, misses
from docaxis.backends.reading import page
from docaxis.backends.tables import deliveries
from docaxis.domain.status import ANSWERED

UNANSWERED = deliveries.c.statuses.bitwise_and(ANSWERED) == 0
"""The condition that an addressee has told nothing of its copy: no 01 to 06."""

_SENT_OUT = (deliveries.c.state == "dispatched") & UNANSWERED
_STANDS = deadlines.c.kind == "receipt"


def unanswered_of(organ_id: str, after: UUID | None, limit: int) -> Subquery:
    """Select `document_key` of a page of an agency's unanswered copies, newest first, those before `after` if it is given.

    What nobody expects any more is not among them: a document that was recalled, replaced or expired at its deadline.
    """
    seen = None if after is None else (after,)
    # Each walk ends at a page; one that the other fills first is hardly begun.
    in_time = page(_in_time(organ_id), [deliveries.c.document_key], seen, limit).subquery("in_time")
    late = page(_late(organ_id), [misses.c.document_key], seen, limit).subquery("late")
    found = union_all(select(in_time), select(late)).subquery("found")
    return page(select(found), [found.c.document_key], None, limit).subquery("page")


def _in_time(organ_id: str) -> Select[tuple[UUID]]:
    oldest = select(deadlines.c.document_key).where(_STANDS).order_by(deadlines.c.document_key).limit(1)
    # Looked up for each copy that the other conditions let through: a join of whole tables would never pay.
    its_own = select(true()).where(_STANDS, deadlines.c.document_key == deliveries.c.document_key)
    return select(deliveries.c.document_key).where(
        deliveries.c.organ_id == organ_id,
        deliveries.c.document_key >= oldest.scalar_subquery(),
        _SENT_OUT,
        its_own.correlate(deliveries).scalar_subquery(),
    )


def _late(organ_id: str) -> Select[tuple[UUID]]:
    its_copy = (deliveries.c.document_key == misses.c.document_key, deliveries.c.organ_id == misses.c.organ_id)
    return select(misses.c.document_key).where(
        misses.c.organ_id == organ_id,
        # In the words of the partial index: a parameter would not match it.
        misses.c.kind == literal_column("'receipt'"),
        select(_SENT_OUT).where(*its_copy).correlate(misses).scalar_subquery(),
    )
