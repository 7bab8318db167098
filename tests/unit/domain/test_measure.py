"""How figures are written, and where targets stand."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.domain.measure import Kind, Measure, growth, percent, percent_of
from docaxis.domain.period import Period
from docaxis.domain.targets import Target, forecast_at, outlook, read_targets

TODAY = date(2026, 11, 22)
WHOLE = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("numerator", "denominator", "written"),
    [
        (0, 5, "0.00"), (5, 5, "100.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 8, "12.50"), (1, 800, "0.13"),
        (1, 10**9, "0.01"), (10**9 - 1, 10**9, "99.99"), (9_999, 10_000, "99.99"),
    ],
)  # fmt: skip
def test_percent(numerator, denominator, written):
    assert str(percent(numerator, denominator)) == written


def test_nothing_of_nothing_is_no_data():
    assert percent(0, 0) is None
    assert growth(3, 0) is None


@given(WHOLE, WHOLE)
def test_percent_is_true_to_a_hundredth_and_only_all_is_all(one, other):
    numerator, denominator = min(one, other), max(one, other)
    if not denominator:
        return
    written = percent(numerator, denominator)
    assert written is not None
    assert abs(Fraction(written) - Fraction(100 * numerator, denominator)) <= Fraction(1, 100)
    assert (written == 100) == (numerator == denominator)
    assert (written == 0) == (numerator == 0)


def test_growth_has_a_sign():
    assert growth(500, 400) == Decimal("25.00")
    assert growth(90, 120) == Decimal("-25.00")


def test_a_count_has_no_percentage():
    measure = Measure("sent", Period.parse("2026"), numerator=3)
    assert percent_of(Kind.COUNT, measure) is None
    assert measure.share is None


def test_targets_in_both_forms():
    in_toml = '[[targets]]\nindicator = "connected"\nlevel = "communal"\nthreshold = 95.5\ndate = 2027-06-30\n'
    in_csv = "\ufeffindicator,level,threshold,date\r\nconnected,communal,95.5,2027-06-30\r\n"
    expected = (Target("connected", "communal", 95.5, date(2027, 6, 30)),)
    assert read_targets(in_toml, is_csv=False) == read_targets(in_csv, is_csv=True) == expected
    assert read_targets("indicator,threshold,date\nsilent,5,2027-06-30\n", is_csv=True)[0].level == ""


@pytest.mark.parametrize(
    ("text", "is_csv"),
    [
        ("targets = 1", False),
        ("targets = [1]", False),
        ("other = 1", False),
        ("[[targets]", False),
        ('[[targets]]\nindicator = "connected"\nthreshold = true\ndate = 2027-06-30', False),
        ('[[targets]]\nindicator = "connected"\nthreshold = 5\ndate = 2027-06-30T00:00:00', False),
        ('[[targets]]\nindicator = "connected"\nthreshold = 5\ndate = 2027-06-30\nmore = 1', False),
        ('[[targets]]\nindicator = "connected"\nthreshold = nan\ndate = 2027-06-30', False),
        ("indicator,level,threshold,date\nsent,,5,2027-06-30", True),
        ("indicator,level,threshold,date\nsigned-by-person,,5,2027-06-30", True),
        ("indicator,level,threshold,date\nconnected,,101,2027-06-30", True),
        ("indicator,level,threshold,date\nconnected,,x,2027-06-30", True),
        ("indicator,level,threshold,date\nconnected,,5,soon", True),
        ("indicator,level,threshold,date\nconnected,,5", True),
        ("indicator,level,threshold,date\nconnected,,5,2027-06-30,more", True),
        ('indicator,level,threshold,date\n"connected', True),
        ("level,threshold,date\n,5,2027-06-30", True),
    ],
)
def test_a_bad_target_is_refused(text, is_csv):
    with pytest.raises(ValueError):
        read_targets(text, is_csv=is_csv)


def test_what_is_needed_each_week():
    target = Target("connected", "", 90, TODAY + timedelta(weeks=4))
    found = outlook(target, (70, 100), (), TODAY)
    assert (found.now, found.is_met, found.needed_a_week, found.forecast) == (70.0, False, 5.0, None)
    assert outlook(target, (95, 100), (), TODAY).needed_a_week == 0
    assert outlook(Target("connected", "", 90, TODAY), (70, 100), (), TODAY).needed_a_week is None
    assert outlook(target, (0, 0), (), TODAY).now is None


def test_less_silence_is_better():
    target = Target("silent", "", 10, TODAY + timedelta(weeks=2))
    found = outlook(target, (20, 100), [(TODAY - timedelta(days=7), 25.0), (TODAY, 20.0)], TODAY)
    assert (found.is_met, found.needed_a_week) == (False, -5.0)
    assert found.forecast == pytest.approx(10)
    assert outlook(target, (5, 100), (), TODAY).is_met is True


@given(st.floats(-1, 1), st.floats(20, 80), st.lists(st.integers(1, 60), min_size=2, unique=True), st.integers(0, 400))
def test_a_straight_line_goes_on_straight(slope, start, days, ahead):
    history = [(TODAY - timedelta(days=day), start - slope * day) for day in days]
    found = forecast_at(TODAY + timedelta(days=ahead), history)
    assert found == pytest.approx(min(max(start + slope * ahead, 0), 100), abs=1e-6)


def test_one_day_makes_no_line():
    assert forecast_at(TODAY, [(TODAY, 5.0), (TODAY, 6.0)]) is None
