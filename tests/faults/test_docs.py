"""docs/faults.md says what the harness has: every scenario with its faults, every option."""

import re
from pathlib import Path

from tests.faults.__main__ import LONG_SCALE, parser
from tests.faults.scenario import all_scenarios

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def test_page_lists_every_scenario() -> None:
    rows = re.findall(r"^\| `(f\w+)`( \*)? \| ([F0-9 ]+) \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (
            name,
            " *" if one.flows else "",
            " ".join(one.faults),
            "long" if one.long_only or one.seldom else "test",
            one.title,
        )
        for name, one in all_scenarios().items()
    ]


def test_page_shows_every_option() -> None:
    shown = set(re.findall(r"^    \./hub chaos (.*?)(?:   .*)?$", PAGE, re.MULTILINE))
    options = {option for line in shown for option in re.findall(r"--[a-z]+", line)}
    assert options == set(re.findall(r"--[a-z]+", parser().format_help())) - {"--help"}
    assert f"{LONG_SCALE} times as much" in PAGE


def test_page_covers_or_names_every_fault() -> None:
    covered = {fault for one in all_scenarios().values() for fault in one.faults} | {"F29"}
    _, _, rest = PAGE.partition("## What is not covered")
    assert {f"F{number}" for number in range(1, 30)} - covered == {"F24"}
    assert {"F24"} <= set(re.findall(r"F\d+", rest))
