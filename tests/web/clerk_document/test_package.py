"""Package details, files, and the verification of a file that somebody brings."""

from datetime import timedelta

from aiohttp import FormData

from docaxis.domain.status import StatusCode
from docaxis.hub.views.package import CheckReport, CheckStep
from tests.web.clerk_document.story import KEY, NOW, SENDER, FakeDocuments, Story
from tests.web.desk import Desk

ARRIVED, ASKED, AGREED = StatusCode.ARRIVED, StatusCode.RECALL_ASKED, StatusCode.AGREED
ADDRESS = f"/documents/{KEY}"


async def test_details_and_files_of_a_package(desk: Desk, story: Story, documents: FakeDocuments) -> None:
    story.to("H21", ARRIVED)
    await desk.sign_in("clerk", SENDER)
    page = await desk.get(f"{ADDRESS}/package")
    assert "8712_CD-BNNMT.pdf" in page.text
    assert "abab abab" in page.text
    assert "Thứ trưởng Trần Minh An" in page.text
    file = await desk.get(f"{ADDRESS}/files/c1")
    assert (file.status, file.body) == (200, b"%PDF-1.7 noi dung")
    assert file.headers["Content-Disposition"] == (
        "attachment; filename=\"ph__l_c_II.pdf\"; filename*=UTF-8''ph%E1%BB%A5%20l%E1%BB%A5c%20II.pdf"
    )
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert (await desk.get(f"{ADDRESS}/files/c2")).status == 404
    octets = await desk.get(f"{ADDRESS}/package/octets")
    assert (octets.body, octets.headers["Content-Type"]) == (b"<edXML/>", "application/octet-stream")
    assert [one.kind for one in documents.recorded] == ["export:attachment", "export:package"]


async def test_content_is_for_who_has_fetched_it_and_not_given_it_back(desk: Desk, story: Story) -> None:
    story.to("H21", transport="dispatched").to("H15", ARRIVED, ASKED, AGREED).to("H48", ARRIVED)
    for organ_id, status in (("H21", 404), ("H15", 404), ("H48", 200)):
        await desk.sign_in("clerk", organ_id)
        assert (await desk.get(f"{ADDRESS}/files/c1")).status == status, organ_id
        assert (await desk.get(f"{ADDRESS}/package/octets")).status == status, organ_id
        page = await desk.get(f"{ADDRESS}/package")
        assert page.status == 200
        assert ("8712_CD-BNNMT.pdf" in page.text) is (status == 200), organ_id


async def bring(desk: Desk, octets: bytes, name: str = "goi.edxml"):
    form = FormData()
    form.add_field("csrf", desk.form_token)
    form.add_field("file", octets, filename=name, content_type="application/octet-stream")
    return await desk.post("/verify-file", form)


async def test_a_file_is_verified_step_by_step(desk: Desk, documents: FakeDocuments) -> None:
    await desk.sign_in("clerk", SENDER)
    assert (await desk.get("/verify-file")).status == 200
    outcomes = {"well-formed": "held", "schema": "held", "digest": "failed", "signature": "not-checked"}
    steps = tuple(CheckStep(name, outcome) for name, outcome in outcomes.items())
    documents.report = CheckReport(
        "package", "sha256:" + "cd" * 32, 10, "rejected", steps, code="SIG.HASH_FAILURE", place="edXML (line 2)"
    )
    answer = await bring(desk, b"<edXML/>")
    assert answer.status == 200
    for part in ("Trục không chấp nhận gói tin này", "Mã băm khớp với nội dung", "sai", "chưa kiểm", "edXML (line 2)"):
        assert part in answer.text, part
    assert documents.bodies("person:verified") == [
        {"login": "clerk-g10", "organ_id": SENDER, "digest": "sha256:" + "cd" * 32, "verdict": "rejected"}
    ]
    documents.report = CheckReport(
        "receipt", "sha256:" + "cd" * 32, 10, "accepted", (CheckStep("seal", "held"), CheckStep("recorded", "held")),
        sender=SENDER, document_id="id-1", decided_at=NOW - timedelta(days=1), leaf_index=5, known=True,
    )  # fmt: skip
    assert "Biên nhận nguyên vẹn, do trục cấp" in (await bring(desk, b"<Receipt/>")).text


async def test_without_a_file_the_form_says_so(desk: Desk) -> None:
    await desk.sign_in("clerk", SENDER)
    for answer in (await desk.post("/verify-file"), await bring(desk, b"", name="")):
        assert (answer.status, "Chọn một tệp để kiểm." in answer.text) == (422, True)
