"""Who took a copy, where a lane's fetched ranges are long, lie apart, or leave something out; on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from docaxis.backends.database import Database
from docaxis.backends.statistics.families import active
from docaxis.backends.tables import deliveries, fetch_ranges
from docaxis.domain.period import Period
from docaxis.hub.ids import new_id
from docaxis.hub.rows import DeliveryRow

NOVEMBER = Period.parse("2026-11")
WITHIN = datetime(2026, 11, 10, 3, tzinfo=UTC)
BEFORE = datetime(2026, 10, 10, 3, tzinfo=UTC)
RANGES = [
    ("e1", "normal", 1, 100, BEFORE),
    ("e1", "normal", 101, 1000, WITHIN),
    ("e1", "normal", 1024, 1024, WITHIN),
    ("e1", "normal", 1025, 1030, BEFORE),
    ("e1", "normal", 1034, 1034, WITHIN),
    ("e1", "normal", 1036, 1036, WITHIN),
    ("e1", "urgent", 500, 500, BEFORE),
    ("e2", "normal", 5, 5, WITHIN),
]
COPIES = [
    ("first-of-long", "e1", "normal", 101),
    ("last-of-long", "e1", "normal", 1000),
    ("middle-of-long", "e1", "normal", 640),
    ("second-of-two", "e1", "normal", 1032),  # its first copy was not fetched
    ("second-of-two", "e1", "normal", 1034),
    ("shares-the-number", "e1", "normal", 1034),
    ("month-before", "e1", "normal", 100),
    ("between-in-another-month", "e1", "normal", 1027),
    ("around-what-others-took", "e1", "normal", 1031),
    ("around-what-others-took", "e1", "normal", 1035),
    ("right-after-a-range", "e1", "normal", 1035),
    ("after-all", "e1", "normal", 1037),
    ("other-lane", "e1", "urgent", 500),
    ("other-endpoint", "e2", "normal", 640),
]


@pytest.mark.parametrize("state", ["dispatched", "withdrawn"])
async def test_only_who_took_a_copy_in_the_period_is_a_taker(database: Database, state: str) -> None:
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    copies = [DeliveryRow(new_id(moment), one[0], one[0], *one[1:], state, 9, "r", "")._asdict() for one in COPIES]
    ranges = [dict(zip(fetch_ranges.c.keys(), one, strict=True)) for one in RANGES]
    async with database.engine.begin() as connection:
        await connection.execute(insert(deliveries), copies)
        await connection.execute(insert(fetch_ranges), ranges)
    async with database.engine.connect() as connection:
        taken = {"first-of-long", "last-of-long", "middle-of-long", "second-of-two", "shares-the-number"}
        assert await active(connection, NOVEMBER) == (taken if state == "dispatched" else set())
        assert await active(connection, Period(date(2026, 12, 1), date(2026, 12, 31))) == set()
