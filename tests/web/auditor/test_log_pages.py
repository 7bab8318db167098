"""The log as an auditor reads it: found by whatever was pasted, filtered, and one entry in full."""

import html
import json
import re
from math import inf

from docaxis.backends.tables import events, log_entries
from docaxis.trust.certificate import fingerprint_of
from docaxis.web.auditor import log as pages
from docaxis.web.auditor.asked import MEANT_SHOWN
from tests.web.auditor.conftest import Log, over
from tests.web.desk import Desk

INDEX = re.compile(r'entry=([0-9a-f]{32})#entry"')


def shown(text: str) -> list[str]:
    return INDEX.findall(text)


async def test_without_filters_the_newest_entries_come_first(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over())
    page = await desk.get("/log")
    assert page.status == 200
    assert "Tra nhật ký" in page.text
    found = shown(page.text)
    assert len(found) == len(await log.hub.rows(events))
    assert found == sorted(found, reverse=True)
    assert "Chấp nhận văn bản" in page.text
    assert "02 từ chối" in page.text


async def test_an_agency_mandate_lists_document_by_document(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("G22"))
    page = await desk.get("/log")
    wanted = {
        (await log.event("document:accepted", 0)).hex,
        (await log.event("document:accepted", 1)).hex,
        (await log.event("status:accepted", 0)).hex,
        (await log.event("status:accepted", 1)).hex,
        (await log.event("submission:rejected")).hex,
    }
    assert set(shown(page.text)) == wanted


async def test_the_smart_box_finds_by_every_kind(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("G22"))
    accepted = await log.event("document:accepted")
    rows = {row.event_id: row for row in await log.hub.rows(events)}
    certificate = log.country.issued("G22").certificate
    for pasted, said in (
        ("1/QĐ-TTg", "số, ký hiệu văn bản"),
        ("1 qd ttg", "số, ký hiệu văn bản"),
        ("G22,2026/11/20,1/QĐ-TTg", "mã văn bản"),
        (await log.digest("1"), "mã băm gói tin hoặc tệp kèm"),
        (rows[accepted].leaf_hash.hex(), "mã băm mục"),
        (accepted.hex, "mã sự kiện"),
        (str(accepted), "mã sự kiện"),
        (str(await log.index_of(accepted)), None),
        ("m-1", "mã gói tin"),
        (fingerprint_of(certificate), "dấu vân tay chứng thư"),
        (f"{certificate.serial_number:X}", "số sê-ri chứng thư"),
    ):
        page = await desk.get("/log", params={"q": pasted})
        assert page.status == 200
        assert accepted.hex in shown(page.text), pasted
        assert said is None or f"Nhận ra: {said}" in page.text, pasted


async def test_a_refusal_is_found_by_message_and_shown_with_its_code(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("G22"))
    page = await desk.get("/log", params={"q": "m-6"})
    assert shown(page.text) == [(await log.event("submission:rejected")).hex]
    assert "SIG." in page.text


async def test_filters_narrow_and_stand_in_the_address(desk: Desk, log: Log) -> None:
    for mandate in (over(), over("G22")):
        await desk.sign_in("auditor", mandate=mandate, login=f"a{len(mandate.agencies)}")
        page = await desk.get("/log", params={"result": "refused"})
        assert shown(page.text) == [(await log.event("status:accepted", 1)).hex]
        page = await desk.get("/log", params={"kind": "submission:rejected"})
        assert shown(page.text) == [(await log.event("submission:rejected")).hex]
        page = await desk.get("/log", params={"kind": "submission:rejected", "result": "late"})
        assert shown(page.text) == []
        page = await desk.get("/log", params={"first": "2026-11-21", "last": "2026-11-22"})
        assert shown(page.text) == []
        page = await desk.get("/log", params={"first": "nope"})
        assert page.status == 422
        assert "Ngày viết dạng" in page.text
    page = await desk.get("/log", params={"agency": "Văn phòng Chính phủ", "kind": "document:accepted"})
    assert page.status in {200, 422}


