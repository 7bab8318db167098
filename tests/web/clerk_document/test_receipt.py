"""The receipt on paper: its sheets and facts, the PDF, and the check that is open to anybody."""

import io
import re
from hashlib import sha256
from importlib.resources import files
from uuid import UUID

import pytest
import segno
from fontTools.ttLib import TTFont
from lxml import html

from docaxis.backends.directory_files import shipped
from docaxis.domain.status import StatusCode
from docaxis.web.clerk.matrix import Wanted, matrix
from docaxis.web.clerk.receipt_facts import FIRST_SHEET, NEXT_SHEETS, read_code, receipt_facts
from docaxis.web.clerk.receipt_qr import qr_runs, qr_svg
from tests.web.clerk_document.story import DUE_AT, KEY, NOW, SENDER, FakeDocuments, Story, submission
from tests.web.desk import Desk

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
ADDRESS = f"/documents/{KEY}/receipt"


def facts(story: Story, of: str = ""):
    directory = shipped()[0]
    wanted = Wanted(unfolded=frozenset({"", *(level.name for level in directory.levels)}), rows_max=9_999)
    table = matrix(story.timeline(), directory, NOW, {"receipt": DUE_AT}, wanted)
    return receipt_facts(story.timeline(), table, directory, NOW, "https://x/check/1", None, of)


def test_sheets_hold_every_addressee_once_in_order_of_level_and_code():
    story = Story().to("H21", ARRIVED, REFUSED, words="Thiếu phụ lục").to("G22", ACCEPTED)
    for number in range(60):
        story.to(f"X{number:03d}", ARRIVED)
    found = facts(story)
    lines = [line for sheet in found.sheets for line in sheet.lines]
    assert [line.organ_id for line in lines[:3]] == ["G22", "H21", "X000"]
    assert [line.number for line in lines] == list(range(1, 63))
    assert [len(sheet.lines) for sheet in found.sheets] == [
        FIRST_SHEET - 1,
        NEXT_SHEETS,
        62 - NEXT_SHEETS - FIRST_SHEET + 1,
    ]
    assert lines[1].reason == "Thiếu phụ lục"
    assert found.number == "BN-2026-4817201"
    assert [line.organ_id for sheet in facts(story, "H21").sheets for line in sheet.lines] == ["H21"]


def test_a_receipt_without_a_place_in_the_log_yet_is_numbered_by_its_code():
    story = Story().to("H21")
    story.events.clear()
    found = facts(story)
    assert (found.number, found.leaf_index, found.event_hash) == ("BN-2026-01920000", None, "")


@pytest.mark.parametrize("text", [KEY.hex, str(KEY), KEY.hex.upper(), " ".join(re.findall("....", KEY.hex))])
def test_a_code_is_read_however_it_is_grouped(text):
    assert read_code(text) == KEY


@pytest.mark.parametrize("text", ["", "x", KEY.hex[:-1], KEY.hex + "0", "g" * 32, "०" * 32])
def test_what_is_no_code_is_none(text):
    assert read_code(text) is None


def test_the_qr_code_is_that_of_its_address_and_runs_nothing():
    address = f"https://docaxis.example/check/{KEY.hex}"
    side, runs = qr_runs(address)
    dark = {(run.column + n, run.row) for run in runs for n in range(run.length)}
    matrix_of = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
    assert dark == {(x, y) for y, row in enumerate(matrix_of) for x, module in enumerate(row) if module}
    assert side == len(matrix_of)
    drawing = qr_svg(address, 'a "label" <b>')
    assert "style" not in drawing
    assert "<b>" not in drawing


async def test_the_page_to_print(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED, REFUSED, words="Thiếu phụ lục").to("G22", ARRIVED, ACCEPTED).to("H15").missed("H15")
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(ADDRESS)
    shown = html.fromstring(answer.text)
    assert [h.text_content() for h in shown.xpath("//h1")] == ["BIÊN NHẬN ĐIỆN TỬ"]
    said = " ".join(shown.xpath("//article")[0].text_content().split())
    assert "BN-2026-4817201" in said
    assert "3 nơi: 1 đã tiếp nhận, 1 quá hạn, 1 từ chối" in said
    assert "Lý do: “Thiếu phụ lục”" in said
    assert "08:13:03" in said
    assert "9f9f 9f9f" in said
    assert "Tờ 1/1" in said
    assert "DỮ LIỆU THỬ" in said
    assert " style=" not in answer.text


