"""Each indicator has its page, says there what the code says, and shows an example that adds up."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import By, Kind, growth, percent

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "indicators"
ROW = re.compile(r"^\| (numerator|denominator|period rule|open items) \| (.*) \|$", re.MULTILINE)
EXAMPLE = re.compile(r"(\d+) / (\d+)(?: =|,)\s([+-]?\d+\.\d\d) %")


def page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_every_indicator_has_its_page_and_every_page_its_indicator():
    assert {file.stem for file in FOLDER.iterdir()} == {*INDICATORS, "README"}


def test_the_list_is_in_the_order_of_the_code():
    rows = re.findall(r"^\| \[([a-z-]+)\]\(([a-z-]+)\.md\) \| (.*) \| (.*) \|$", page("README"), re.MULTILINE)
    assert rows == [(one.name, one.name, one.label_en, one.label_vi) for one in INDICATORS.values()]


@pytest.mark.parametrize("name", INDICATORS)
def test_the_page_says_what_the_code_says(name):
    one = INDICATORS[name]
    assert dict(ROW.findall(page(name))) == {
        "numerator": one.numerator,
        "denominator": one.denominator,
        "period rule": one.period_rule,
        "open items": one.open_items,
    }
    assert page(name).startswith(f"# {name}\n\n{one.label_en} ({one.label_vi}). ")


@pytest.mark.parametrize("name", INDICATORS)
def test_the_example_adds_up(name):
    examples = EXAMPLE.findall(page(name))
    one = INDICATORS[name]
    written = one.kind in {Kind.SHARE, Kind.GROWTH} and name != "signed-by-person"
    assert bool(examples) == written
    reckon = growth if one.kind is Kind.GROWTH else percent
    for numerator, denominator, told in examples:
        assert reckon(int(numerator), int(denominator)) == Decimal(told)


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_links_lead_somewhere(file):
    for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target


def test_every_indicator_can_be_told_as_a_total():
    assert all(By.TOTAL in one.by for one in INDICATORS.values())