async def test_fields_take_days_as_people_write_them_and_names_in_part(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over())
    page = await desk.get("/log", params={"first": "20/11/2026", "last": "20/11/2026", "agency": "van phong chinh phu"})
    assert page.status == 200
    assert (await log.event("document:accepted")).hex in shown(page.text)
    assert 'value="20/11/2026"' in page.text
    assert 'type="date"' not in page.text
    # Too many to choose from: a field, no list of all of them.
    assert '<select id="agency"' not in page.text
    page = await desk.get("/log", params={"agency": "tinh"})
    assert page.status == 422
    assert page.text.count("agency=H") == MEANT_SHOWN
    page = await desk.get("/log", params={"first": "31/02/2026", "agency": "không có"})
    assert page.status == 422
    assert 'value="31/02/2026"' in page.text
    await desk.sign_in("auditor", mandate=over("G22", "H01"), login="few")
    page = await desk.get("/log")
    assert '<option lang="vi" value="G22"' in page.text
    assert (await desk.get("/log", params={"agency": "Bộ Tài chính"})).status == 422


async def test_entries_of_documents_that_interleave_stand_as_in_the_log(desk: Desk, log: Log) -> None:
    for mandate in (over(), over("G22")):
        await desk.sign_in("auditor", mandate=mandate, login=f"o{len(mandate.agencies)}")
        text = (await desk.get("/log")).text
        numbered = {row.event_id.hex: row.leaf_index for row in await log.hub.rows(log_entries)}
        # Acts of this moment, such as our own signing in, have no number yet: they are the newest.
        places = [numbered.get(one, inf) for one in shown(text)]
        assert places == sorted(places, reverse=True)
        assert len(places) >= 5
        assert 'aria-sort="descending"' in text
        assert "mới nhất ở trên" in text
        assert f'href="/log/{shown(text)[0]}"' in (await desk.get(f"/log?entry={shown(text)[0]}")).text


async def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk, log: Log, monkeypatch) -> None:
    monkeypatch.setattr(pages, "ROWS", 2)
    for mandate in (over(), over("G22"), over("G22", "H01", "H05")):
        await desk.sign_in("auditor", mandate=mandate, login=f"p{len(mandate.agencies)}")
        seen: list[str] = []
        address = "/log"
        while address:
            page = await desk.get(address)
            assert page.status == 200
            seen += shown(page.text)
            following = re.search(r'href="([^"]*)" rel="next"', page.text)
            address = html.unescape(following[1]) if following else ""
        monkeypatch.setattr(pages, "ROWS", 50)
        whole = shown((await desk.get("/log")).text)
        monkeypatch.setattr(pages, "ROWS", 2)
        assert sorted(seen) == sorted(whole)
        assert len(set(seen)) == len(seen) >= 5


async def test_an_entry_shows_certificate_hash_and_verdict_but_no_content(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("G22"))
    accepted = await log.event("document:accepted")
    for address in (f"/log?entry={accepted.hex}", f"/log/{accepted.hex}"):
        page = await desk.get(address)
        assert page.status == 200
        serial = f"{log.country.issued('G22').certificate.serial_number:x}"
        assert serial in page.text
        assert "G22, đúng cơ quan gửi" in page.text
        assert "Mã băm khớp" in page.text
        assert "ghi đúng mã băm này" in page.text
        assert "chữ ký và chứng thư hợp lệ" in page.text
        assert "docaxis package verify goi-tin.edxml" in page.text
        assert "openssl dgst -sha256" in page.text
        assert "trục công bố dấu mốc" in page.text
        assert "%PDF" not in page.text
        assert "Quyết định.pdf" not in page.text
    refused = await log.event("submission:rejected")
    page = await desk.get(f"/log/{refused.hex}")
    assert "không hợp lệ" in page.text


async def test_the_box_says_while_typing_what_it_takes_a_text_for(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("G22"))
    answer = await desk.get("/log/recognise", params={"q": "8712 cd bnnmt"})
    assert json.loads(answer.text) == {"said": "Nhận ra: số, ký hiệu văn bản"}
    assert (await desk.get("/log/recognise", params={"q": " "})).text == '{"said": ""}'