async def test_an_addressee_prints_its_own_line_alone(desk: Desk, story: Story) -> None:
    story.to("H21", ARRIVED).to("H15", ARRIVED, REFUSED, words="bí mật")
    await desk.sign_in("clerk", "H21")
    answer = await desk.get(ADDRESS, params={"of": "H15"})
    assert answer.status == 200
    assert "bí mật" not in answer.text
    assert "H15" not in answer.text.split("<article")[1]
    await desk.sign_in("clerk", SENDER)
    assert (await desk.get(ADDRESS, params={"of": "H99"})).status == 404


async def test_the_pdf_says_the_same_with_its_fonts_inside(desk: Desk, story: Story, documents: FakeDocuments) -> None:
    for number in range(40):
        story.to(f"X{number:03d}", ARRIVED, REFUSED, words="Thiếu Phụ lục II (mục 3), ữ ặ ệ")
    await desk.sign_in("clerk", SENDER)
    answer = await desk.get(f"{ADDRESS}.pdf")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.body.startswith(b"%PDF-")
    assert answer.body.count(b"/Type /Page\n") == 4
    assert b"FontFile2" in answer.body
    assert documents.bodies("export:receipt") == [{"login": "clerk-g10", "organ_id": SENDER}]


def test_the_fonts_of_paper_hold_every_vietnamese_letter():
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy" + "áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
    for name in ("be-vietnam-pro-regular", "be-vietnam-pro-bold"):
        octets = files("docaxis.web").joinpath("paper_fonts", f"{name}.ttf").read_bytes()
        held = TTFont(io.BytesIO(octets)).getBestCmap()
        assert not [sign for sign in letters + letters.upper() + "0123456789“”–·…/" if ord(sign) not in held]


async def test_anybody_checks_a_receipt_and_learns_no_content_and_no_party(
    desk: Desk, story: Story, documents: FakeDocuments
) -> None:
    story.to("H21", ARRIVED, REFUSED, words="Thiếu phụ lục")
    answer = await desk.get(f"/check/{KEY.hex}")
    assert answer.status == 200
    for part in ("BN-2026-4817201", "8712/CĐ-BNNMT", "9f9f 9f9f", "còn hiệu lực", "20/11/2026 08:02:03"):
        assert part in answer.text, part
    digest = sha256(documents.submissions[KEY].receipt).hexdigest()
    assert digest[:4] in answer.text
    for secret in ("mưa lũ", "Nông nghiệp", "Gia Lai", "H21", "Thiếu phụ lục", "e-g10"):
        assert secret not in answer.text, secret
    assert (await desk.get("/check", params={"code": str(KEY).upper()})).status == 200


async def test_a_code_that_was_never_given_is_said_to_be_none(desk: Desk, documents: FakeDocuments) -> None:
    for code in (UUID(int=5).hex, "gibberish", "<script>alert(1)</script>"):
        answer = await desk.get("/check", params={"code": code})
        assert (answer.status, "Trục không cấp biên nhận nào có mã này" in answer.text) == (404, True)
        assert "<script>alert" not in answer.text
    repeated = UUID(int=6)
    documents.submissions[repeated] = submission(documents.story.document, outcome="repeated")
    assert (await desk.get(f"/check/{repeated.hex}")).status == 404
    empty = await desk.get("/check")
    assert (empty.status, "không cấp" in empty.text) == (200, False)


async def test_a_refused_package_has_a_receipt_without_a_number(desk: Desk, documents: FakeDocuments) -> None:
    key = UUID(int=9)
    documents.submissions[key] = submission(documents.story.document, outcome="rejected", code="PKG.SCHEMA")
    answer = await desk.get(f"/check/{key.hex}")
    assert answer.status == 200
    assert "chưa được chấp nhận" in answer.text
    assert "8712" not in answer.text
