"""The register's pages: what waits gets a number, the year is listed, printed and exported."""

import csv
import io
from uuid import UUID

import pytest
from sqlalchemy import select

from docaxis.backends.tables import events
from tests.integration.clerk_rows import World
from tests.web.desk import Desk


async def arrived(desk: Desk, *subjects: str, to: str = "H41") -> list[UUID]:
    """Let documents arrive at an agency."""
    world = World()
    keys = [
        world.document(
            f"d-{to}-{number}", {to: ()}, sender="G22", number=str(number), notation="CV-VP", subject=subject
        )
        for number, subject in enumerate(subjects, 100)
    ]
    await world.write(desk.database)
    return keys


async def test_ticked_documents_get_the_next_numbers_in_order_of_arrival(desk: Desk) -> None:
    keys = await arrived(desk, "V/v thứ nhất", "V/v thứ hai", "V/v thứ ba")
    await desk.sign_in("clerk", "H41")
    page = await desk.get("/register")
    assert page.status == 200
    assert "3 văn bản chờ vào sổ" in page.text
    form = [("key", keys[1].hex), ("key", keys[0].hex), (f"to-{keys[0].hex}", "Phòng Kinh tế")]
    done = await desk.post("/register/enter", form)
    assert (done.status, done.location) == (303, "/register?done=1-2")
    page = await desk.get(done.location)
    assert "số đến từ 1 đến 2" in page.text
    assert "1 văn bản chờ vào sổ" in page.text
    assert "Phòng Kinh tế" in page.text
    done = await desk.post("/register/enter", [("key", keys[2].hex)])
    assert done.location == "/register?done=3"
    page = await desk.get("/register?lang=en")
    assert "No documents wait to be registered" in page.text


async def test_nothing_ticked_is_told_at_the_form(desk: Desk) -> None:
    await arrived(desk, "V/v thứ nhất")
    await desk.sign_in("clerk", "H41")
    page = await desk.post("/register/enter", {})
    assert page.status == 422
    assert "Chưa chọn văn bản nào" in page.text


async def test_what_belongs_to_others_is_not_there(desk: Desk) -> None:
    (key,) = await arrived(desk, "V/v nơi khác", to="H26")
    await desk.sign_in("clerk", "H41")
    assert "nơi khác" not in (await desk.get("/register")).text
    assert (await desk.post("/register/enter", [("key", key.hex)])).status == 404
    assert (await desk.post("/register/enter", [("key", "no key")])).status == 400
    for path in ("/register/2026/1", "/register/2026/99999999999"):
        assert (await desk.get(path)).status == 404
    assert (await desk.post("/register/2026/1/amend", {"note": "x"})).status == 404


async def test_who_has_it_is_changed(desk: Desk) -> None:
    (key,) = await arrived(desk, "V/v thứ nhất")
    await desk.sign_in("clerk", "H41")
    await desk.post("/register/enter", [("key", key.hex)])
    assert "V/v thứ nhất" in (await desk.get("/register/2026/1")).text
    done = await desk.post("/register/2026/1/amend", {"handed_to": " Trần  Văn Bình ", "note": "<b>gấp</b>"})
    assert (done.status, done.location) == (303, "/register?year=2026")
    page = await desk.get("/register?year=2026&to=Bình")
    assert "Trần Văn Bình" in page.text
    assert "&lt;b&gt;gấp&lt;/b&gt;" in page.text
    assert "Chưa có mục nào khớp" in (await desk.get("/register?year=2026&to=ai+khác")).text


@pytest.mark.parametrize("form", ["print", "csv"])
async def test_print_and_csv_are_acts_in_the_log(desk: Desk, form: str) -> None:
    keys = await arrived(desk, "V/v thứ nhất", "=1+1")
    await desk.sign_in("clerk", "H41")
    await desk.post("/register/enter", [("key", key.hex) for key in keys])
    answer = await desk.get(f"/register/{form}?year=2026")
    assert answer.status == 200
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert [row[0] for row in rows] == ["Số đến", "1", "2"]
        assert [row[7] for row in rows[1:]] == ["V/v thứ nhất", "'=1+1"]
        assert rows[1][4] == "100/CV-VP"
        assert "attachment" in answer.headers["Content-Disposition"]
    else:
        assert answer.text.index(">1</th>") < answer.text.index(">2</th>")
        assert "số đến từ 1 đến 2" in answer.text
    async with desk.database.engine.connect() as connection:
        exported = (
            await connection.scalars(select(events.c.canonical).where(events.c.kind == "export:register"))
        ).all()
    assert len(exported) == 1
    assert b'"entries":2' in exported[0]
    assert f'"{form}"'.encode() in exported[0]


async def test_only_clerks_have_a_register(desk: Desk) -> None:
    await desk.sign_in("operator")
    assert (await desk.get("/register")).status == 404
