"""The shipped configurations: complete, consistent, and routed as the law's four levels and the 2025 reform ask."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from docaxis.backends.directory_files import read_folder, shipped, shipped_names
from docaxis.domain.directory import Directory
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.route import Route
from docaxis.domain.routing import route
from docaxis.domain.rules import Policy
from docaxis.domain.verdict import Reason, Rejection
from tests.routing_world import header

REFORM = date(2025, 7, 1)
NOW = date(2026, 1, 1)
BEFORE = date(2024, 6, 1)


@pytest.fixture(scope="module")
def vietnam() -> tuple[Directory, Policy]:
    return shipped()


@pytest.fixture(scope="module")
def before() -> tuple[Directory, Policy]:
    return shipped("vietnam-2024")


def sent(world: tuple[Directory, Policy], sender: str, *to: str, on: date = NOW) -> Route:
    found = route(header(sender, *to), world[0], world[1], on)
    assert isinstance(found, Route), found
    return found


def test_both_configurations_load():
    assert shipped_names() == ("vietnam-2024", "vietnam-2025")
    with pytest.raises(ValueError, match="atlantis: none of"):
        shipped("atlantis")


def test_34_provinces_after_the_reform_and_63_before(vietnam, before):
    provinces = vietnam[0].heads("provincial")
    assert len(provinces) == 63
    after = [one for one in provinces if one.in_force(REFORM)]
    assert len(after) == 34
    assert len({one.statistical_code for one in after}) == 34
    assert all(one.in_force(date(2025, 6, 30)) for one in provinces)
    assert len(before[0].heads("provincial")) == 63


def test_each_of_the_29_merged_provinces_has_one_successor_in_force(vietnam):
    merged = [one for one in vietnam[0].heads("provincial") if not one.in_force(REFORM)]
    assert len(merged) == 29
    for one in merged:
        (successor,) = one.successors
        heir = vietnam[0].find(successor)
        assert heir is not None
        assert heir.in_force(REFORM)


@pytest.mark.parametrize(
    ("code", "heir"),
    [("H63", "H38"), ("H22", "H60"), ("H09", "H29"), ("H06", "H29"), ("H47", "H17"), ("H08", "H21"), ("H43", "H32")],
)
def test_merged_provinces_lead_to_the_merged_one(vietnam, code, heir):
    assert sent(vietnam, "G22", f"000.00.00.{code}").addressees[0].organ_id == heir


@pytest.mark.parametrize(("code", "heir"), [("G05", "G12"), ("G04", "G17"), ("G14", "G06"), ("G13", "G10")])
def test_merged_ministries_lead_to_the_merged_one(vietnam, code, heir):
    assert sent(vietnam, "H41", code).addressees[0].organ_id == heir
    assert vietnam[0].agencies[code].in_force(date(2025, 2, 28))


@pytest.mark.parametrize("code", ["G07", "000.00.31.H53", "H41.31"])
def test_units_with_several_successors_are_ambiguous(vietnam, code):
    found = route(header("G22", code), vietnam[0], vietnam[1], NOW)
    assert isinstance(found, Rejection)
    assert found.code is Reason.RTE_SUCCESSOR_AMBIGUOUS


def test_a_dissolved_district_with_one_successor_is_redirected(vietnam):
    assert sent(vietnam, "G22", "000.00.27.H06").addressees[0].organ_id == "H29.168"


def test_lists_have_their_members(vietnam, before):
    assert len(sent(vietnam, "G22", "LIST.PROVINCES").addressees) == 34
    assert len(sent(vietnam, "G22", "LIST.MINISTRIES").addressees) == 16
    assert len(sent(vietnam, "H41", "LIST.MINISTRIES").addressees) == 17
    assert set(sent(vietnam, "H41", "LIST.COMMUNES.H41").copies) == {"e-h41"}
    assert len(sent(before, "G22", "LIST.PROVINCES", on=BEFORE).addressees) == 63
    assert [one.organ_id for one in sent(before, "H53", "LIST.COMMUNES.H53.31", on=BEFORE).addressees] == [
        "H53.31.20",
        "H53.31.21",
    ]


def test_every_level_pair_has_a_rule(vietnam):
    directory, policy = vietnam
    one_a_level = ["G22", "H41", "H41.001"]
    others = {"central": "G12", "provincial": "H53", "communal": "H53.002"}
    for sender in one_a_level:
        for addressee in others.values():
            assert isinstance(route(header(sender, addressee), directory, policy, NOW), Route)
    assert isinstance(route(header("H41", "H41"), directory, policy, NOW), Rejection)
    assert isinstance(route(header("H41.001", "LIST.PROVINCES"), directory, policy, NOW), Rejection)


def test_a_commune_writing_to_a_ministry_tells_the_levels_between(vietnam, before):
    assert [notice.organ_id for notice in sent(vietnam, "H41.001", "G12").notices] == ["H41"]
    told = sent(before, "H41.31.20", "G12", on=BEFORE).notices
    assert [notice.organ_id for notice in told] == ["H41.31", "H41"]
    assert not any(notice.content for notice in told)


@pytest.mark.parametrize("name", ["vietnam-2025", "vietnam-2024"])
def test_every_code_is_canonical_and_has_a_source(name):
    directory, _ = shipped(name)
    for agency in directory.agencies.values():
        assert agency.source
        for code in (agency.organ_id, *agency.aliases):
            assert parse_organ_id(code) == code
    assert {branch.name for branch in directory.branches} == {agency.branch for agency in directory.agencies.values()}


def test_a_mistake_is_named_with_its_file(tmp_path: Path):
    copy = tmp_path / "own"
    with_policy = files("docaxis.data") / "vietnam-2024"
    shutil.copytree(str(with_policy), copy)
    assert len(read_folder(copy)[0]) == len(shipped("vietnam-2024")[0])
    (copy / "agencies" / "districts.csv").write_text("organ_id\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"districts\.csv: line 1"):
        read_folder(copy)
    (copy / "agencies" / "districts.csv").unlink()
    with pytest.raises(ValueError, match=r"connections: H26\.30 is not in the directory"):
        read_folder(copy)
