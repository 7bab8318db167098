"""The packages that say something of an earlier document: what stands in them, and what is refused before it is sent."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapters import flows
from adapters.flows import FlowError
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import (
    Business,
    BusinessDocType,
    Envelope,
    MessageHeader,
    Organization,
    Receiver,
    ReplacementInfo,
    ResponseFor,
    StaffInfo,
    StatusEnvelope,
)
from docaxis.domain.status import StatusCode
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.status_writer import write_status
from docaxis.edxml.writer import write_envelope
from docaxis.hub.flows import Flow, read_flow
from tests.vectors import packages

ORIGINAL = replace(packages.DOCUMENT, business=None)
ID, SENDER = ORIGINAL.header.document_id, ORIGINAL.header.sender.organ_id
EARLIER = ResponseFor(SENDER, "7816/VPCP-TTĐT", date(2026, 9, 30), ID)
NOW = datetime(2026, 10, 1, 1, 8, 36, 999, tzinfo=UTC)
MINE = Organization("000.00.00.H41")
NEW = Envelope(
    MessageHeader(Organization(SENDER), (Organization("000.00.00.H41"), Organization("H14.02")), "new", "Mới")
)
OLD = ReplacementInfo("older")
NOBODY = Directory.build((), (), {})


def again(package: Envelope | StatusEnvelope) -> object:
    """Return what a reader sees of a package."""
    body = write_status(package) if isinstance(package, StatusEnvelope) else write_envelope(package)
    parsed = parse(body)
    assert isinstance(parsed, ParsedXml)
    return read_envelope(parsed)


def what_it_does(package: Envelope) -> Flow:
    flow = read_flow(package, NOBODY)
    assert isinstance(flow, Flow), flow
    return flow


def test_an_earlier_document_is_named_by_its_package():
    assert flows.earlier_document(ID, original=ORIGINAL) == EARLIER


def test_an_id_of_the_common_form_tells_sender_number_and_day():
    assert flows.earlier_document(ID) == EARLIER
    assert flows.earlier_document(ID, "g12").organ_id == "G12"


def test_an_id_of_another_form_needs_the_sender():
    assert flows.earlier_document("5f3c", "G12") == ResponseFor("G12", "", None, "5f3c")
    for document_id in ("5f3c", "not an agency!,2026/01/05,1/A"):
        with pytest.raises(FlowError, match="cannot be told"):
            flows.earlier_document(document_id)


def test_a_day_that_is_none_is_left_out():
    assert flows.earlier_document("G22,2014/02/30,7806/VPCP") == ResponseFor(
        "G22", "7806/VPCP", None, "G22,2014/02/30,7806/VPCP"
    )


@pytest.mark.parametrize(("document_id", "sender"), [("another", ""), (ID, "G12")])
def test_the_package_of_another_document_is_refused(document_id, sender):
    with pytest.raises(FlowError, match="original package is"):
        flows.earlier_document(document_id, sender, ORIGINAL)


@pytest.mark.parametrize("code", [code for code in StatusCode if code is not StatusCode.RECALL_ASKED])
def test_an_addressee_reports_to_the_sender(code):
    status = flows.status_of(EARLIER, code, MINE, NOW, reason="vì")
    assert (status.response_for, status.status_code, status.description) == (EARLIER, code.written, "vì")
    assert again(status) == status


def test_without_a_reason_the_code_is_described():
    assert flows.status_of(EARLIER, StatusCode.ACCEPTED, MINE, NOW).description == "Đã tiếp nhận"


def test_the_sender_asks_one_addressee():
    status = flows.status_of(
        EARLIER, StatusCode.RECALL_ASKED, Organization(SENDER), NOW, reason="Gửi nhầm", addressee="H41"
    )
    assert status.response_for == replace(EARLIER, organ_id="H41")
    assert again(status) == status


@pytest.mark.parametrize(
    ("code", "mine", "reason", "addressee", "told"),
    [
        (StatusCode.REFUSED, "H41", "", "", "needs a reason"),
        (StatusCode.RECALL_ASKED, SENDER, "", "H41", "needs a reason"),
        (StatusCode.RECALL_ASKED, SENDER, "vì", "", "names an addressee"),
        (StatusCode.ACCEPTED, "H41", "", "H14", "names an addressee"),
        (StatusCode.RECALL_ASKED, "H41", "vì", "H14", "said by the sender"),
        (StatusCode.ACCEPTED, SENDER, "", "", "said by an addressee"),
    ],
)
def test_a_status_that_nobody_could_understand_is_refused(code, mine, reason, addressee, told):
    with pytest.raises(FlowError, match=told) as raised:
        flows.status_of(EARLIER, code, Organization(mine), NOW, reason=reason, addressee=addressee)
    assert raised.value.vi


def test_a_reply_names_what_it_answers_and_reaches_who_asked():
    made = flows.replying(NEW, EARLIER)
    assert made.header.response_for == (EARLIER,)
    assert [one.organ_id for one in made.header.to] == ["000.00.00.H41", "H14.02", SENDER]
    assert flows.replying(made, EARLIER) == made
    assert again(made) == made
    assert [one.document_id for one in what_it_does(made).subjects] == [ID]


def test_a_recall_repeats_the_header_under_an_id_of_its_own():
    made = flows.recalling(ORIGINAL, "Sai phụ lục")
    assert made.header == replace(ORIGINAL.header, document_id=f"{ID}/TH", due_date=None, response_for=(EARLIER,))
    assert made.business is not None
    assert (made.business.doc_type, made.business.document_id, made.business.reason) == (
        BusinessDocType.RECALL, ID, "Sai phụ lục",
    )  # fmt: skip
    assert not made.attachments
    assert again(made) == made
    assert flows.recalling(ORIGINAL, "Sai", document_id="mine").header.document_id == "mine"


def test_a_recall_needs_a_reason_and_an_id_of_its_own():
    with pytest.raises(FlowError, match="reason"):
        flows.recalling(ORIGINAL, "")
    with pytest.raises(FlowError, match="id of its own"):
        flows.recalling(ORIGINAL, "Sai", document_id=ID)


def test_an_update_adds_and_removes_addressees():
    made = flows.updating(NEW, ID, added=("H10", "H14.02"), removed=("000.00.00.H41",), reason="Thêm nơi nhận")
    assert [one.organ_id for one in made.header.to] == ["H14.02", "H10"]
    assert made.business is not None
    assert (made.business.doc_type, made.business.document_id) == (BusinessDocType.UPDATE, ID)
    assert made.business.receivers == (Receiver("000.00.00.H41", "0"), Receiver("H10", "1"), Receiver("H14.02", "1"))
    assert (made.business.document_info, made.business.document_receiver) == ("0", "1")
    assert again(made) == made
    assert what_it_does(made).kind == "update"
    assert what_it_does(made).removed == ("000.00.00.H41",)


def test_an_update_of_the_content_alone_changes_no_addressee():
    made = flows.updating(replace(NEW, attachments=ORIGINAL.attachments), ID)
    assert made.header == NEW.header
    assert made.business is not None
    assert (made.business.document_info, made.business.document_receiver, made.business.receivers) == ("1", "0", ())


def test_an_update_that_cannot_be_is_refused():
    with pytest.raises(FlowError, match="id of its own"):
        flows.updating(NEW, "new")
    with pytest.raises(FlowError, match="both added and removed"):
        flows.updating(NEW, ID, added=("H10",), removed=("H10",))
    with pytest.raises(FlowError, match="no addressee is left"):
        flows.updating(NEW, ID, removed=("000.00.00.H41", "H14.02"))


def test_a_replacement_names_each_document_and_who_had_it():
    named = [flows.replaced_document(ID, ORIGINAL), flows.replaced_document("older")]
    assert named == [ReplacementInfo(ID, ("000.00.00.H41", "H14.02", "vxp.saas.03")), ReplacementInfo("older")]
    made = flows.replacing(NEW, named, reason="Sửa Điều 3")
    assert again(made) == made
    assert what_it_does(made).kind == "replace"
    assert [one.document_id for one in what_it_does(made).subjects] == [ID, "older"]


@pytest.mark.parametrize("build", [lambda new: flows.updating(new, ID), lambda new: flows.replacing(new, [OLD])])
def test_what_the_draft_says_of_paper_and_staff_stays(build):
    staff = StaffInfo("Văn thư", "Lê C")
    made = build(replace(NEW, business=Business(paper="1", staff=staff)))
    assert made.business is not None
    assert (made.business.paper, made.business.staff) == ("1", staff)


def test_a_replacement_that_cannot_be_is_refused():
    with pytest.raises(FlowError, match="no replaced document"):
        flows.replacing(NEW, [])
    with pytest.raises(FlowError, match="id of its own"):
        flows.replacing(NEW, [ReplacementInfo("new")])
    with pytest.raises(FlowError, match="original package is"):
        flows.replaced_document("older", ORIGINAL)
