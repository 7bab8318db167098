from dataclasses import replace

import pytest

from docaxis.domain.route import Note, NoteKind, Notice, Resolved, Route
from docaxis.domain.routing import check_sender, route
from docaxis.domain.rules import Action, NoticeRule, Policy, Rule
from docaxis.domain.succession import Succession
from docaxis.domain.verdict import Place, Reason, Rejection
from tests.routing_country import AGENCIES, HEADER, WORLD, accepted, refused, routed
from tests.routing_world import ALLOW, DAY, REFORM, directory, header, when


def test_a_connected_addressee_is_reached_directly():
    assert accepted("G22", "H41") == Route("G22", (Resolved("H41", "H41", "e-h41", "allow"),))


def test_both_code_generations_name_the_same_agency():
    assert accepted("000.00.00.G22", "000.00.00.H41").addressees == (
        Resolved("000.00.00.H41", "H41", "e-h41", "allow"),
    )


def test_a_commune_is_carried_by_its_province():
    assert accepted("G22", "H41.001").addressees == (Resolved("H41.001", "H41.001", "e-h41", "allow", via="H41"),)


def test_an_endpoint_gets_one_copy_for_all_its_agencies():
    found = accepted("G22", "H41.002", "H53", "H41", "H41.001")
    assert found.copies == {"e-h41": ("H41.002", "H41", "H41.001"), "e-h53": ("H53",)}
    assert list(found.copies) == ["e-h41", "e-h53"]


def test_a_closed_unit_with_one_successor_is_redirected_and_told():
    found = accepted("G22", "H63")
    assert found.addressees[0].organ_id == "H53"
    assert found.addressees[0].succession == Succession("H63", "H53", REFORM)
    assert found.notes == (Note(NoteKind.SUCCEEDED, "H63", "H53 since 2025-07-01"),)


def test_several_successors_are_never_guessed():
    assert refused("G22", "H41.31") == Rejection(
        Reason.RTE_SUCCESSOR_AMBIGUOUS,
        "To[1] H41.31 RTE.SUCCESSOR_AMBIGUOUS H41.31 until 2025-07-01: H41.001|H41.002",
        Place(f"{HEADER}/To[1]/OrganId"),
    )


def test_closed_without_successor_is_closed():
    assert refused("G22", "H41.32").code is Reason.RTE_ADDRESSEE_CLOSED


@pytest.mark.parametrize(
    "code", ["H99", "null", "H 41", "<b>", "LIST.UNKNOWN", "LIST.COMMUNES.H99", "LIST.COMMUNES.G22"]
)
def test_an_unknown_addressee_is_named(code):
    found = refused("G22", code)
    assert found.code is Reason.RTE_ADDRESSEE_UNKNOWN
    assert code in found.detail


def test_an_addressee_of_the_future_is_unknown_with_its_day():
    assert refused("G22", "H90").detail == "To[1] H90 RTE.ADDRESSEE_UNKNOWN H90 from 2027-01-01"


def test_one_bad_addressee_refuses_all_and_every_bad_one_is_named():
    found = refused("G22", "H41", "H99", "H53", "H41.32", "V01")
    assert found.code is Reason.RTE_ADDRESSEE_UNKNOWN
    assert found.at.path == f"{HEADER}/To[2]/OrganId"
    assert found.detail == (
        "To[2] H99 RTE.ADDRESSEE_UNKNOWN; To[4] H41.32 RTE.ADDRESSEE_CLOSED H41.32 until 2025-07-01; "
        "To[5] V01 RTE.NOT_CONNECTED allow"
    )


def test_a_detail_names_twenty_and_counts_the_rest():
    found = refused("G22", *(f"Z{number:02d}" for number in range(50)))
    assert found.detail.count("RTE.") == 20
    assert found.detail.endswith("; +30")


def test_foreign_text_in_a_detail_is_short_and_printable():
    detail = refused("G22", "\n\u202e" + "đ" * 5000).detail
    assert len(detail) < 150
    assert detail.isascii()
    assert detail.isprintable()


def test_nobody_connected_above_is_not_connected():
    assert refused("G22", "V01").code is Reason.RTE_NOT_CONNECTED


def test_direct_never_uses_a_carrier():
    direct = Rule("direct-only", Action.DIRECT)
    assert accepted("G22", "H41", rules=(direct,))
    found = refused("G22", "H41.001", rules=(direct,))
    assert (found.code, found.detail) == (
        Reason.RTE_NOT_CONNECTED,
        "To[1] H41.001 RTE.NOT_CONNECTED direct-only",
    )


