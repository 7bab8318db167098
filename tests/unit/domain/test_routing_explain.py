from docaxis.domain.explain import Trial, explain
from docaxis.domain.rules import Action, NoticeRule, Policy, Rule
from docaxis.domain.verdict import Reason
from tests.routing_country import LISTS, WORLD
from tests.routing_world import ALLOW, DAY, when

PAST = Rule("past", Action.CARRY, when(direction="up", skips_level="yes"), NoticeRule.SKIPPED_LEVELS)
BAN = Rule("ban", Action.REFUSE, when(addressee_level="communal"))
POLICY = Policy("test", (PAST, BAN, ALLOW, Rule("after", Action.REFUSE)), LISTS)


def lines(sender: str, addressee: str) -> tuple[str, ...]:
    (told,) = explain(sender, addressee, WORLD, POLICY, DAY)
    return told.lines()


def test_each_rule_is_told_with_its_reason():
    (told,) = explain("G22", "H41", WORLD, POLICY, DAY)
    assert told.trials == (
        Trial("past", False, ("direction is down, needs up", "skips_level is no, needs yes")),
        Trial("ban", False, ("addressee_level is provincial, needs communal",)),
        Trial("allow", True),
        Trial("after", None),
    )
    assert told.lines()[-1] == "delivered to e-h41 (its own endpoint) by rule allow"


def test_carrier_and_notice_are_told():
    assert lines("H41.001", "G12")[-2:] == (
        "delivered to e-g12 (its own endpoint) by rule past",
        "notice to H41, the level passed over",
    )
    policy = Policy("open", (ALLOW,))
    (told,) = explain("G22", "H41.001", WORLD, policy, DAY)
    assert told.lines()[-1] == "delivered to e-h41 (carried by H41, its nearest connected ancestor) by rule allow"


def test_a_refusal_names_the_rule():
    assert lines("G22", "H41.001")[-1] == "refused: RTE.FORBIDDEN ban"


def test_a_succession_is_told():
    assert "succession: H63 closed 2025-07-01, now H53" in lines("G22", "H63")


def test_senders_and_addressees_that_lead_nowhere_are_refused():
    assert lines("H99", "G22")[-1] == "refused: RTE.SENDER_UNKNOWN H99"
    assert lines("G22", "H99")[-1] == "refused: RTE.ADDRESSEE_UNKNOWN"
    assert lines("G22", "LIST.COMMUNES.H99")[-1] == "refused: RTE.ADDRESSEE_UNKNOWN H99"


def test_a_list_is_told_member_by_member():
    told = explain("H41", "LIST.PROVINCES", WORLD, POLICY, DAY)
    assert [(one.organ_id, one.from_list, one.refusal) for one in told] == [("H53", "LIST.PROVINCES", "")]
    assert told[0].lines()[0] == "H41 -> LIST.PROVINCES on 2026-01-01, policy test"


def test_json_carries_the_same():
    (told,) = explain("G22", "H63", WORLD, POLICY, DAY)
    given = told.to_dict()
    assert given["succession"] == {"closed": "H63", "successor": "H53"}
    assert (given["from"], given["to"], given["on"], given["endpoint"]) == ("G22", "H63", "2026-01-01", "e-h53")
    assert given["refusal"] == ""
    (told,) = explain("G22", "V01", WORLD, POLICY, DAY)
    assert told.to_dict()["refusal"] == Reason.RTE_NOT_CONNECTED
