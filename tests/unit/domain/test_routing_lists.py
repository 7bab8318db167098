import pytest

from docaxis.domain.route import Note, NoteKind
from docaxis.domain.routing import route
from docaxis.domain.rules import Action, DistributionList, Policy, Rule
from docaxis.domain.verdict import Place, Reason, Rejection
from tests.routing_country import HEADER, WORLD, accepted, refused
from tests.routing_world import ALLOW, DAY, header, when


def test_all_provinces_are_those_in_force_without_the_sender():
    found = accepted("G22", "LIST.PROVINCES")
    assert [one.organ_id for one in found.addressees] == ["H41", "H53"]
    assert {one.from_list for one in found.addressees} == {"LIST.PROVINCES"}
    found = accepted("H41", "LIST.PROVINCES")
    assert [one.organ_id for one in found.addressees] == ["H53"]
    assert found.notes == (Note(NoteKind.SENDER_LEFT_OUT, "LIST.PROVINCES", "H41"),)


@pytest.mark.parametrize("code", ["LIST.COMMUNES.H41", "LIST.COMMUNES.000.00.00.H41"])
def test_all_communes_of_a_province(code):
    found = accepted("G22", code)
    assert found.copies == {"e-h41": ("H41.001", "H41.002")}


def test_an_alias_in_a_lists_code_does_not_get_around_a_rule():
    ban = Rule("ban", Action.REFUSE, when(list="LIST.COMMUNES.H41"))
    assert refused("G22", "LIST.COMMUNES.000.00.00.H41", rules=(ban, ALLOW)).code is Reason.RTE_FORBIDDEN
    assert accepted("G22", "H41.001", rules=(ban, ALLOW))


def test_the_communes_of_a_closed_province_are_not_those_of_its_successor():
    found = refused("G22", "LIST.COMMUNES.H63")
    assert found.detail == "To[1] LIST.COMMUNES.H63 RTE.ADDRESSEE_CLOSED H63 until 2025-07-01: H53"


def test_a_list_of_names_follows_single_successors_and_tells_what_is_closed():
    found = accepted("G22", "LIST.NAMED")
    assert [(one.organ_id, one.succession) for one in found.addressees] == [("H53", None), ("H41", None)]
    assert [note.kind for note in found.notes] == [NoteKind.MEMBER_CLOSED, NoteKind.MEMBER_CLOSED]


def test_a_list_and_a_name_that_overlap_are_one_addressee_by_its_name():
    for to in (("LIST.PROVINCES", "H41"), ("H41", "LIST.PROVINCES")):
        found = accepted("G22", *to)
        assert {(one.organ_id, one.from_list) for one in found.addressees} == {("H41", ""), ("H53", "LIST.PROVINCES")}


def test_one_agency_named_twice_is_one_addressee_and_noted():
    found = accepted("G22", "000.00.00.H41", "H41", "H41")
    assert [one.organ_id for one in found.addressees] == ["H41"]
    assert [(note.kind, note.facts) for note in found.notes] == [(NoteKind.MERGED, "H41")]


def test_an_unreachable_member_refuses_the_list_or_is_left_out_where_it_says_so():
    found = refused("G22", "LIST.CENTRE")
    assert found.detail == "To[1] LIST.CENTRE/V01 RTE.NOT_CONNECTED allow"
    left = accepted("G22", "LIST.SOME")
    assert [one.organ_id for one in left.addressees] == ["G12"]
    assert Note(NoteKind.MEMBER_UNREACHABLE, "LIST.SOME", "V01") in left.notes


def test_an_empty_list_or_only_oneself_or_nobody_is_no_addressee():
    assert refused("G22", "LIST.NOBODY").code is Reason.RTE_NO_ADDRESSEE
    assert refused("G22").code is Reason.RTE_NO_ADDRESSEE
    own = Policy("p", (ALLOW,), {"LIST.ME": DistributionList("LIST.ME", members=("G22",))})
    found = route(header("G22", "LIST.ME"), WORLD, own, DAY)
    assert found == Rejection(Reason.RTE_NO_ADDRESSEE, "G22", Place(f"{HEADER}/To"))
