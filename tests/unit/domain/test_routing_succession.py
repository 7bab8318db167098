from datetime import date

from docaxis.domain.organ import Agency
from docaxis.domain.succession import Succession, Unresolved, settle
from docaxis.domain.verdict import Reason
from tests.routing_world import DAY, REFORM, directory


def closed(code: str, *successors: str) -> Agency:
    return Agency(code, code, "central", valid_to=REFORM, successors=successors)


OPEN = Agency("X01", "x", "central")
OTHER = Agency("X02", "x", "central")


def result(first: Agency, *others: Agency):
    return settle(first, directory(first, *others, connections={}), DAY)


def test_an_agency_in_force_stands_for_itself():
    assert result(OPEN) == (OPEN, None)


def test_the_day_before_the_closing_it_still_stands_for_itself():
    old = closed("X09", "X01")
    assert settle(old, directory(old, OPEN, connections={}), date(2025, 6, 30)) == (old, None)


def test_one_successor_takes_over():
    assert result(closed("X09", "X01"), OPEN) == (OPEN, Succession("X09", "X01", REFORM))


def test_a_chain_of_successors_is_followed():
    assert result(closed("X09", "X08"), closed("X08", "X01"), OPEN) == (OPEN, Succession("X09", "X01", REFORM))


def test_two_ways_to_one_heir_are_one():
    heir = result(closed("X09", "X08", "X01"), closed("X08", "X01"), OPEN)
    assert heir == (OPEN, Succession("X09", "X01", REFORM))


def test_several_successors_are_named_and_none_is_chosen():
    found = result(closed("X09", "X02", "X01"), OPEN, OTHER)
    assert found == Unresolved(Reason.RTE_SUCCESSOR_AMBIGUOUS, "X09 until 2025-07-01: X02|X01")


def test_an_heir_closed_without_heirs_leaves_the_question_open():
    found = result(closed("X09", "X08", "X01"), closed("X08"), OPEN)
    assert found == Unresolved(Reason.RTE_SUCCESSOR_AMBIGUOUS, "X09 until 2025-07-01: X01")


def test_no_successor_is_closed():
    assert result(closed("X09")) == Unresolved(Reason.RTE_ADDRESSEE_CLOSED, "X09 until 2025-07-01")


def test_successors_in_a_circle_are_closed():
    found = result(closed("X09", "X08"), closed("X08", "X09"))
    assert isinstance(found, Unresolved)
    assert found.reason is Reason.RTE_ADDRESSEE_CLOSED


def test_an_agency_that_begins_later_is_not_known_yet():
    later = Agency("X09", "x", "central", valid_from=date(2027, 1, 1))
    assert result(later) == Unresolved(Reason.RTE_ADDRESSEE_UNKNOWN, "X09 from 2027-01-01")
