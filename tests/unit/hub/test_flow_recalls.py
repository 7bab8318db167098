"""Who may take a document back, and what becomes of each copy: by small tables."""

import pytest

from docaxis.domain.envelope import Business, BusinessDocType, ResponseFor
from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.hub.apply_flows import TakenBack, judge_recall, take_back
from docaxis.hub.flows import HEADER, Recalling, read_order
from docaxis.hub.ports import KnownDelivery, KnownDocument, Subject
from tests.earlier import AUTHOR, DIRECTORY, DOCUMENT, POLICY, SIGNER, copy_of, document, mask, order, paper, status

RECALL = Business(BusinessDocType.RECALL, DOCUMENT, "Gửi nhầm")
OWN = "G22,2026/11/21,8/QĐ-TTg"


def one_only(organ_id: str = "H01") -> Recalling:
    """Return a request (13) for one addressee's copy."""
    said = status("13", author=AUTHOR, other=organ_id)
    assert isinstance(said, Recalling)
    return said


def acts(back: TakenBack | Rejection) -> list[tuple[str, str]]:
    """Return what became of whose copy."""
    assert isinstance(back, TakenBack)
    return [(one.delivery.organ_id, one.act) for one in back.taken]


def test_an_order_names_the_document_and_whom_it_is_taken_from() -> None:
    said = order(paper(RECALL, "000.00.00.H01", "H05", "H01"))
    assert (said.subject, said.organ_ids, said.own_id) == (Subject(AUTHOR, DOCUMENT, AUTHOR), ("H01", "H05"), OWN)
    assert (said.is_order, said.reason) == (True, "Gửi nhầm")


def test_an_order_to_a_list_means_everybody() -> None:
    assert order(paper(RECALL, "H01", next(iter(POLICY.lists)))).organ_ids == ()


@pytest.mark.parametrize(
    ("business", "answers", "meant"),
    [(RECALL, (), DOCUMENT),
     (Business(BusinessDocType.RECALL), (ResponseFor(AUTHOR, document_id=DOCUMENT),), DOCUMENT),
     (Business(BusinessDocType.RECALL), (ResponseFor(AUTHOR, document_id=OWN),), OWN),
     (Business(BusinessDocType.RECALL), (), OWN)],
)  # fmt: skip
def test_where_an_order_names_its_document(business: Business, answers: tuple[ResponseFor, ...], meant: str) -> None:
    assert order(paper(business, "H01", answers=answers)).subject.document_id == meant


def test_an_order_to_nobody_that_is_known_is_refused() -> None:
    envelope = paper(RECALL, "H01", "Z99.Z99")
    assert read_order(envelope, SIGNER, DIRECTORY, POLICY) == Rejection(
        Reason.FLW_NOT_ADDRESSEE, "Z99.Z99", Place(f"{HEADER}/To[2]/OrganId")
    )


FATES = [
    # copy before, act, codes after, state after
    (copy_of("H01", "waiting"), "withdrawn", (13,), "withdrawn"),
    (copy_of("H01", "dispatched"), "withdrawing", (13,), "dispatched"),
    (copy_of("H01", "dispatched", fetched=True), "asked", (13,), "dispatched"),
    (copy_of("H01", "dispatched", 1, 3, fetched=True), "asked", (1, 3, 13), "dispatched"),
    # Whoever has told anything of it has it, acknowledged or not.
    (copy_of("H01", "dispatched", 1), "asked", (1, 13), "dispatched"),
    # Asked again: told again, nothing else changes.
    (copy_of("H01", "dispatched", 13), "withdrawing", (13,), "dispatched"),
    (copy_of("H01", "dispatched", 13, 16, fetched=True), "asked", (13, 16), "dispatched"),
    (copy_of("H01", "dispatched", 13, 15, fetched=True), "recorded", (13, 15), "dispatched"),
    (copy_of("H01", "withdrawn", 13), "withdrawn", (13,), "withdrawn"),
    (copy_of("H01", "expired"), "expired", (), "expired"),
]


@pytest.mark.parametrize(("copy", "act", "after", "state"), FATES)
@pytest.mark.parametrize("said", [one_only(), order(paper(RECALL, "H01"))], ids=["13", "order"])
def test_fate_of_a_copy(said: Recalling, copy: KnownDelivery, act: str, after: tuple[int, ...], state: str) -> None:
    back = judge_recall(said, document(copy, copy_of("H05")))
    assert isinstance(back, TakenBack)
    assert [(one.act, one.statuses, one.state) for one in back.taken] == [(act, mask(*after), state)]


