"""What lies outside a mandate is not there: in lists, by any pasted text, by its address, in exports, in the checks' form."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from docaxis.backends.people_tables import mandates
from docaxis.backends.tables import events
from docaxis.domain.people import Mandate
from docaxis.trust.certificate import fingerprint_of
from tests.web.auditor.conftest import MANDATE, Log, over
from tests.web.auditor.test_log_pages import shown
from tests.web.desk import Desk

YESTERDAY = date(2026, 11, 19)
OUTSIDE = {
    "other agency": over("H12"),
    "nobody's agency": over("H99"),
    "before": over("G22", first=date(2026, 10, 1), last=YESTERDAY),
    "before, all": over(first=date(2026, 10, 1), last=YESTERDAY),
    "after": over("G22", first=date(2026, 11, 21), last=date(2026, 11, 30)),
}
"""Mandates that hold none of the sender's documents."""


@pytest.mark.parametrize("name", OUTSIDE)
async def test_nothing_of_another_mandate_is_listed_or_found(desk: Desk, log: Log, name: str) -> None:
    await desk.sign_in("auditor", mandate=OUTSIDE[name], login="outside")
    first = (await log.event("document:accepted")).hex
    certificate = log.country.issued("G22").certificate
    rows = {row.event_id.hex: row for row in await log.hub.rows(events)}
    mine = {row.event_id.hex for row in rows.values() if row.document_key == rows[first].document_key}
    assert not mine & set(shown((await desk.get("/log")).text))
    assert not mine & set(shown((await desk.get("/log", params={"first": "2026-01-01", "last": "2026-12-31"})).text))
    assert not mine & set(shown((await desk.get("/log", params={"agency": "G22"})).text))
    for pasted in (
        "1/QĐ-TTg", "G22,2026/11/20,1/QĐ-TTg", "m-1", "m-7", await log.digest("1"), rows[first].leaf_hash.hex(), first,
        "0", "1", "2", "3", "4", "5", "6", fingerprint_of(certificate), f"{certificate.serial_number:x}",
    ):  # fmt: skip
        page = await desk.get("/log", params={"q": pasted})
        assert page.status == 200
        assert not mine & set(shown(page.text)), pasted
        assert "Về việc thử nghiệm liên thông" not in page.text or name == "other agency"


@pytest.mark.parametrize("name", OUTSIDE)
async def test_an_address_outside_is_as_one_that_is_none(desk: Desk, log: Log, name: str) -> None:
    await desk.sign_in("auditor", mandate=OUTSIDE[name], login="outside")
    outside, nowhere = (await log.event("document:accepted")).hex, uuid4().hex
    for address in ("/log/{}", "/log?entry={}"):
        answers = [await desk.get(address.format(key)) for key in (outside, nowhere, "no-id")]
        assert [one.status for one in answers] == [404, 404, 404]
    for key in (outside, nowhere):
        assert (await desk.post("/exports/take", {"entry": key})).status == 404


async def test_an_agency_mandate_sees_no_acts_on_many_documents(desk: Desk, log: Log) -> None:
    fetched = await log.event("copies:fetched")
    await desk.sign_in("auditor", mandate=over("G22", "H01", "H05", "H12", "G12"), login="some")
    assert (await desk.get(f"/log/{fetched.hex}")).status == 404
    await desk.sign_in("auditor", mandate=over(), login="all")
    assert (await desk.get(f"/log/{fetched.hex}")).status == 200


async def test_an_addressee_is_within_its_mandate_and_so_is_the_refused_sender(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=over("H01"), login="addressee")
    assert (await desk.get(f"/log/{(await log.event('document:accepted')).hex}")).status == 200
    assert (await desk.get(f"/log/{(await log.event('submission:rejected')).hex}")).status == 404
    assert (await desk.get(f"/log/{(await log.event('document:accepted', 1)).hex}")).status == 404


async def test_a_place_in_the_list_cannot_lead_out(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=OUTSIDE["other agency"], login="outside")
    first = await log.event("document:accepted")
    key = (await log.key("1")).hex
    for place in (
        f"2026-11-20T03:00:00+00:00_{key}__{first.hex}", f"2026-11-20T02:00:00+00:00_{key}__", "nonsense", "a_b_c_d",
        f"2026-11-20T03:00:00_{key}__", f"9999-12-31T23:59:59+00:00_{'f' * 32}__",
    ):  # fmt: skip
        page = await desk.get("/log", params={"after": place})
        assert page.status in {200, 404}
        assert first.hex not in shown(page.text)
    await desk.sign_in("auditor", mandate=over(), login="all")
    for place in ("nonsense", "f" * 32, "0" * 32):
        assert (await desk.get("/log", params={"after": place})).status in {200, 404}


