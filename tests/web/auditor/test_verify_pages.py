"""Checking a range: whole logs are said to be whole, planted faults are found and named, and what was found stays."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from docaxis.backends.tables import events, log_entries
from docaxis.ledger.event import leaf_hash
from docaxis.web.auditor import checks as running
from docaxis.web.auditor.checks import CHECKS, Check
from docaxis.web.auditor.ports import AUDIT
from tests.web.auditor.conftest import MANDATE, Log, over
from tests.web.desk import Desk

DAYS = {"first": "20/11/2026", "last": "2026-11-20"}
"""As a person writes a day, and as a program does."""


async def checked(desk: Desk, days: dict[str, str] | None = None) -> Check:
    """Start a check as the page does and wait until it is over."""
    done = await desk.post("/verify/start", days or DAYS)
    assert (done.status, done.location) == (303, "/verify"), done.text
    assert desk.person is not None
    check = desk.app[CHECKS].of(desk.person.login)
    assert check is not None
    async with asyncio.timeout(20):
        await desk.app[CHECKS]._tasks[desk.person.login]
    return check


async def plant(log: Log, *statements: str, **values: Any) -> None:
    """Change what is stored as the owner of the database could: without the triggers that keep others from it."""
    async with log.hub.database.engine.begin() as connection:
        if log.hub.database.dialect == "sqlite":
            triggers = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for name in triggers.scalars().all():
                await connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement), values)


async def test_a_whole_log_is_said_to_be_whole_and_the_check_is_recorded(desk: Desk, log: Log) -> None:
    await desk.sign_in("auditor", mandate=MANDATE)
    check = await checked(desk)
    size = len(await log.hub.rows(log_entries))
    assert (check.state, check.entries, check.fault_count) == ("done", size, 0)
    assert check.receipts == 6
    page = await desk.get("/verify")
    assert "Trọn vẹn: không thấy mục nào bị sửa, thêm hay bớt" in page.text
    assert "chưa kiểm: trục chưa công bố dấu mốc" in page.text
    (recorded,) = [row for row in await log.hub.rows(events) if row.kind == "log:verified"]
    body = json.loads(recorded.canonical)["body"]
    assert (body["login"], body["faults"], body["ended"], body["end"]) == ("auditor", 0, "done", size)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE events SET leaf_hash = :zero WHERE event_id = :key", "mã băm lệch"),
        ("UPDATE events SET kind = 'document:gone' WHERE event_id = :key", "cột không khớp bản chuẩn"),
        ("UPDATE events SET at = :earlier WHERE event_id = :key", "cột không khớp bản chuẩn"),
        ("UPDATE events SET canonical = :spaced WHERE event_id = :key", "không đúng dạng chuẩn"),
        ("UPDATE events SET canonical = :broken WHERE event_id = :key", "không đọc được"),
        ("DELETE FROM events WHERE event_id = :key", "thiếu mục"),
        ("DELETE FROM log_entries WHERE event_id = :key", "thiếu mục"),
        ("UPDATE submissions SET receipt = :other WHERE event_id = :key", "biên nhận không khớp"),
    ],
)
async def test_a_damaged_row_is_found_and_named(desk: Desk, log: Log, statement: str, what: str) -> None:
    event_id = await log.event("document:accepted", 1)
    index = await log.index_of(event_id)
    sqlite = log.hub.database.dialect == "sqlite"
    values = {
        "key": event_id.hex if sqlite else event_id, "zero": bytes(32), "earlier": "2026-11-20 01:00:00.000000",
        "spaced": b'{ "at": 1}', "broken": b"{", "other": b"<EventHash>" + b"0" * 64 + b"</EventHash>",
    }  # fmt: skip
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    await plant(log, statement, **used)
    await desk.sign_in("auditor", mandate=MANDATE)
    check = await checked(desk)
    assert index in {one.leaf_index for one in check.faults}
    assert all(one.leaf_index == index for one in check.faults)
    page = await desk.get("/verify")
    assert "Không trọn vẹn" in page.text
    assert what in page.text
    assert f'<th scope="row" class="num">{index}</th>' in page.text


async def test_hash_and_octets_changed_together_are_found_by_the_receipt(desk: Desk, log: Log) -> None:
    event_id = await log.event("document:accepted")
    (row,) = [row for row in await log.hub.rows(events) if row.event_id == event_id]
    forged = row.canonical.replace(b'"H01"', b'"H99"')
    assert forged != row.canonical
    await plant(
        log, "UPDATE events SET canonical = :forged, leaf_hash = :leaf WHERE event_id = :key",
        forged=forged, leaf=leaf_hash(forged), key=event_id.hex,
    )  # fmt: skip
    await desk.sign_in("auditor", mandate=MANDATE)
    check = await checked(desk)
    assert [one.what for one in check.faults] == ["receipt"]


async def test_a_past_failure_stays_in_view_for_everybody(desk: Desk, log: Log) -> None:
    event_id = await log.event("document:accepted")
    await plant(log, "UPDATE events SET leaf_hash = :zero WHERE event_id = :key", zero=bytes(32), key=event_id.hex)
    await desk.sign_in("auditor", mandate=MANDATE, login="first")
    await checked(desk)
    await log.number()
    await desk.sign_in("auditor", mandate=over("H01"), login="second")
    page = await desk.get("/verify")
    assert "1 chỗ lệch" in page.text
    assert "mã băm lệch" in page.text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"first": "", "last": "2026-11-20"}, "Ngày viết dạng"),
        ({"first": "2026-11-21", "last": "2026-11-20"}, "Ngày cuối trước ngày đầu"),
        ({"first": "2026-10-30", "last": "2026-11-20"}, "ngoài phạm vi kiểm tra"),
        ({"first": "2026-11-20", "last": "2026-12-01"}, "ngoài phạm vi kiểm tra"),
        ({"first": "2026-11-21", "last": "2026-11-22"}, "Khoảng này không có mục nào"),
    ],
)
async def test_what_cannot_be_checked_is_told_at_its_field(
    desk: Desk, log: Log, days: dict[str, str], said: str
) -> None:
    await desk.sign_in("auditor", mandate=MANDATE)
    page = await desk.post("/verify/start", days)
    assert page.status == 422
    assert said in page.text
    assert f'value="{days["last"]}"' in page.text


async def test_a_running_check_can_be_watched_and_stopped(
    desk: Desk, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PORTION", 1)
    gate, arrived = asyncio.Event(), asyncio.Event()
    audit = desk.app[AUDIT]
    check_part = audit.check

    async def slow(first: int, end: int) -> Any:
        if first >= 2:
            arrived.set()
            await gate.wait()
        return await check_part(first, end)

    monkeypatch.setattr(audit, "check", slow)
    await desk.sign_in("auditor", mandate=MANDATE)
    await desk.post("/verify/start", DAYS)
    check = desk.app[CHECKS].of("auditor")
    assert check is not None
    await arrived.wait()
    page = await desk.get("/verify")
    assert "Đang kiểm: mục 0 đến" in page.text
    assert "2/7" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    again = await desk.post("/verify/start", DAYS)
    assert again.status == 422
    assert "Lần kiểm trước đang chạy" in again.text
    async with desk.client.get("/verify/stream") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        told = await stream.content.readuntil(b"\r\n\r\n")
        assert b'"done": 2' in told
        assert (await desk.post("/verify/stop")).status == 303
        rest = await stream.content.read()
        assert b'"state": "stopped"' in rest
    page = await desk.get("/verify")
    assert "Đã dừng giữa chừng" in page.text
    assert "Đã kiểm 2 trên 7 mục" in page.text