def test_an_order_to_everybody_takes_every_copy_in_the_order_of_addressees() -> None:
    some = Recalling(paper(RECALL), SIGNER, AUTHOR, Subject(AUTHOR, DOCUMENT, AUTHOR), (), "")
    copies = (copy_of("H01", fetched=True), copy_of("H05"), copy_of("H12", "waiting"))
    assert acts(judge_recall(some, document(*copies))) == [
        ("H01", "asked"),
        ("H05", "withdrawing"),
        ("H12", "withdrawn"),
    ]


UNKNOWN = Rejection(Reason.FLW_DOCUMENT_UNKNOWN, f"{AUTHOR} {DOCUMENT}", Place(f"{HEADER}/ResponseFor/DocumentId"))
STRANGE = Rejection(Reason.FLW_NOT_SENDER, f"{AUTHOR} {DOCUMENT}", Place(f"{HEADER}/From/OrganId"))


@pytest.mark.parametrize(
    ("said", "known", "refusal"),
    [(one_only(), None, UNKNOWN),
     (one_only(), document(copy_of("H01"), is_authors=False), STRANGE),
     (one_only("H12"), document(copy_of("H01")),
      Rejection(Reason.FLW_NOT_ADDRESSEE, "H12", Place(f"{HEADER}/ResponseFor/OrganId"))),
     (order(paper(RECALL, "H12", "H13")), document(copy_of("H13")),
      Rejection(Reason.FLW_NOT_ADDRESSEE, "H12", Place(f"{HEADER}/To/OrganId")))],
)  # fmt: skip
def test_refused_recalls_have_their_place(said: Recalling, known: KnownDocument | None, refusal: Rejection) -> None:
    assert judge_recall(said, known) == refusal


@pytest.mark.parametrize(
    ("state", "by_order", "by_13"),
    [("active", True, True), ("recalled", False, True), ("replaced", False, False), ("expired", False, False)],
)
def test_what_has_ended_cannot_be_ordered_back_but_one_copy_asked_for_again(
    state: str, by_order: bool, by_13: bool
) -> None:
    known = document(copy_of("H01", fetched=True), state=state)
    for said, holds in ((order(paper(RECALL, "H01")), by_order), (one_only(), by_13)):
        back = judge_recall(said, known)
        assert isinstance(back, TakenBack) is holds
        if not holds:
            assert back == Rejection(Reason.FLW_NOT_ACTIVE, state, Place(f"{HEADER}/ResponseFor/DocumentId"))


SHARED = [
    # copies of one endpoint, who is wanted, what becomes of whom
    ((("H01", "dispatched"), ("H05", "dispatched")), {"H01"}, [("H01", "asked", "dispatched")]),
    ((("H01", "dispatched"), ("H05", "dispatched")), {"H01", "H05"},
     [("H01", "withdrawing", "dispatched"), ("H05", "withdrawing", "dispatched")]),
    ((("H01", "dispatched"), ("H05", "dispatched", 13)), {"H01"}, [("H01", "withdrawing", "dispatched")]),
    ((("H01", "waiting"), ("H05", "waiting")), {"H01"}, [("H01", "asked", "waiting")]),
    ((("H01", "waiting"), ("H05", "waiting")), {"H01", "H05"},
     [("H01", "withdrawn", "withdrawn"), ("H05", "withdrawn", "withdrawn")]),
    # The last of those who shared it: none of the copy's rows may stay in the waiting line.
    ((("H01", "waiting"), ("H05", "waiting", 13)), {"H01"},
     [("H01", "withdrawn", "withdrawn"), ("H05", "withdrawn", "withdrawn")]),
]  # fmt: skip


@pytest.mark.parametrize(("copies", "wanted", "expected"), SHARED)
def test_a_shared_copy_goes_when_nobody_is_to_have_it(
    copies: tuple[tuple[str, str], ...], wanted: set[str], expected: list[tuple[str, str, str]]
) -> None:
    shared = [copy_of(*one, endpoint="e-both") for one in copies]
    taken = take_back(document(*shared, copy_of("H12")), wanted)
    assert [(one.delivery.organ_id, one.act, one.state) for one in taken] == expected


def test_organization_is_named_once() -> None:
    assert order(paper(RECALL, "H01", "000.00.00.H01")).organ_ids == ("H01",)
