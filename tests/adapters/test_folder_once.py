"""The whole program as a process against the stand-in hub."""

import asyncio
import io
import json
import os
import signal
import unicodedata
import zipfile
from pathlib import Path

import pytest

from docaxis.domain import wire
from docaxis.domain.envelope import Attachment, BlobReference, Envelope
from docaxis.domain.verdict import Reason
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.trust import xmldsig
from docaxis.trust.xmldsig import SignedPackage
from tests.adapters.desk import DRAFT, Desk, package, signed
from tests.adapters.standin import StandInHub, until

pytestmark = pytest.mark.broker
PDF = b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF\n"


@pytest.fixture
def desk(tmp_path: Path, hub: StandInHub) -> Desk:
    desk = Desk(tmp_path, hub)
    desk.set_up()
    return desk


def envelope_in(octets: bytes) -> Envelope:
    parsed = parse(octets)
    assert isinstance(xmldsig.verify(parsed), SignedPackage)  # type: ignore[arg-type]
    read = read_envelope(parsed)  # type: ignore[arg-type]
    assert isinstance(read, Envelope), read
    return read


async def test_a_draft_with_its_file_is_built_signed_sent_and_its_receipt_lies_beside_it(desk: Desk):
    desk.put("báo cáo.pdf", PDF)
    desk.put("tháng 11.toml", DRAFT)
    assert await desk.once() == 0
    assert desk.names("outbox") == desk.names("sending") == []
    assert desk.names("sent") == ["tháng 11"]
    assert desk.names("sent/tháng 11") == sorted(
        ["báo cáo.pdf", "tháng 11.edxml", "tháng 11.receipt.txt", "tháng 11.receipt.xml", "tháng 11.toml"]
    )
    sent = (desk.folder / "sent/tháng 11/tháng 11.edxml").read_bytes()
    assert [one.body for one in desk.hub.arrived] == [sent]
    read = envelope_in(sent)
    assert read.header.subject == "Báo cáo tháng 11"
    assert read.header.document_id.endswith(",12/SYT-VP")
    assert [(one.attachment_name, one.content) for one in read.attachments] == [("báo cáo.pdf", PDF)]
    text = (desk.folder / "sent/tháng 11/tháng 11.receipt.txt").read_text()
    assert text.startswith("BIÊN NHẬN")
    assert "ĐÃ CHẤP NHẬN" in text
    assert "ACCEPTED" in text


async def test_a_draft_whose_file_is_not_whole_is_left_with_a_word(desk: Desk, capfd: pytest.CaptureFixture[str]):
    desk.put("báo cáo.pdf", PDF.removesuffix(b"%%EOF\n"))
    desk.put("tháng 11.toml", DRAFT)
    assert await desk.once() == 1
    assert desk.names("outbox") == ["báo cáo.pdf", "tháng 11.toml"]
    assert "tháng 11.toml: left in outbox/" in capfd.readouterr().err
    desk.put("báo cáo.pdf", PDF)
    assert await desk.once() == 0
    assert desk.names("sent") == ["tháng 11"]


async def test_a_refused_login_is_told_once_for_all_that_waits(desk: Desk, capfd: pytest.CaptureFixture[str]):
    (desk.root / "password").write_text("no longer\n")
    for number in ("1", "2", "3"):
        desk.put(f"{number}.edxml", signed(package(number=number)))
    assert await desk.once(patience_s=3) == 1
    assert desk.names("sending") == ["1", "2", "3"]
    said = capfd.readouterr().err
    assert "login refused" in said
    assert said.count("not sent yet") == 1


async def test_a_signed_package_goes_as_it_is_and_an_unsigned_one_is_signed(desk: Desk):
    ready, bare = signed(package(number="1")), package(number="2", priority=2)
    desk.put("ready.edxml", ready)
    desk.put("bare.edxml", bare)
    assert await desk.once() == 0
    assert desk.names("sent") == ["bare", "ready"]
    assert "ready.original.edxml" not in desk.names("sent/ready")
    assert (desk.folder / "sent/bare/bare.original.edxml").read_bytes() == bare
    bodies = {one.lane: one.body for one in desk.hub.arrived}
    assert bodies["normal"] == ready
    assert envelope_in(bodies["urgent"]).header.code.code_number == "2"


