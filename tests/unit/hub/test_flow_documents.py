"""Updates, replacements and replies: what they say, what they do to earlier documents, and which are refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from docaxis.domain.envelope import Business, BusinessDocType, Code, Receiver, ReplacementInfo, ResponseFor
from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.hub.apply_flows import AT, FlowEffects, Link, judge_flow
from docaxis.hub.flows import BUSINESS, HEADER, Flow, addressed, number_key, read_flow
from docaxis.hub.ports import KnownDocument, Subject
from tests.earlier import AUTHOR, DIRECTORY, DOCUMENT, KEY, copy_of, document, mask, paper

UPDATE = Business(
    BusinessDocType.UPDATE,
    DOCUMENT,
    receivers=(Receiver("000.00.00.H01", "0"), Receiver("H12", "1"), Receiver("H13", "1")),
)
OTHER = "G22,2026/11/20,9/QĐ-TTg"
REPLACEMENT = Business(
    BusinessDocType.REPLACE, replacements=(ReplacementInfo(DOCUMENT), ReplacementInfo(OTHER), ReplacementInfo(DOCUMENT))
)
OWN = "G22,2026/11/21,8/QĐ-TTg"
WHOLE = Subject(AUTHOR, DOCUMENT, AUTHOR)


def flow_of(business: Business | None, *to: str, answers: tuple[ResponseFor, ...] = ()) -> Flow:
    """Return what a package says of earlier documents."""
    flow = read_flow(paper(business, *to, answers=answers), DIRECTORY)
    assert isinstance(flow, Flow)
    return flow


def test_update_names_one_document_and_whom_it_takes_off() -> None:
    assert flow_of(UPDATE, "H05") == Flow("update", (WHOLE,), ("H01",))


def test_update_adds_and_removes_addressees_also_where_the_removed_stand_in_to() -> None:
    envelope = paper(UPDATE, "H05", "H01", "000.00.00.H13")
    after = addressed(envelope.header, envelope, DIRECTORY)
    assert [one.organ_id for one in after.to] == ["H05", "000.00.00.H13", "H12"]
    assert after.document_id == envelope.header.document_id


def test_a_document_without_changes_keeps_its_addressees() -> None:
    envelope = paper(None, "H05", "H01")
    assert addressed(envelope.header, envelope, DIRECTORY) is envelope.header


def test_replacement_names_each_document_once() -> None:
    assert flow_of(REPLACEMENT, "H05") == Flow("replace", (WHOLE, WHOLE._replace(document_id=OTHER)))


def test_reply_names_the_document_and_its_sender() -> None:
    answers = (
        ResponseFor("000.00.00.H05", document_id="H05-1"),
        ResponseFor("H05"),
        ResponseFor("H05", document_id="H05-1"),
    )
    assert flow_of(None, "H05", answers=answers) == Flow("reply", (Subject("H05", "H05-1", AUTHOR, AUTHOR),))
    assert read_flow(paper(None, "H05"), DIRECTORY) is None


@pytest.mark.parametrize(
    ("business", "kind", "at"),
    [(replace(UPDATE, document_id=""), "2", "DocumentId"), (replace(UPDATE, document_id=OWN), "2", "DocumentId"),
     (Business(BusinessDocType.REPLACE), "3", "ReplacementInfoList"),
     (Business(BusinessDocType.REPLACE, replacements=(ReplacementInfo(OWN),)), "3", "ReplacementInfoList")],
)  # fmt: skip
def test_target_must_be_another_document(business: Business, kind: str, at: str) -> None:
    said = read_flow(paper(business, "H05"), DIRECTORY)
    assert said == Rejection(Reason.FLW_TARGET_MISSING, kind, Place(f"{BUSINESS}/{at}"))


def test_update_tells_the_removed_and_takes_back_what_nobody_has_seen() -> None:
    update = Flow("update", (WHOLE,), ("H01", "H12", "H13"))
    copies = (copy_of("H01", "dispatched", 3), copy_of("H05"), copy_of("H12", "waiting"), copy_of("H13"))
    effects = judge_flow(update, [document(*copies)], {"H05"})
    assert isinstance(effects, FlowEffects)
    assert effects.links == (Link("update", KEY, WHOLE),)
    assert [(one.delivery.organ_id, one.act, one.statuses) for one in effects.taken] == [
        ("H01", "removed", mask(3, 13)),
        ("H12", "withdrawn", mask(13)),
        ("H13", "withdrawing", mask(13)),
    ]
    assert effects.ended == ()


def test_replacement_ends_each_document_and_tells_who_gets_no_new_one() -> None:
    second = document(copy_of("H01", "waiting"), key=UUID(int=9))
    flow = flow_of(REPLACEMENT, "H05")
    first = document(copy_of("H01", "dispatched", 3), copy_of("H05", "dispatched", 3), copy_of("H12"))
    effects = judge_flow(flow, [first, second], {"H05"})
    assert isinstance(effects, FlowEffects)
    assert [link.target for link in effects.links] == [KEY, UUID(int=9)]
    assert effects.ended == (KEY, UUID(int=9))
    # Who keeps the old one is not asked for it; who gets the new one need not be told.
    assert [(one.delivery.organ_id, one.act, one.statuses, one.state) for one in effects.taken] == [
        ("H01", "replaced", mask(3), "dispatched"),
        ("H12", "withdrawing", mask(13), "dispatched"),
        ("H01", "withdrawn", mask(13), "withdrawn"),
    ]


@pytest.mark.parametrize("kind", ["update", "replace"])
@pytest.mark.parametrize(
    ("known", "reason", "detail", "at"),
    [(None, Reason.FLW_DOCUMENT_UNKNOWN, f"{AUTHOR} {DOCUMENT}", ""),
     (document(is_authors=False), Reason.FLW_NOT_SENDER, f"{AUTHOR} {DOCUMENT}", f"{HEADER}/From/OrganId"),
     *[(document(copy_of("H01"), state=state), Reason.FLW_NOT_ACTIVE, f"{DOCUMENT} {state}", "")
       for state in ("recalled", "replaced", "expired")]],
)  # fmt: skip
def test_refused_flows_have_their_place(
    kind: str, known: KnownDocument | None, reason: Reason, detail: str, at: str
) -> None:
    flow = Flow("update" if kind == "update" else "replace", (WHOLE,))
    assert judge_flow(flow, [known], ()) == Rejection(reason, detail, Place(at or AT[kind]))


def test_one_refused_document_refuses_the_whole_replacement() -> None:
    known = [document(copy_of("H01")), document(copy_of("H01"), state="replaced", key=UUID(int=9))]
    refused = judge_flow(flow_of(REPLACEMENT, "H05"), known, ())
    assert isinstance(refused, Rejection)
    assert refused.code is Reason.FLW_NOT_ACTIVE


def test_only_who_has_it_can_be_taken_off() -> None:
    refused = judge_flow(Flow("update", (WHOLE,), ("H01", "H12")), [document(copy_of("H01"))], ())
    at = Place(f"{BUSINESS}/BussinessDocumentInfo/ReceiverList/Receiver/OrganId")
    assert refused == Rejection(Reason.FLW_NOT_ADDRESSEE, "H12", at)


@pytest.mark.parametrize(
    ("known", "target"),
    [
        (document(copy_of("H05"), is_authors=False), KEY),
        (document(), KEY),
        (document(is_authors=False), None),
        (None, None),
    ],
    ids=["addressee", "sender", "stranger", "unknown"],
)
def test_a_reply_is_linked_only_for_a_party_of_the_document(known: KnownDocument | None, target: UUID | None) -> None:
    subject = Subject(AUTHOR, DOCUMENT, "H05", "H05")
    assert judge_flow(Flow("reply", (subject,)), [known], ()) == FlowEffects((Link("reply", target, subject),))


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [(Code("8", "QĐ-TTg"), 0, "G22 8/QĐ-TTg 2026"), (Code("008", "QĐ-TTg"), 3, "G22 8/QĐ-TTg 2026"),
     (Code("0", "QĐ-TTg"), 0, "G22 0/QĐ-TTg 2026"), (Code("", "QĐ-TTg"), 0, ""), (Code("8", ""), 0, ""),
     (Code("8", "QĐ-TTg"), 1, ""), (Code("8", "QĐ-TTg"), 2, "")],
)  # fmt: skip
def test_the_second_key(code: Code, kind: int, expected: str) -> None:
    header = paper(code=code).header
    assert number_key(AUTHOR, header, BusinessDocType(kind), date(2026, 11, 20)) == expected
    issued = replace(header, promulgation_info=replace(header.promulgation_info, promulgation_date=date(2025, 12, 31)))
    assert number_key(AUTHOR, issued, BusinessDocType(kind), date(2026, 1, 2)) == expected.replace("2026", "2025")
