"""The section `deadlines` becomes the policy, and what cannot be is refused at the start."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from docaxis.config import ConfigError, DeadlinesSection, load_config
from docaxis.domain.envelope import Priority
from docaxis.wiring.configured import deadline_policy

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def written(folder: Path, text: str) -> DeadlinesSection:
    file = folder / "config.toml"
    file.write_text(f"[deadlines]\n{text}\n", encoding="utf-8")
    return load_config(file, {}).deadlines


def minutes(section: DeadlinesSection) -> list[float]:
    policy = deadline_policy(section)
    return [(policy.of(priority, None, AT)[0].due_at - AT) / timedelta(minutes=1) for priority in Priority]


def test_defaults() -> None:
    assert minutes(DeadlinesSection()) == [480, 240, 120, 60, 30]


def test_every_number_is_the_operators(tmp_path: Path) -> None:
    section = written(
        tmp_path,
        "working_day_begins = 07:00:00\nworking_day_ends = '16:30'\nurgent_minutes = 4\nvery_urgent_minutes = 3\n"
        "immediate_minutes = 2\nimmediate_timed_minutes = 1\nexpire_at_due_date = true\nholidays_file = 'own.csv'",
    )
    (tmp_path / "own.csv").write_text("date,kind,name\n2026-11-24,holiday,x\n", encoding="utf-8")
    assert minutes(section) == [450, 4, 3, 2, 1]
    policy = deadline_policy(section)
    assert not policy.calendar.is_working_day(date(2026, 11, 24))
    assert {one.kind for one in policy.of(Priority.NORMAL, date(2026, 12, 1), AT)} == {
        "receipt", "reply", "reply-reminder", "validity",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["working_day_begins = 17:00:00", "urgent_minutes = 0", "hub_away_share = 1.5", "working_day_ends = 'evening'"],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="deadlines"):
        written(tmp_path, text)


def test_missing_holiday_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holidays_file"):
        deadline_policy(written(tmp_path, "holidays_file = 'none.csv'"))
