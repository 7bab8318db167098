"""A list as a file: the same rows as the page, typed, harmless to spreadsheets, and an entry in the log each time."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from docaxis.backends.tables import events
from docaxis.web.clerk import export
from tests.integration.clerk_rows import World
from tests.web.desk import Answer, Desk


async def exported(desk: Desk, address: str, wanted: str) -> Answer:
    answer = await desk.post(address, {"format": wanted})
    assert answer.status == 200, answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].endswith(f'.{wanted}"')
    return answer


async def test_csv(desk: Desk, story: World) -> None:
    answer = await exported(desk, "/sent/export?state=all", "csv")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["Số, ký hiệu", "Trích yếu", "Độ khẩn (0 đến 4)", "Đã gửi lúc"]
    assert [row[0] for row in rows[1:]] == ["14/TB-VP", "13/TB-VP", "12/QĐ-UBND", "8712/CĐ-BNNMT"]
    # What a spreadsheet would take for a formula.
    assert rows[2][1] == "'=1+1"
    assert rows[4][4:8] == ["2", "1", "1", "0"]
    english = await exported(desk, "/received/export?q=mua+lu&lang=en", "csv")
    assert english.body.decode("utf-8-sig").splitlines()[1].startswith("77/BC-UBND,Báo cáo mưa lũ,0,H26,20/11/2026")


async def test_json_lines(desk: Desk, story: World) -> None:
    answer = await exported(desk, "/sent/export?state=overdue", "jsonl")
    [row] = [json.loads(line) for line in answer.text.splitlines()]
    assert row["number"] == "8712/CĐ-BNNMT"
    assert (row["addressees"], row["accepted"], row["overdue"], row["due_at"]) == (2, 1, 1, None)
    assert datetime.fromisoformat(row["sent_at"]) == datetime(2026, 11, 20, 1, 1, tzinfo=UTC)


async def test_workbook(desk: Desk, story: World) -> None:
    answer = await exported(desk, "/sent/export", "xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet  # no formula
    # 20 November 2026, 08:04 in Vietnam, as a number of days.
    assert "<v>46346.336111" in sheet


async def test_printed_list(desk: Desk, story: World) -> None:
    answer = await exported(desk, "/sent/export", "pdf")
    assert answer.body.startswith(b"%PDF-")
    assert b"BeVietnamPro" in answer.body
    many = World()
    for number in range(90):
        many.document(f"VB-{number}", {"H41": ()}, sender="G22", number=str(number), subject="Về việc " + "dài " * 40)
    await many.write(desk.database)
    sheets = re.search(
        rb"/Type /Pages.*?/Count (\d+)|/Count (\d+)", (await exported(desk, "/sent/export", "pdf")).body, re.DOTALL
    )
    assert sheets is not None
    assert int(sheets[1] or sheets[2]) > 3


async def test_every_export_is_an_entry_in_the_log(desk: Desk, story: World) -> None:
    await exported(desk, "/sent/export?q=mua+lu", "csv")
    await exported(desk, "/received/export", "pdf")
    async with desk.database.engine.connect() as connection:
        kept = (await connection.execute(select(events.c.canonical).where(events.c.kind == "export:list"))).scalars()
        bodies = [json.loads(one)["body"] for one in kept]
    assert [(one["list"], one["format"], one["query"]) for one in bodies] == [
        ("sent", "csv", "q=mua+lu"),
        ("received", "pdf", ""),
    ]
    assert all(one["login"] == "clerk-g22" and one["organ_id"] == "G22" for one in bodies)


async def test_what_is_not_sent(desk: Desk, story: World) -> None:
    assert (await desk.post("/sent/export", {"format": "exe"})).status == 400
    assert (await desk.post("/sent/export?since=x", {"format": "csv"})).status == 400
    assert (await desk.get("/sent/export")).status in {404, 405}
    assert (await desk.post("/sent/export", [("format", "csv")], headers={"Origin": "https://evil.test"})).status == 403


async def test_a_file_ends_at_its_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ROWS_MOST", 25)
    monkeypatch.setattr(export, "_PORTION", 10)
    world = World()
    for number in range(40):
        world.document(f"VB-{number}", {"H41": ()}, sender="G22", number=str(number))
    await world.write(desk.database)
    await desk.sign_in("clerk", "G22")
    found = [json.loads(one)["number"] for one in (await exported(desk, "/sent/export", "jsonl")).text.splitlines()]
    assert found == [f"{number}/QĐ-UBND" for number in range(39, 14, -1)]
