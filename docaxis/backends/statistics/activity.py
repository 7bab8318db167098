"""Who took part: the statements that tell who sent a document in a period, and who took a copy."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select, true

from docaxis.backends.statistics.selects import accepted_in, within
from docaxis.backends.tables import deliveries, documents, fetch_ranges
from docaxis.domain.period import Period

_STRETCH = 128
"""Sequence numbers that are looked through at once: every copy may have been fetched by itself."""


def senders_in(period: Period) -> Select[Any]:
    """Select who sent a document in the period."""
    return select(documents.c.sender).distinct().where(accepted_in(period))


def takers_in(period: Period, *, lateral: bool) -> Select[Any]:
    """Select whose copies were fetched in the period; `lateral` where the database can look through lane by lane.

    First who has a copy in a stretch of a lane in which something was fetched, then whether one of these copies was:
    it nearly always is the first, so that the ranges are looked up once for an addressee, not once for a copy.
    """
    stretches = (
        select(
            fetch_ranges.c.endpoint,
            fetch_ranges.c.lane,
            func.min(fetch_ranges.c.first_sequence).label("first"),
            func.max(fetch_ranges.c.last_sequence).label("last"),
        )
        .where(within(fetch_ranges.c.fetched_at, period))
        .group_by(fetch_ranges.c.endpoint, fetch_ranges.c.lane, fetch_ranges.c.first_sequence // _STRETCH)
        .subquery("stretches")
    )
    addressees = _addressees_along(stretches) if lateral else _addressees_joined(stretches)
    # LIMIT keeps PostgreSQL from making a join of it, which would not stop at the first copy.
    taken = _copies_taken(addressees, period).limit(1).scalar_subquery()
    return select(addressees.c.organ_id).distinct().where(taken.is_not(None))


def _addressees_joined(stretches: FromClause) -> FromClause:
    return (
        select(deliveries.c.organ_id, stretches.c.endpoint, stretches.c.lane, *_ends(deliveries.c.sequence))
        .join(stretches, _is_along(stretches))
        .where(_IS_DISPATCHED)
        .group_by(deliveries.c.organ_id, stretches.c.endpoint, stretches.c.lane)
        .subquery("addressees")
    )


def _addressees_along(stretches: FromClause) -> FromClause:
    """Go from stretch to stretch: of a join between bounds PostgreSQL expects far too much, and reads all copies."""
    found = (
        select(deliveries.c.organ_id, *_ends(deliveries.c.sequence))
        .where(_is_along(stretches), _IS_DISPATCHED)
        .group_by(deliveries.c.organ_id)
        .correlate(stretches)
        .lateral("found")
    )
    ends = func.min(found.c.first).label("first"), func.max(found.c.last).label("last")
    return (
        select(found.c.organ_id, stretches.c.endpoint, stretches.c.lane, *ends)
        .select_from(stretches.join(found, true()))
        .group_by(found.c.organ_id, stretches.c.endpoint, stretches.c.lane)
        .subquery("addressees")
    )


def _copies_taken(addressees: FromClause, period: Period) -> Select[Any]:
    copies, nearest = deliveries.alias("copies"), fetch_ranges.alias("nearest")
    # Ranges of a lane never overlap: only the last one that begins at the copy or before can hold it.
    begins = (
        select(func.max(nearest.c.first_sequence))
        .where(
            nearest.c.endpoint == copies.c.endpoint,
            nearest.c.lane == copies.c.lane,
            nearest.c.first_sequence <= copies.c.sequence,
        )
        .scalar_subquery()
    )
    return (
        select(copies.c.sequence)
        .select_from(
            copies.join(
                fetch_ranges,
                and_(
                    fetch_ranges.c.endpoint == copies.c.endpoint,
                    fetch_ranges.c.lane == copies.c.lane,
                    fetch_ranges.c.first_sequence == begins,
                    fetch_ranges.c.last_sequence >= copies.c.sequence,
                ),
            )
        )
        .where(
            copies.c.endpoint == addressees.c.endpoint,
            copies.c.lane == addressees.c.lane,
            copies.c.sequence.between(addressees.c.first, addressees.c.last),
            copies.c.organ_id == addressees.c.organ_id,
            copies.c.state == "dispatched",
            within(fetch_ranges.c.fetched_at, period),
        )
        .correlate(addressees)
    )


_IS_DISPATCHED = deliveries.c.state == "dispatched"


def _is_along(stretches: FromClause) -> ColumnElement[bool]:
    return and_(
        deliveries.c.endpoint == stretches.c.endpoint,
        deliveries.c.lane == stretches.c.lane,
        deliveries.c.sequence.between(stretches.c.first, stretches.c.last),
    )


def _ends(sequence: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
    return func.min(sequence).label("first"), func.max(sequence).label("last")