async def test_a_package_of_todays_field_is_signed_again(desk: Desk):
    legacy = package().replace(
        b"</edXML:edXMLHeader>",
        b"<Signature><SignedInfo><Reference URI=''/></SignedInfo></Signature></edXML:edXMLHeader>",
    )
    parsed = parse(legacy)
    assert xmldsig.verify(parsed).code is Reason.SIG_PROFILE_LEGACY  # type: ignore[arg-type, union-attr]
    desk.put("edoc.edxml", legacy)
    assert await desk.once() == 0
    assert desk.names("sent/edoc")[:2] == ["edoc.edxml", "edoc.original.edxml"]
    body = (desk.folder / "sent/edoc/edoc.edxml").read_bytes()
    assert wire.digest_of(body) == desk.hub.arrived[0].digest
    envelope_in(body)


async def test_a_broken_signature_is_refused_here_and_never_signed_over(desk: Desk):
    desk.put("bent.edxml", signed(package()).replace("Về việc họp".encode(), "Về việc nghỉ".encode()))
    assert await desk.once() == 0
    assert not desk.hub.arrived
    assert desk.names("refused/bent") == ["bent.edxml", "bent.reason.txt"]
    text = (desk.folder / "refused/bent/bent.reason.txt").read_text()
    assert "SIG.HASH_FAILURE" in text
    assert text.startswith("Văn bản chưa được gửi đi.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('colour = "red"', "colour"),
        ("to = []", "TOML"),
        ("priority = 9", "priority"),
        ('files = ["../../etc/passwd"]', "TOML"),
    ],
)
async def test_a_draft_that_cannot_be_sent_says_what_to_change(desk: Desk, change: str, said: str):
    desk.put("báo cáo.pdf", PDF)
    desk.put("d.toml", DRAFT + change)
    process = await desk.start()
    await until(lambda: desk.names("refused"))
    process.terminate()
    assert await process.wait() == 0
    assert said in (desk.folder / "refused/d/d.reason.txt").read_text()
    assert not desk.hub.arrived


async def test_the_hubs_refusal_and_deferral(desk: Desk):
    desk.hub.answer = lambda arrived: (
        ("rejected", "RTE.ADDRESSEE_UNKNOWN") if b">refuse me<" in arrived.body else ("deferred", "SIG.TRY_LATER")
    )
    desk.put("no.edxml", signed(package(subject="refuse me")))
    desk.put("later.edxml", signed(package(subject="let me wait")))
    process = await desk.start()
    await until(lambda: (desk.folder / "sending/later/later.receipt.txt").exists() and desk.names("refused"))
    process.terminate()
    await process.wait()
    # It is not told to wait any longer: what is deferred is not done.
    assert await desk.once(patience_s=1) == 1
    assert desk.names("sending") == ["later"]
    assert "TẠM HOÃN" in (desk.folder / "sending/later/later.receipt.txt").read_text()
    assert desk.names("refused") == ["no"]
    assert "RTE.ADDRESSEE_UNKNOWN" in (desk.folder / "refused/no/no.reason.txt").read_text()
    # Decided at last; and what was refused may be put into the outbox again.
    later = next(one for one in desk.hub.arrived if b">let me wait<" in one.body)
    await desk.hub.send_receipt(desk.hub.receipt(later.message_id, later.digest), later.message_id)
    desk.hub.answer = lambda _: ("accepted", "")
    (desk.folder / "refused/no/no.edxml").rename(desk.folder / "outbox/no.edxml")
    assert await desk.once() == 0
    assert desk.names("sent") == ["later", "no"]
    assert len({one.message_id for one in desk.hub.arrived if b">let me wait<" not in one.body}) == 2


async def test_large_files_go_by_reference_and_large_packages_by_claim(desk: Desk):
    large, middle = os.urandom(8_000_000), os.urandom(30_000)
    desk.put("large.bin", large)
    desk.put("middle.bin", middle)
    desk.put("d.toml", DRAFT.replace('["báo cáo.pdf"]', '["large.bin", "middle.bin"]'))
    assert await desk.once() == 0
    arrived = desk.hub.arrived[0]
    assert arrived.is_claim
    first, second = envelope_in(desk.hub.blobs[arrived.digest]).attachments
    assert first.blob == BlobReference(wire.digest_of(large), len(large))
    assert desk.hub.blobs[first.blob.digest] == large
    assert second.content == middle
    assert "large.bin" in desk.names("sent/d")


async def test_a_lost_token_holds_a_document_back_and_a_refused_attachment_is_told(desk: Desk):
    desk.put("large.bin", os.urandom(7_400_000))
    desk.put("d.toml", DRAFT.replace("báo cáo.pdf", "large.bin"))
    desk.hub.http_status = 401
    assert await desk.once(patience_s=4) == 1
    assert desk.names("sending") == ["d"]
    desk.hub.http_status = 413
    assert await desk.once() == 0
    assert "413" in (desk.folder / "refused/d/d.reason.txt").read_text()
    assert "large.bin" in desk.names("refused/d")


