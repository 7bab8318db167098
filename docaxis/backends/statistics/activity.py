"""Who took part: the statements that tell who sent a document in a period, and who took a copy."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from docaxis.backends.statistics.selects import accepted_in, within
from docaxis.backends.tables import deliveries, documents, fetch_ranges
from docaxis.domain.period import Period

_STRETCH = 128
"""Sequence numbers that are looked through at once: every copy may have been fetched by itself."""


def senders_in(period: Period) -> Select[Any]:
    """Select who sent a document in the period."""
    return select(documents.c.sender).distinct().where(accepted_in(period))


def takers_in(period: Period) -> Select[Any]:
    """Select whose copies were fetched in the period.

    First who has a copy in a stretch of a lane in which something was fetched, then whether one of these copies was:
    it nearly always is the first, so that the ranges are looked up once for an agency, not once for a copy.
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
    addressees = (
        select(
            deliveries.c.organ_id,
            deliveries.c.endpoint,
            deliveries.c.lane,
            func.min(deliveries.c.sequence).label("first"),
            func.max(deliveries.c.sequence).label("last"),
        )
        .join(
            stretches,
            and_(
                deliveries.c.endpoint == stretches.c.endpoint,
                deliveries.c.lane == stretches.c.lane,
                deliveries.c.sequence.between(stretches.c.first, stretches.c.last),
            ),
        )
        .where(deliveries.c.state == "dispatched")
        .group_by(deliveries.c.organ_id, deliveries.c.endpoint, deliveries.c.lane)
        .subquery("addressees")
    )
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
    is_taker = exists().where(
        copies.c.endpoint == addressees.c.endpoint,
        copies.c.lane == addressees.c.lane,
        copies.c.sequence.between(addressees.c.first, addressees.c.last),
        copies.c.organ_id == addressees.c.organ_id,
        copies.c.state == "dispatched",
        fetch_ranges.c.endpoint == copies.c.endpoint,
        fetch_ranges.c.lane == copies.c.lane,
        fetch_ranges.c.first_sequence == begins,
        fetch_ranges.c.last_sequence >= copies.c.sequence,
        within(fetch_ranges.c.fetched_at, period),
    )
    return select(addressees.c.organ_id).distinct().where(is_taker)
