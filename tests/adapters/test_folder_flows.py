"""What happens to a document after it was sent, as a clerk sees it in the folder."""

import tomllib
from pathlib import Path

import pytest

from adapters.draft import read_draft
from adapters.draft_values import DraftError
from docaxis.domain import wire
from docaxis.domain.envelope import BusinessDocType, Envelope, StatusEnvelope
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from tests.adapters.desk import KILLED, Desk, package, signed
from tests.adapters.standin import ORGAN, SENDER, StandInHub
from tests.adapters.words import DOCUMENT, KEY, effect, request, status

pytestmark = pytest.mark.broker


@pytest.fixture
def desk(tmp_path: Path, hub: StandInHub) -> Desk:
    desk = Desk(tmp_path, hub)
    desk.set_up()
    return desk


def read(octets: bytes) -> Envelope | StatusEnvelope:
    found = read_envelope(parse(octets))  # type: ignore[arg-type]
    assert isinstance(found, Envelope | StatusEnvelope), found
    return found


def texts(desk: Desk, folder: str) -> dict[str, str]:
    return {name: (desk.folder / folder / name).read_text() for name in desk.names(folder)}


async def test_an_arrival_is_told_once_and_a_refusal_of_it_is_kept(desk: Desk):
    for number in ("1", "2"):
        body, key = signed(package(number=number)), number * 32
        note = desk.hub.note(body, key, sequence=int(number), document_id=f"{ORGAN},2026/11/22,{number}/SYT")
        await desk.hub.deliver(body, key=key, note=note)
    desk.hub.answer = lambda one: (
        ("rejected", "RTE.SENDER_UNKNOWN") if one.message_id.startswith("01-22") else ("accepted", "")
    )
    assert await desk.once() == 0
    assert await desk.once() == 0
    assert [one.message_id for one in desk.hub.statuses] == [f"01-{number * 32}-{ORGAN}" for number in ("1", "2")]
    told = read(desk.hub.statuses[0].body)
    assert isinstance(told, StatusEnvelope)
    assert (told.sender.organ_id, told.status_code, told.response_for.organ_id) == (ORGAN, "01", SENDER)
    assert (told.response_for.code, told.response_for.document_id) == ("1/SYT", f"{ORGAN},2026/11/22,1/SYT")
    [kept] = desk.names("refused")
    assert "RTE.SENDER_UNKNOWN" in texts(desk, f"refused/{kept}")["status.reason.txt"]


async def test_arrivals_are_not_told_where_the_settings_say_so(desk: Desk):
    text = desk.settings_file.read_text()
    desk.settings_file.write_text(text + "[statuses]\narrived = false\n")
    await desk.hub.deliver(signed(package()))
    assert await desk.once() == 0
    assert not desk.hub.statuses


async def test_statuses_lie_under_their_document_with_a_timeline(desk: Desk):
    await desk.hub.pass_on(status("01", author=SENDER + "1"), effect("advanced"))
    await desk.hub.pass_on(status("02", "Sai nơi nhận\nlần hai", author=SENDER + "1"), effect("advanced"))
    assert await desk.once() == 0
    [folder] = desk.names("statuses")
    assert folder == "000 00 00 g01 2026 11 22 5 vp"
    names = desk.names(f"statuses/{folder}")
    assert len(names) == 5
    assert sum(name.endswith(".receipt.xml") for name in names) == 2
    assert sum("-01-" in name for name in names) == 2
    lines = (desk.folder / "statuses" / folder / "timeline.txt").read_text().splitlines()
    assert ["từ chối tiếp nhận / refused" in line for line in lines] == [False, True]
    assert "“Sai nơi nhận lần hai”" in lines[1]
    assert lines[1].startswith("22/11/2026 10:00:00 (+07)  02 ")


async def test_what_was_taken_back_before_the_program_ran_never_shows(desk: Desk):
    await desk.hub.deliver(signed(package()), key=KEY)
    await desk.hub.pass_on(request(), effect("withdrawing"))
    assert await desk.once() == 0
    assert desk.names("inbox") == []
    assert desk.names("recalls") == ["withdrawn.txt"]
    [line] = (desk.folder / "recalls/withdrawn.txt").read_text().splitlines()
    assert DOCUMENT in line
    assert "“Gửi nhầm”" in line
    assert ("normal", 1) in desk.hub.withdrawn
    assert not desk.hub.fetched
    assert not desk.hub.statuses


@pytest.mark.parametrize(
    ("step", "shown"),
    [("folder-built", False), ("folder-intended", False), ("folder-renamed", True), ("before-journal", True)],
)
async def test_taken_back_while_the_program_was_dead_half_way(desk: Desk, step: str, shown: bool):
    """What nobody can have seen goes without a trace, half-made folders too; what was shown is asked for."""
    await desk.hub.deliver(signed(package()), key=KEY)
    assert await desk.once(step) == KILLED
    await desk.hub.pass_on(request(), effect("withdrawing"))
    assert await desk.once() == 0
    assert len(desk.names("inbox")) == shown
    assert list((desk.folder / "inbox/.arriving").iterdir()) == []
    assert bool(desk.hub.withdrawn) is not shown
    assert bool(desk.hub.fetched) is shown
    assert len(desk.hub.statuses) == shown
    assert desk.names("recalls") != ["withdrawn.txt"] if shown else desk.names("recalls") == ["withdrawn.txt"]


