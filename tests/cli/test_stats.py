"""`stats`: figures as table, CSV and JSON, targets, and what is asked wrongly."""

import asyncio
import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.cli.trouble import ExitCode
from docaxis.domain.figures_written import CSV_COLUMNS
from docaxis.domain.indicators import INDICATORS
from tests.cli.conftest import CONFIG, Run
from tests.integration.statistics_story import Story
from tests.schema import newest

MONTH = ("--month", "2026-10")


@pytest.fixture
def told(run: Run, tmp_path: Path) -> Run:
    """Run commands beside a database with a made-up exchange."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "db").mkdir()
    asyncio.run(_fill(f"sqlite+aiosqlite:///{tmp_path / 'db' / 'docaxis.db'}"))
    return run


async def _fill(url: str) -> None:
    await newest(url)
    database = Database(url)
    await Story(7).write(database.engine)
    await database.close()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_the_table_has_every_indicator_in_both_languages(told: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    english = told("stats", *MONTH)
    assert english.exit_code == 0, english.stderr
    assert all(one.label_en in english.stdout for one in INDICATORS.values())
    assert "not checked" in english.stdout
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    vietnamese = told("stats", *MONTH)
    assert all(one.label_vi in vietnamese.stdout for one in INDICATORS.values())
    assert "chưa kiểm tra" in vietnamese.stdout
    assert ".00 %" in english.stdout
    assert ",00 %" in vietnamese.stdout
    assert ".00 %" not in vietnamese.stdout


def test_csv_and_json_say_the_same(told: Run) -> None:
    asked = ("stats", "sent", "answered-on-time", "refused", "growth-year", "--year", "2026", "--by", "level")
    in_csv = rows_of(told(*asked, "--csv").stdout)
    in_json = [json.loads(line) for line in told(*asked, "--json").stdout.splitlines()]
    assert in_csv
    assert list(in_csv[0]) == list(CSV_COLUMNS)
    for one, other in zip(in_csv, in_json, strict=True):
        for name in ("indicator", "period", "first", "last", "key", "part", "note"):
            assert one[name] == other[name]
        for name in ("numerator", "denominator"):
            assert one[name] == ("" if other[name] is None else str(other[name]))
        assert one["percent"] == ("" if other["percent"] is None else f"{other['percent']:.2f}")
        assert one["open"] == ";".join(f"{name}={count}" for name, count in other["open_items"].items())


def test_the_parts_of_a_period_add_up(told: Run) -> None:
    (whole,) = rows_of(told("stats", "sent", "--year", "2026", "--csv").stdout)
    for unit in ("month", "quarter", "day"):
        parts = rows_of(told("stats", "sent", "--year", "2026", "--by", "period", "--each", unit, "--csv").stdout)
        assert sum(int(one["numerator"]) for one in parts) == int(whole["numerator"]) > 0
    days = rows_of(told("stats", "sent", *MONTH, "--by", "period", "--csv").stdout)
    assert [days[0]["period"], days[-1]["period"], len(days)] == ["2026-10-01", "2026-10-31", 31]


def test_one_agency_and_one_level(told: Run) -> None:
    by_agency = {
        one["key"]: one["numerator"] for one in rows_of(told("stats", "sent", *MONTH, "--by", "agency", "--csv").stdout)
    }
    for code, sent in by_agency.items():
        (one,) = rows_of(told("stats", "sent", *MONTH, "--agency", code, "--csv").stdout)
        assert one["numerator"] == sent
    levels = rows_of(told("stats", "sent", *MONTH, "--by", "level", "--csv").stdout)
    (provincial,) = rows_of(told("stats", "sent", *MONTH, "--level", "provincial", "--csv").stdout)
    assert provincial["numerator"] == next(one["numerator"] for one in levels if one["key"] == "provincial")


def test_targets(told: Run, tmp_path: Path) -> None:
    in_toml = '[[targets]]\nindicator = "connected"\nlevel = "central"\nthreshold = 50\ndate = 2099-01-01\n'
    (tmp_path / "targets.toml").write_text(in_toml)
    (tmp_path / "targets.csv").write_text("indicator,level,threshold,date\nconnected,central,50,2099-01-01\n")
    asked = ("stats", "--from", "2026-11-19", "--to", "2026-11-20", "--targets")
    (from_toml,) = [json.loads(line) for line in told(*asked, "targets.toml", "--json").stdout.splitlines()]
    assert [json.loads(line) for line in told(*asked, "targets.csv", "--json").stdout.splitlines()] == [from_toml]
    assert (from_toml["numerator"], from_toml["denominator"], from_toml["now"]) == (1, 2, 50.0)
    assert from_toml["is_met"] is True
    assert "1 / 2" in told(*asked, "targets.toml").stdout
    assert rows_of(told(*asked, "targets.toml", "--csv").stdout)[0]["needed_a_week"] == "0.0"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sentt",), ExitCode.USAGE),
        (("depth", "--by", "agency"), ExitCode.USAGE),
        (("--month", "2026-13"), ExitCode.USAGE),
        (("--month", "2026-Q1"), ExitCode.USAGE),
        (("--quarter", "2026-Q5"), ExitCode.USAGE),
        (("--year", "0000"), ExitCode.USAGE),
        (("--from", "2026-11-02", "--to", "2026-11-01"), ExitCode.USAGE),
        (("--from", "yesterday"), ExitCode.USAGE),
        (("--month", "2026-11", "--to", "2026-11-02"), ExitCode.USAGE),
        (("--each", "day"), ExitCode.USAGE),
        (("--csv", "--json"), ExitCode.USAGE),
        (("--agency", "H99"), ExitCode.NOT_FOUND),
        (("--level", "royal"), ExitCode.NOT_FOUND),
        (("--targets", "nowhere.toml"), ExitCode.NOT_FOUND),
        (("--targets", "bad.toml"), ExitCode.FAILED),
        (("--targets", "royal.csv"), ExitCode.NOT_FOUND),
    ],
)
def test_what_is_asked_wrongly_is_told_in_words(told: Run, words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[targets]]\nindicator = 'sent'\n")
    (tmp_path / "royal.csv").write_text("indicator,level,threshold,date\nsilent,royal,5,2026-12-31\n")
    result = told("stats", *words)
    assert result.exit_code == code
    assert result.stderr.strip()
    assert not result.stdout


def test_a_strangers_words_are_no_formula(told: Run, tmp_path: Path) -> None:
    asyncio.run(_rename(f"sqlite+aiosqlite:///{tmp_path / 'db' / 'docaxis.db'}"))
    found = rows_of(told("stats", "refused", "--year", "2026", "--by", "agency", "--csv").stdout)
    assert "'=1+1" in {one["key"] for one in found}
    assert not [one for one in found if one["key"].startswith("=")]


async def _rename(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE submissions SET sender = '=1+1' WHERE sender = 'nobody'")
    await database.close()