def test_the_first_matching_rule_decides():
    ban = Rule("no-communes", Action.REFUSE, when(addressee_level="communal"))
    found = refused("G22", "H41.001", rules=(ban, ALLOW))
    assert (found.code, found.detail) == (Reason.RTE_FORBIDDEN, "To[1] H41.001 RTE.FORBIDDEN no-communes")
    assert accepted("G22", "H41.001", rules=(ALLOW, ban)).addressees[0].rule == "allow"


def test_what_no_rule_allows_is_forbidden():
    found = refused("G22", "H41", rules=(replace(ALLOW, conditions=when(sender="G12")),))
    assert (found.code, found.detail) == (Reason.RTE_FORBIDDEN, "To[1] H41 RTE.FORBIDDEN (no rule)")


def test_a_redirection_does_not_get_around_a_rule():
    ban = Rule("not-to-h53", Action.REFUSE, when(addressee="H53"))
    assert refused("G22", "H63", rules=(ban, ALLOW)).code is Reason.RTE_FORBIDDEN


@pytest.mark.parametrize(
    ("sender", "addressee", "relation"),
    [
        ("H41", "H41", "self"),
        ("H41.001", "H41", "ancestor"),
        ("H41", "H41.001", "descendant"),
        ("H41.001", "H41.002", "same_tree"),
        ("H41.001", "H53", "unrelated"),
    ],
)
def test_relations(sender, addressee, relation):
    only = Rule("only", Action.CARRY, when(relation=relation))
    assert accepted(sender, addressee, rules=(only,)).addressees[0].rule == "only"
    rest = tuple({"self", "ancestor", "descendant", "same_tree", "unrelated"} - {relation})
    assert refused(sender, addressee, rules=(Rule("only", Action.CARRY, when(relation=rest)),))


def test_rules_see_urgency_branch_line_and_connection():
    facts = when(
        priority="3", sender_branch="government", addressee_within="H41", connection="carried", direction="down"
    )
    sent = header("G22", "H41.001", priority=3)
    assert isinstance(route(sent, WORLD, Policy("p", (Rule("r", Action.CARRY, facts),)), DAY), Route)
    assert refused("G22", "H41.001", rules=(Rule("r", Action.CARRY, facts),)).code is Reason.RTE_FORBIDDEN


PAST = Rule("past", Action.CARRY, when(skips_level="yes"), notice=NoticeRule.SKIPPED_LEVELS)


def test_the_level_passed_over_gets_a_notice_without_the_content():
    found = accepted("H41.001", "G12", "G22", rules=(PAST,))
    assert found.notices == (Notice("H41", "e-h41", content=False, rule="past", addressees=("G12", "G22")),)


def test_the_content_goes_along_only_by_a_rule_that_says_so():
    found = accepted("H41.001", "G12", rules=(replace(PAST, notice_content=True),))
    assert found.notices[0].content


def test_a_level_that_is_addressed_itself_gets_no_notice():
    assert accepted("H41.001", "G12", "H41", rules=(PAST, ALLOW)).notices == ()


def test_a_notice_that_reaches_nobody_is_noted():
    deaf = directory(*AGENCIES, connections={"G12": "e-g12"})
    found = route(header("H41.001", "G12"), deaf, Policy("p", (PAST,)), DAY)
    assert isinstance(found, Route)
    assert found.notices == ()
    assert found.notes == (Note(NoteKind.NOTICE_UNREACHABLE, "H41", "past"),)


FROM = Place(f"{HEADER}/From/OrganId")


@pytest.mark.parametrize(
    ("sender", "rejection"),
    [
        ("H99", Rejection(Reason.RTE_SENDER_UNKNOWN, "H99", FROM)),
        ("", Rejection(Reason.RTE_SENDER_UNKNOWN, "", FROM)),
        ("H90", Rejection(Reason.RTE_SENDER_UNKNOWN, "H90 from 2027-01-01", FROM)),
        ("H63", Rejection(Reason.RTE_SENDER_CLOSED, "H63 until 2025-07-01: H53", FROM)),
        ("H41.32", Rejection(Reason.RTE_SENDER_CLOSED, "H41.32 until 2025-07-01", FROM)),
    ],
)
def test_a_sender_must_be_known_and_in_force(sender, rejection):
    assert routed(sender, "G22") == rejection
    assert check_sender(sender, "e-h41", WORLD, DAY) == rejection


def test_a_sender_comes_by_the_endpoint_that_serves_it():
    assert check_sender("H41.001", "e-h41", WORLD, DAY) is None
    assert check_sender("000.00.00.H41", "e-h53", WORLD, DAY) == Rejection(
        Reason.RTE_SENDER_NOT_SERVED, "H41 e-h53", FROM
    )