async def test_a_clerk_consents_by_moving_a_file(desk: Desk):
    await desk.hub.deliver(signed(package()), key=KEY)
    assert await desk.once() == 0
    await desk.hub.pass_on(request(), effect("asked"))
    assert await desk.once() == 0
    [folder] = desk.names("recalls")
    found = texts(desk, f"recalls/{folder}")
    assert list(found) == ["agree.status.toml", "decline.status.toml", "package.edxml", "receipt.xml", "what-to-do.txt"]
    assert found["package.edxml"].encode() == (desk.folder / "recalls" / folder / "package.edxml").read_bytes()
    assert "YÊU CẦU LẤY LẠI VĂN BẢN" in found["what-to-do.txt"]
    assert "move ONE of these" in found["what-to-do.txt"]
    assert tomllib.loads(found["decline.status.toml"])["code"] == "16"
    desk.put("agree.status.toml", found["agree.status.toml"])
    assert await desk.once() == 0
    assert desk.names("sent") == ["agree.status"]
    sent = read(desk.hub.statuses[-1].body)
    assert isinstance(sent, StatusEnvelope)
    assert (sent.status_code, sent.sender.organ_id, sent.response_for.document_id) == ("15", ORGAN, DOCUMENT)


async def test_reports_of_the_hub_are_kept_with_a_text(desk: Desk):
    await desk.hub.report("r1")
    assert await desk.once() == 0
    assert len(desk.names("reports")) == 2
    text = next(text for name, text in texts(desk, "reports").items() if name.endswith(".txt"))
    assert "Chưa nhận được phản hồi" in text
    assert "No answer about document" in text


async def test_a_clerks_status_is_built_signed_and_sent(desk: Desk):
    desk.put("nhận.status.toml", f'document_id = "{DOCUMENT}"\ncode = 3\nreason = "Đã vào sổ số 12"\n')
    desk.put("trả.status.toml", f'document_id = "{DOCUMENT}"\ncode = "02"\n')
    desk.put("lạ.status.toml", f'document_id = "{DOCUMENT}"\ncode = "07"\n')
    assert await desk.once() == 0
    assert desk.names("sent/nhận.status") == [
        "nhận.status.edxml", "nhận.status.receipt.txt", "nhận.status.receipt.xml", "nhận.status.toml",
    ]  # fmt: skip
    [sent] = desk.hub.statuses
    assert wire.digest_of((desk.folder / "sent/nhận.status/nhận.status.edxml").read_bytes()) == sent.digest
    told = read(sent.body)
    assert isinstance(told, StatusEnvelope)
    assert (told.status_code, told.description, told.response_for.code) == ("03", "Đã vào sổ số 12", "5/VP")
    assert desk.names("refused") == ["lạ.status", "trả.status"]
    assert "phải kèm lý do" in texts(desk, "refused/trả.status")["trả.status.reason.txt"]


async def test_drafts_of_recall_update_and_replacement(desk: Desk):
    own = f"{ORGAN},2026/11/20,3/SYT"
    to = f'to = ["{SENDER}"]\n'
    desk.put("r.toml", f'business = "recall"\nupdates = "{own}"\nreason = "Sai số liệu"\n{to}')
    desk.put(
        "u.toml", f'business = "update"\nupdates = "{own}"\nsubject = "Sửa"\nadded = ["H05"]\nremoved = ["H06"]\n{to}'
    )
    desk.put("p.pdf", b"%PDF-1.7\n%%EOF\n")
    replaced = f'[[replaces]]\ndocument_id = "{own}"\nto = ["H06"]\n'
    desk.put("p.toml", f'business = "replace"\nsubject = "Thay thế"\nfiles = ["p.pdf"]\n{to}{replaced}')
    assert await desk.once() == 0
    assert desk.names("sent") == ["p", "r", "u"]
    by_kind = {}
    for one in desk.hub.arrived:
        envelope = read(one.body)
        assert isinstance(envelope, Envelope)
        assert envelope.business
        by_kind[envelope.business.doc_type] = envelope
    recall = by_kind[BusinessDocType.RECALL]
    assert recall.business
    assert (recall.business.document_id, recall.header.document_id) == (own, own + "/TH")
    assert (recall.header.response_for[0].document_id, recall.business.reason) == (own, "Sai số liệu")
    update = by_kind[BusinessDocType.UPDATE]
    assert update.business
    assert update.business.document_id == own
    assert {one.organ_id: one.receiver_type for one in update.business.receivers} == {"H05": "1", "H06": "0"}
    assert [one.organ_id for one in update.header.to] == [SENDER, "H05"]
    replacement = by_kind[BusinessDocType.REPLACE].business
    assert replacement
    assert [(one.document_id, one.organ_ids) for one in replacement.replacements] == [(own, ("H06",))]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('business = "withdraw"\nupdates = "x"', "business"),
        ('business = "recall"\nupdates = "x"', "reason"),
        ('business = "recall"\nreason = "x"', "updates"),
        ('business = "recall"\nupdates = "x"\nreason = "x"\nadded = ["H05"]', "added"),
        ('business = "update"\nupdates = "x"\nsubject = "x"\nremoved = "H05"', "removed"),
        ('business = "replace"\nsubject = "x"\nfiles = ["p.pdf"]\nreplaces = ["x"]', "replaces"),
        ('business = "replace"\nsubject = "x"\nfiles = ["p.pdf"]\n[[replaces]]\nid = "x"', "id"),
        ('business = "replace"\nsubject = "x"\n[[replaces]]\ndocument_id = "x"', "files"),
        ('updates = "x"\nsubject = "x"\nfiles = ["p.pdf"]', "updates"),
    ],
)
def test_a_flow_that_makes_no_sense_names_the_key(text: str, key: str):
    with pytest.raises(DraftError) as told:
        read_draft(f'to = ["H01"]\n{text}'.encode())
    assert told.value.key == key
