"""Identifiers sort by the time they were made in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.hub.ids import first_id, new_id, time_of_id

MILLISECOND = timedelta(milliseconds=1)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis


@given(MOMENTS)
def test_the_first_identifier_parts_a_millisecond_from_the_one_before(moment: datetime) -> None:
    made = new_id(moment)
    assert made.version == 7
    assert first_id(moment) < made < first_id(moment + MILLISECOND)
    assert new_id(moment - MILLISECOND) < first_id(moment)


@given(MOMENTS)
def test_an_identifier_tells_its_millisecond(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert time_of_id(new_id(moment)) == time_of_id(first_id(moment)) == whole


@pytest.mark.parametrize("microsecond", [1_000, 7_000, 57_000, 999_000])
def test_whole_milliseconds_are_not_one_too_low(microsecond: int) -> None:
    moment = datetime(2026, 11, 22, 13, 30, 53, microsecond, tzinfo=UTC)
    assert time_of_id(new_id(moment)) == moment


def test_what_is_no_identifier_of_ours_has_a_place_in_time_too() -> None:
    assert first_id(datetime(1960, 1, 1, tzinfo=UTC)) == UUID(int=0)
    assert time_of_id(UUID(int=(1 << 128) - 1)) == datetime.max.replace(tzinfo=UTC)