async def test_what_arrives_is_a_folder_with_everything_in_it(desk: Desk):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("9f.pdf", PDF)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"\0" * 30_000_000)
    decomposed = unicodedata.normalize("NFD", "Tờ trình.pdf")
    blob = os.urandom(1_000_000)
    desk.hub.blobs[wire.digest_of(blob)] = blob
    desk.hub.break_after_bytes = 300_000
    body = signed(
        package(
            Attachment("1", decomposed, content=zipped.getvalue()),
            Attachment("2", "TỜ TRÌNH.pdf", content=PDF),
            Attachment("3", "../../../etc/passwd", content=b"root"),
            Attachment("4", "C:\\Windows\\CON.txt", content=b"con"),
            Attachment("5", "bomb.bin", content=bomb.getvalue()),
            Attachment("6", "package.edxml", content=b"not the package"),
            Attachment("7", "lớn.bin", blob=BlobReference(wire.digest_of(blob), len(blob))),
            Attachment("8", "phiếu\u202efdp.exe", content=b"MZ"),
            subject="../Họp/…: *hỏa tốc*",
        )
    )
    await desk.hub.deliver(body)
    assert await desk.once() == 0
    [name] = desk.names("inbox")
    assert name.startswith("2026-11-22 7816-SYT")
    assert "/" not in name
    folder = desk.folder / "inbox" / name
    found = {one.name for one in folder.iterdir()}
    assert found == {unicodedata.normalize("NFC", one) for one in found}
    assert {"package.edxml", "delivery-note.xml", "delivery-note.txt", "passwd", "_CON.txt", "lớn.bin"} <= found
    assert (folder / "package.edxml").read_bytes() == body
    assert (folder / "Tờ trình.pdf").read_bytes() == (folder / "TỜ TRÌNH (2).pdf").read_bytes() == PDF
    assert (folder / "package (2).edxml").read_bytes() == b"not the package"
    assert (folder / "lớn.bin").read_bytes() == blob
    assert (folder / "bomb.bin.raw").read_bytes() == bomb.getvalue()
    assert "giữ nguyên" in (folder / "bomb.bin.raw.note.txt").read_text()
    assert not any("\u202e" in one for one in found)
    assert sorted(one.name for one in (desk.folder / "inbox/.arriving").iterdir()) == []
    await until(lambda: desk.hub.fetched)


async def test_a_forged_delivery_is_set_aside_and_a_notice_is_kept(desk: Desk):
    stranger = StandInHub(desk.hub.amqp_url)
    body = signed(package())
    await desk.hub.deliver(body, key="a" * 32, note=stranger.note(body, "a" * 32))
    await desk.hub.notify("../thông báo 1")
    assert await desk.once() == 0
    assert desk.names("inbox") == []
    [aside] = desk.names("set-aside")
    assert desk.names(f"set-aside/{aside}") == ["delivery-note.xml", "message.bin", "reason.txt"]
    assert desk.names("notices") == ["thông báo 1.xml"]


async def test_a_running_program_takes_whole_files_only_and_ends_cleanly(desk: Desk):
    process = await desk.start()
    body = signed(package())
    half = desk.folder / "outbox/slow.edxml"
    half.write_bytes(body[: len(body) // 2])
    (desk.folder / "outbox/~$open.edxml").write_bytes(b"lock")
    await asyncio.sleep(3)
    assert not desk.hub.arrived
    with half.open("ab") as rest:
        rest.write(body[len(body) // 2 :])
    await until(lambda: desk.names("sent") == ["slow"])
    assert desk.hub.arrived[0].body == body
    await desk.hub.deliver(body)
    await until(lambda: desk.names("inbox"))
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0
    assert desk.names("outbox") == ["~$open.edxml"]


async def test_two_programs_do_not_share_a_folder(desk: Desk):
    first = await desk.start()
    desk.put("one.edxml", signed(package()))
    await until(lambda: desk.names("sent"))
    assert await desk.once() == 2
    first.terminate()
    assert await first.wait() == 0


def test_the_job_record_is_readable(tmp_path: Path):
    from adapters.job import RECORD, make_job, read_job
    from adapters.planning import plan_package

    file = tmp_path / "x.edxml"
    file.write_bytes(signed(package()))
    job = make_job(tmp_path, plan_package(file, None))
    assert read_job(job.folder).plan.message_id == job.plan.message_id
    assert json.loads((job.folder / RECORD).read_text())["lane"] == "normal"
