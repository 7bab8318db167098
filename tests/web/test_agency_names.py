"""Names in short, and what is made of all of them once for a directory."""

import pytest

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, Level
from docaxis.web.agency_names import OncePerDirectory, in_short


def directory(name: str) -> Directory:
    return Directory.build([Agency("H41", name, "province")], [Level("province", 1)], {})


@pytest.mark.parametrize(
    ("folded", "short"),
    [
        ("uy ban nhan dan thanh pho vinh", "ubnd tp vinh"),
        ("hoi dong nhan dan xa nghi loc", "hdnd xa nghi loc"),
        ("so tai chinh", "so tai chinh"),
    ],
)
def test_what_everybody_writes_short_is_short(folded: str, short: str) -> None:
    assert in_short(folded) == short


def test_names_are_made_anew_for_another_directory_only() -> None:
    asked: list[Directory] = []

    def make(one: Directory) -> list[str]:
        asked.append(one)
        return [agency.name for agency in one.agencies.values()]

    names, first, second = OncePerDirectory(make), directory("Sở Tài chính"), directory("Sở Y tế")
    assert [names.of(one) for one in (first, first, second, second)] == [["Sở Tài chính"]] * 2 + [["Sở Y tế"]] * 2
    assert asked == [first, second]
