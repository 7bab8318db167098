"""Which part of a window nobody was there; the judgements themselves are tried on real rows in tests/integration."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.domain.lateness import away_share

START = datetime(2026, 11, 20, 2, tzinfo=UTC)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("present", "share"),
    [
        ([], 1.0),
        ([(-60, 160)], 0.0),
        ([(-60, 50)], 0.5),
        ([(0, 40), (20, 50)], 0.5),
        ([(60, 200), (-5, 10)], 0.5),
        ([(101, 200)], 1.0),
    ],
)
def test_away_share(present: list[tuple[float, float]], share: float) -> None:
    intervals = [(minute(a), minute(b)) for a, b in present]
    assert away_share(START, minute(100), intervals) == pytest.approx(share)


def test_a_window_without_length_blames_nobody() -> None:
    assert away_share(START, START, []) == 0.0


spans = st.lists(st.tuples(st.integers(-20, 120), st.integers(-20, 120)).map(sorted).map(tuple), max_size=6)


@given(spans)
def test_share_is_the_count_of_minutes_that_nobody_covers(present: list[tuple[int, int]]) -> None:
    covered = {m for a, b in present for m in range(a, b) if 0 <= m < 100}
    found = away_share(START, minute(100), [(minute(a), minute(b)) for a, b in present])
    assert found == pytest.approx(1 - len(covered) / 100)