async def test_evidence_holds_nothing_from_outside(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=OUTSIDE["other agency"], login="outside")
    for asked in ("", "agency=G22", "q=1/QĐ-TTg", f"q={await log.digest('1')}"):
        taken = await desk.post("/exports/take", {"asked": asked})
        assert taken.status == 200
        with zipfile.ZipFile(io.BytesIO(taken.body)) as packed:
            octets = b"".join(packed.read(name) for name in packed.namelist())
        assert b"G22" not in octets
        assert (await log.key("1")).hex.encode() not in octets


@pytest.mark.parametrize("path", ["/log", "/verify", "/exports", "/log?q=1", "/log?entry=" + "0" * 32])
async def test_without_a_mandate_every_page_is_empty_and_says_why(desk: Desk, log: Log, path: str) -> None:
    await desk.sign_in("auditor", mandate=None, login="none")
    page = await desk.get(path)
    assert page.status == 200
    assert "tài khoản chưa có phạm vi kiểm tra" in page.text
    assert not shown(page.text)
    over_since = Mandate("QĐ cũ", date(2026, 1, 1), date(2026, 12, 31), date(2026, 11, 19))
    await desk.sign_in("auditor", mandate=over_since, login="ended")
    page = await desk.get(path)
    assert "phạm vi kiểm tra đã hết hiệu lực" in page.text
    assert "19/11/2026" in page.text
    assert not shown(page.text)


async def test_a_mandate_ends_with_its_last_day(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=MANDATE, login="till-december")
    assert shown((await desk.get("/log")).text)
    desk.clock.at += timedelta(days=42)
    await desk.sign_in("auditor", mandate=MANDATE, login="till-december")
    assert not shown((await desk.get("/log")).text)


async def test_a_mandate_ends_at_midnight_for_whoever_is_signed_in(desk: Desk, log: Log) -> None:
    ends_today = replace(over("G22"), ends_on=date(2026, 11, 20))
    desk.clock.at = datetime(2026, 11, 20, 16, 59, 50, tzinfo=UTC)
    await desk.sign_in("auditor", mandate=ends_today, login="till-midnight")
    key = (await log.event("document:accepted")).hex
    assert key in shown((await desk.get("/log")).text)
    assert (await desk.get(f"/log/{key}")).status == 200
    desk.clock.at += timedelta(seconds=20)
    assert not shown((await desk.get("/log")).text)
    assert "Mã băm lưu" not in (await desk.get(f"/log/{key}")).text
    assert (await desk.post("/exports/take", {"entry": key})).status == 404


async def test_a_mandate_that_is_narrowed_or_taken_away_is_so_at_the_next_request(desk: Desk, log: Log) -> None:
    person = await desk.sign_in("auditor", mandate=over("G22", "H12"), login="narrowed")
    key = (await log.event("document:accepted")).hex
    assert key in shown((await desk.get("/log")).text)
    mine = mandates.c.person_id == person.person_id
    async with desk.database.engine.begin() as connection:
        await connection.execute(update(mandates).where(mine).values(agencies='["H99"]'))
    assert not shown((await desk.get("/log")).text)
    assert (await desk.get(f"/log/{key}")).status == 404
    async with desk.database.engine.begin() as connection:
        await connection.execute(delete(mandates).where(mine))
    assert "Chưa có phạm vi kiểm tra đang có hiệu lực" in (await desk.get("/log")).text
    assert (await desk.post("/exports/take", {"entry": key})).status == 404


@pytest.mark.parametrize("path", ["/verify/start", "/verify/stop", "/exports/take"])
async def test_without_a_mandate_acts_are_not_there(desk: Desk, log: Log, path: str) -> None:
    await desk.sign_in("auditor", mandate=None, login="none")
    assert (await desk.post(path, {"first": "2026-11-20", "last": "2026-11-20"})).status == 404


async def test_the_mandate_is_always_in_view(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=MANDATE, login="seen")
    for path in ("/log", "/verify", "/exports", f"/log/{(await log.event('document:accepted')).hex}"):
        page = await desk.get(path)
        for said in ("QĐ 88/QĐ-TTCP", "1 cơ quan", "01/11/2026 đến 30/11/2026", "Hết hiệu lực 31/12/2026"):
            assert said in page.text, (path, said)


@pytest.mark.parametrize("role", ["clerk", "operator", "administrator"])
async def test_nobody_else_has_these_pages(desk: Desk, log: Log, role: str) -> None:
    await desk.sign_in(role)
    for path in ("/log", "/log/recognise", "/verify", "/verify/stream", "/exports", f"/log/{uuid4().hex}"):
        assert (await desk.get(path)).status == 404
