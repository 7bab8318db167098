"""Copies that wait for an agency's word, found without an index of their own on the hot path.

Whoever has told nothing of a copy either may still do so in time, then its document's deadline stands, or is late, then
the miss was written in the transaction that deleted the deadline. So one walk goes through the agency's newest copies, back
to the oldest document whose deadline stands, and one through its misses; both are in the order of time.

An endpoint says 01 by itself, and no deadline asks for more: who has only arrived is looked for among the newest copies.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, Subquery, Uuid, func, literal, literal_column, select, true, union_all

from docaxis.backends.flow_tables import deadlines, misses
from docaxis.backends.reading import page
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.status import ANSWERED, StatusCode, bit

UNANSWERED = deliveries.c.statuses.bitwise_and(ANSWERED) == 0
"""The condition that an addressee has told nothing of its copy: no 01 to 06."""

ARRIVED_AMONG = 2_000
"""Copies of an agency, the newest, among which those are found that have arrived and were neither accepted nor refused."""

_JUST_ARRIVED = (deliveries.c.state == "dispatched") & (
    # Who agreed to give it back has nothing to accept any more.
    deliveries.c.statuses.bitwise_and(ANSWERED | bit(StatusCode.AGREED)) == bit(StatusCode.ARRIVED)
)
_SENT_OUT = (deliveries.c.state == "dispatched") & UNANSWERED
_STANDS = deadlines.c.kind == "receipt"


def unanswered_of(organ_id: str, after: UUID | None, limit: int) -> Subquery:
    """Select `document_key` of a page of an agency's unanswered copies, newest first, those before `after` if it is given.

    What nobody expects any more is not among them: a document that was recalled, replaced or expired at its deadline.
    """
    return _page(_silent(organ_id, after, limit), limit)


def untaken_of(organ_id: str, after: UUID | None, limit: int) -> Subquery:
    """Select `document_key` of a page of copies that an agency has neither accepted nor refused, newest first, as above.

    Where 01 was told, those of documents in force among its `ARRIVED_AMONG` newest copies.
    """
    seen = None if after is None else (after,)
    arrived = page(_arrived(organ_id), [deliveries.c.document_key], seen, limit).subquery("arrived")
    return _page([*_silent(organ_id, after, limit), select(arrived)], limit)


def _page(parts: Sequence[Select[tuple[UUID]]], limit: int) -> Subquery:
    found = union_all(*parts).subquery("found")
    return page(select(found), [found.c.document_key], None, limit).subquery("page")


def _silent(organ_id: str, after: UUID | None, limit: int) -> list[Select[tuple[UUID]]]:
    seen = None if after is None else (after,)
    # Each walk ends at a page; one that the others fill first is hardly begun.
    in_time = page(_in_time(organ_id), [deliveries.c.document_key], seen, limit).subquery("in_time")
    late = page(_late(organ_id), [misses.c.document_key], seen, limit).subquery("late")
    return [select(in_time), select(late)]


def _arrived(organ_id: str) -> Select[tuple[UUID]]:
    mine = deliveries.alias("mine")
    newest = select(mine.c.document_key).where(mine.c.organ_id == organ_id).order_by(mine.c.document_key.desc())
    # Shared by all pages of the list, so that they are pages of one list; nothing is left out of fewer copies.
    oldest = newest.offset(ARRIVED_AMONG - 1).limit(1).scalar_subquery()
    in_force = select(documents.c.state == "active").where(documents.c.document_key == deliveries.c.document_key)
    return select(deliveries.c.document_key).where(
        deliveries.c.organ_id == organ_id,
        deliveries.c.document_key >= func.coalesce(oldest, literal(UUID(int=0), Uuid())),
        _JUST_ARRIVED,
        in_force.correlate(deliveries).scalar_subquery(),
    )


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
