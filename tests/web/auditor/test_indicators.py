"""The indicators as everybody sees them: n / N with two decimals, targets and forecasts, definitions, files."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from docaxis.config import Config
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Measure
from docaxis.domain.period import Period
from docaxis.domain.targets import Target
from docaxis.web import words
from docaxis.web.indicators.chart import line_chart
from docaxis.web.indicators.definitions import DEFINITIONS
from docaxis.web.indicators.ports import INDICATOR_FIGURES, Figured, Question
from docaxis.web.indicators.rows import groups_of, late_of, weeks_of
from tests.web.auditor.conftest import Log
from tests.web.conftest import config_in
from tests.web.desk import Answer, Desk

TARGETS = """
[[targets]]
indicator = "answered-on-time"
level = "central"
threshold = 90.0
date = 2026-12-31

[[targets]]
indicator = "electronic"
threshold = 99.5
date = 2026-12-31
"""
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
WEEK = timedelta(days=7)


@pytest.fixture
def desk_config(tmp_path: Path) -> Config:
    file = tmp_path / "targets.toml"
    file.write_text(TARGETS, encoding="utf-8")
    return config_in(tmp_path, {"DOCAXIS__WEB__TEST_DATA": "true", "DOCAXIS__WEB__TARGETS_FILE": str(file)})


async def counted(desk: Desk, path: str) -> Answer:
    """Ask until everything is counted."""
    for _ in range(40):
        page = await desk.get(path)
        if "Đang tính" not in page.text:
            return page
    raise AssertionError(page.text)


@pytest.mark.parametrize("role", ["auditor", "operator", "administrator"])
async def test_others_see_the_levels(desk: Desk, log: Log, role: str) -> None:
    await desk.sign_in(role)
    page = await counted(desk, "/indicators")
    assert page.status == 200
    assert "Chỉ số theo cấp" in page.text
    for indicator in INDICATORS.values():
        assert indicator.label_vi.replace("'", "&#39;") in page.text
    assert "3 / 3" in page.text
    assert "100,00 %" in page.text
    assert "≥ 99,50 %" in page.text


async def test_a_clerk_sees_the_own_agency_only(desk: Desk, log: Log) -> None:
    await desk.sign_in("clerk", "G22")
    page = await counted(desk, "/indicators")
    assert "Chỉ số của cơ quan" in page.text
    assert "2 / 2" in page.text
    assert "3 / 3" not in page.text
    rows = list(csv.DictReader(io.StringIO((await desk.get("/indicators.csv")).body.decode("utf-8-sig"))))
    assert {row["numerator"] for row in rows if row["indicator"] == "sent"} == {"2"}
    assert {row["key"] for row in rows} == {""}


async def test_files_hold_what_the_page_shows(desk: Desk, log: Log) -> None:
    await desk.sign_in("operator")
    await counted(desk, "/indicators")
    told = json.loads((await desk.get("/indicators.json", params={"period": "2026-11"})).text)
    sent = {one["key"]: one["numerator"] for one in told if one["indicator"] == "sent"}
    assert sum(sent.values()) == 3
    page = await desk.get("/indicators.csv")
    assert page.headers["Content-Disposition"].endswith('"chi-so-2026-11.csv"')
    rows = list(csv.DictReader(io.StringIO(page.body.decode("utf-8-sig"))))
    assert {row["indicator"] for row in rows} >= {"sent", "received", "refused", "depth"}


async def test_each_has_a_page_that_says_what_it_counts(desk: Desk, log: Log) -> None:
    await desk.sign_in("operator")
    for name in INDICATORS:
        page = await counted(desk, f"/indicators/{name}")
        assert page.status == 200
        assert DEFINITIONS[name].numerator in page.text
        assert "Xem dạng bảng" in page.text


async def test_what_is_no_period_and_no_indicator_is_not_there(desk: Desk) -> None:
    await desk.sign_in("operator")
    for path in (
        "/indicators?period=x", "/indicators?period=2026", "/indicators?period=1999-01", "/indicators?period=2027-01",
        "/indicators/none", "/indicators.exe", "/indicators/sent?period=0000-01",
    ):  # fmt: skip
        assert (await desk.get(path)).status == 404, path


class Slow:
    """Counts for ever."""

    targets: tuple[Target, ...] = ()

    async def figures(self, question: Question, patience_s: float) -> Figured | None:
        assert patience_s < 30
        return None


async def test_nobody_waits_for_what_is_being_counted(desk: Desk, log: Log) -> None:
    await desk.sign_in("operator")
    desk.app._state[INDICATOR_FIGURES] = Slow()
    page = await desk.get("/indicators")
    assert page.status == 200
    assert "Đang tính số liệu của kỳ này" in page.text
    file = await desk.get("/indicators.csv")
    assert file.status == 503
    assert "STATS.BEING_COUNTED" in file.text


def share(name: str, key: str, n: int, total: int, period: Period = NOVEMBER) -> Measure:
    return Measure(name, period, key, numerator=n, denominator=total)


def test_levels_add_up_and_targets_are_judged() -> None:
    weeks = [
        share("connected", "communal", 70 + 2 * week, 100, Period(day, day))
        for week, day in enumerate(NOVEMBER.first + WEEK * week for week in range(4))
    ]
    targets = [
        Target("connected", "communal", 95.0, date(2027, 6, 30)),
        Target("connected", "", 99.0, date(2026, 12, 4)),
        Target("connected", "central", 100.0, date(2026, 12, 31)),
    ]
    measures = [share("connected", "central", 34, 34), share("connected", "communal", 76, 100)]
    (group,) = groups_of(
        ["connected"], measures, weeks_of(weeks), targets, ["central", "provincial", "communal"], date(2026, 11, 27)
    )
    assert [row.key for row in group.rows] == ["central", "communal", ""]
    central, communal, total = (row.outlook for row in group.rows)
    assert central is not None
    assert central.is_met
    assert communal is not None
    assert communal.is_forecast_met
    assert communal.needed_a_week == pytest.approx((95 - 76) / (215 / 7))
    whole = group.rows[-1].measure
    assert whole is not None
    assert (whole.numerator, whole.denominator) == (110, 134)
    assert total is not None
    assert not total.is_forecast_met
    assert late_of([group]) == (1, 3)


def test_a_chart_begins_at_zero_and_needs_two_points() -> None:
    points = [
        share("connected", "", 10 * n, 100, Period(NOVEMBER.first + WEEK * n, NOVEMBER.first + WEEK * n + WEEK))
        for n in range(3)
    ]
    assert line_chart(points[:1], None) is None
    assert line_chart([], None) is None
    drawn = line_chart(points, Target("connected", "", 50.0, date(2027, 1, 1)))
    assert drawn is not None
    assert drawn.most == 100
    assert drawn.points.split()[0] == "60.0,150.0"
    assert drawn.target_y == 85


def test_definitions_say_in_english_what_the_domain_says() -> None:
    assert list(DEFINITIONS) == list(INDICATORS)
    for name, one in INDICATORS.items():
        told = [words.text("en", text) for text in DEFINITIONS[name]]
        assert told == [one.numerator, one.denominator, one.period_rule, one.open_items], name


def test_what_no_level_is_known_of_is_a_row_and_part_of_the_total() -> None:
    measures = [
        Measure("refused", NOVEMBER, key="central", numerator=5, denominator=24),
        Measure("refused", NOVEMBER, key="", numerator=2, denominator=2),
        Measure("refused", NOVEMBER, key="", part="SIG.INVALID", numerator=2, denominator=2),
    ]
    weeks = {("refused", "central"): [(date(2026, 11, 15), 1, 3)], ("refused", ""): [(date(2026, 11, 15), 1, 1)]}
    target = Target("refused", "", 2.0, date(2026, 12, 31))
    (group,) = groups_of(["refused"], measures, weeks, [target], ["central", "communal"], date(2026, 11, 22))
    assert [
        (row.key, row.is_total, row.measure and (row.measure.numerator, row.measure.denominator)) for row in group.rows
    ] == [
        ("central", False, (5, 24)),
        ("", False, (2, 2)),
        ("", True, (7, 26)),
    ]
    assert [row.outlook is not None for row in group.rows] == [False, False, True]
    assert group.rows[-1].history == [(date(2026, 11, 15), 50.0)]
