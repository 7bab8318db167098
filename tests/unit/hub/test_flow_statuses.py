"""What a status does to its addressee's copy, and which are refused: by small tables."""

import pytest

from docaxis.domain.envelope import Organization, ResponseFor, StatusEnvelope
from docaxis.domain.status import StatusCode
from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.hub.apply_flows import Advanced, judge_report
from docaxis.hub.flows import HEADER, Recalling, Reported, read_report
from docaxis.hub.ports import KnownDelivery, Subject
from tests.earlier import AUTHOR, DIRECTORY, DOCUMENT, SIGNER, TODAY, copy_of, document, mask, status


def reported(code: str) -> Reported:
    """Return a status of an addressee."""
    said = status(code)
    assert isinstance(said, Reported)
    return said


def test_status_names_the_copy_by_canonical_codes() -> None:
    said = status("03", author="000.00.00.H01", other="000.00.00.G22")
    assert isinstance(said, Reported)
    assert said.subject == Subject(AUTHOR, DOCUMENT, "H01", "H01")
    assert (said.author, said.party, said.code) == ("H01", AUTHOR, StatusCode.ACCEPTED)


def test_thirteen_is_the_senders_and_names_one_addressee() -> None:
    said = status("13", author=AUTHOR, other="000.00.00.H05")
    assert isinstance(said, Recalling)
    assert (said.subject, said.organ_ids) == (Subject(AUTHOR, DOCUMENT, AUTHOR), ("H05",))
    assert (said.is_order, said.own_id, said.reason) == (False, "", "vì thế")


@pytest.mark.parametrize("code", ["00", "07", "14", "17", "99", "3", "x"])
def test_unknown_code_is_refused_at_its_place(code: str) -> None:
    said = read_report(
        StatusEnvelope(Organization("H01"), ResponseFor(AUTHOR, document_id=DOCUMENT), code), SIGNER, DIRECTORY, TODAY
    )
    assert said == Rejection(Reason.FLW_CODE_UNKNOWN, code, Place(f"{HEADER}/StatusCode"))


TAKEN = [
    # copy before, code, applied, codes after
    (copy_of("H01"), "01", True, (1,)),
    (copy_of("H01"), "06", True, (6,)),
    (copy_of("H01", "dispatched", 1, fetched=True), "03", True, (1, 3)),
    (copy_of("H01", "dispatched", 5), "03", False, (3, 5)),
    (copy_of("H01", "dispatched", 3), "03", False, (3,)),
    (copy_of("H01", "dispatched", 2), "03", True, (2, 3)),
    (copy_of("H01", "dispatched", 13), "15", True, (13, 15)),
    (copy_of("H01", "dispatched", 13, 15), "16", False, (13, 15, 16)),
    (copy_of("H01", "dispatched", 13, 16), "15", True, (13, 15, 16)),
    # Unasked: recorded as said; the sender sees it.
    (copy_of("H01"), "15", True, (15,)),
    # It may have been fetched before it expired.
    (copy_of("H01", "expired"), "01", True, (1,)),
]


@pytest.mark.parametrize(("copy", "code", "applied", "after"), TAKEN)
def test_status_advances_its_copy(copy: KnownDelivery, code: str, applied: bool, after: tuple[int, ...]) -> None:
    done = judge_report(reported(code), document(copy))
    assert isinstance(done, Advanced)
    assert done.step == (mask(*after), applied)
    assert done.code.written == code
    assert done.delivery == copy


@pytest.mark.parametrize(
    ("code", "means"), [("03", StatusCode.AGREED), ("02", StatusCode.DECLINED), ("15", StatusCode.AGREED),
                        ("16", StatusCode.DECLINED), ("01", StatusCode.ARRIVED), ("06", StatusCode.FINISHED)]
)  # fmt: skip
def test_answers_to_an_order_named_by_its_own_id(code: str, means: StatusCode) -> None:
    done = judge_report(reported(code), document(copy_of("H01", "dispatched", 1, 13, fetched=True), by_order=True))
    assert isinstance(done, Advanced)
    assert done.code is means
    assert done.step.statuses == mask(1, 13, int(means))


@pytest.mark.parametrize("state", ["active", "recalled", "replaced", "expired"])
def test_a_document_that_has_ended_may_still_be_reported_on(state: str) -> None:
    assert isinstance(judge_report(reported("03"), document(copy_of("H01"), state=state)), Advanced)


def test_refused_statuses_have_their_place() -> None:
    said = reported("03")
    assert judge_report(said, None) == Rejection(
        Reason.FLW_DOCUMENT_UNKNOWN, f"{AUTHOR} {DOCUMENT}", Place(f"{HEADER}/ResponseFor/DocumentId")
    )
    assert judge_report(said, document()) == Rejection(Reason.FLW_NOT_ADDRESSEE, "H01", Place(f"{HEADER}/From/OrganId"))
    for state in ("waiting", "withdrawn"):
        assert judge_report(said, document(copy_of("H01", state))) == Rejection(
            Reason.FLW_NOT_DISPATCHED, state, Place(f"{HEADER}/StatusCode")
        )
