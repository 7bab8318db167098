from datetime import date

import pytest

from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, Branch
from tests.routing_world import DAY, LEVELS, REFORM, directory

PROVINCE = Agency("H53", "Tây Ninh", "provincial", aliases=("000.00.00.H53",))
DISTRICT = Agency("H53.31", "Bến Cầu", "communal", parent="H53", valid_to=REFORM)
COMMUNE = Agency("H53.31.20", "thị trấn", "communal", parent="H53.31", aliases=("000.20.31.H53",))


def made(**connections: str) -> Directory:
    return directory(
        PROVINCE, DISTRICT, COMMUNE, connections={code.replace("_", "."): e for code, e in connections.items()}
    )


def test_one_agency_has_two_codes():
    assert made().find("000.00.00.H53") is made().find("H53") is PROVINCE
    assert made().find("H99") is None


def test_ancestors_come_nearest_first():
    assert [one.organ_id for one in made().ancestors("000.20.31.H53")] == ["H53.31", "H53"]
    assert list(made().ancestors("H99")) == []


def test_the_tree_is_walked_downwards_too():
    assert [one.organ_id for one in made().below("000.00.00.H53")] == ["H53.31", "H53.31.20"]
    assert list(made().below("H99")) == []


def test_the_head_of_a_level_is_not_below_one_of_the_same_level():
    assert made().heads("communal") == (DISTRICT,)
    assert made().of_level("communal") == (DISTRICT, COMMUNE)
    assert made().heads("federal") == made().of_level("federal") == ()


def test_the_nearest_connected_ancestor_answers():
    assert made(H53="e-h53").connected("000.20.31.H53") == ("e-h53", PROVINCE)
    assert made(H53="e-h53", H53_31="e-d").connected("H53.31.20") == ("e-d", DISTRICT)
    assert made().connected("H53") is None
    assert made().connected("H99") is None


def test_an_agency_not_in_force_carries_nothing_on_that_day():
    both = made(H53="e-h53", H53_31="e-d")
    assert both.connected("H53.31.20", DAY) == ("e-h53", PROVINCE)
    assert both.connected("H53.31.20", date(2025, 6, 30)) == ("e-d", DISTRICT)


def test_an_endpoint_serves_descendants_without_one_of_their_own():
    served = made(**{"000_00_00_H53": "e-h53", "H53_31_20": "e-c"})
    assert served.serves("e-h53", "H53.31")
    assert not served.serves("e-h53", "H53.31.20")
    assert served.serves("e-c", "000.20.31.H53")
    assert not served.serves("e-c", "H99")
    assert served.endpoint_of("H53.31") is None
    assert served.endpoint_of("H53") == "e-h53"
    assert served.endpoint_of("H99") is None


def test_two_agencies_share_an_endpoint():
    shared = made(H53="e-one", H53_31_20="e-one")
    assert shared.serves("e-one", "H53")
    assert shared.serves("e-one", "H53.31.20")


def test_the_last_day_is_the_one_before_valid_to():
    assert DISTRICT.in_force(date(2025, 6, 30))
    assert not DISTRICT.in_force(REFORM)
    assert Agency("X01", "later", "central", valid_from=REFORM).not_yet(date(2025, 6, 30))


@pytest.mark.parametrize(
    ("agencies", "connections", "problem"),
    [
        ([PROVINCE, PROVINCE], {}, "H53: given twice"),
        ([PROVINCE, Agency("X01", "x", "central", aliases=("H53",))], {}, "H53: given twice"),
        ([Agency("X01", "x", "galactic")], {}, "X01: level galactic is not defined"),
        ([Agency("X01", "x", "central", branch="navy")], {}, "X01: branch navy is not defined"),
        ([Agency("X01", "x", "central", parent="X02")], {}, "X01: parent X02 is unknown"),
        ([Agency("X01", "x", "central", successors=("X02",))], {}, "X01: successor X02 is unknown"),
        ([Agency("X01", "x", "central", parent="X01")], {}, "X01: its parents form a circle"),
        (
            [Agency("X01", "x", "central", parent="X02"), Agency("X02", "x", "central", parent="X01")],
            {},
            "X01: its parents form a circle",
        ),
        ([PROVINCE], {"H99": "e"}, "connections: H99 is not in the directory"),
        ([PROVINCE], {"H53": "e", "000.00.00.H53": "f"}, "connections: H53 is given twice"),
    ],
)
def test_a_broken_directory_is_refused_by_name(agencies, connections, problem):
    with pytest.raises(ValueError, match=problem):
        Directory.build(agencies, LEVELS, connections, (Branch("government"),))


def test_only_twenty_problems_are_named():
    with pytest.raises(ValueError, match=r"X19: .*; and 30 more$"):
        Directory.build([Agency(f"X{n:02d}", "x", "nowhere") for n in range(50)], LEVELS, {})


def test_levels_given_twice_are_refused():
    with pytest.raises(ValueError, match="rank 0 is given twice"):
        Directory.build([], (*LEVELS, type(LEVELS[0])("federal", 0)), {})


def test_levels_stand_in_the_order_of_their_ranks():
    assert [level.name for level in Directory.build([], reversed(LEVELS), {}).levels] == [
        "central",
        "provincial",
        "communal",
    ]
    assert made().level_rank("communal") == 3
    assert len(made()) == 3
