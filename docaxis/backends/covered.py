"""Whether a copy was acknowledged, asked in SQL: *fetched* is derived from ranges and stands in no row of its own."""

from sqlalchemy import ColumnElement, func, select

from docaxis.backends.tables import deliveries, fetch_ranges


def is_covered() -> ColumnElement[bool]:
    """Tell of a delivery whether a range covers its number.

    Ranges of an endpoint and lane do not overlap, so only the nearest one that begins at or before a number can cover it.
    """
    nearest_end = (
        select(fetch_ranges.c.last_sequence)
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
    return func.coalesce(nearest_end, 0) >= deliveries.c.sequence
