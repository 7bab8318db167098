"""The directory as pages: found without marks, changed only as a whole that still is one, each change an event."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from docaxis.backends.registry import Registry
from docaxis.backends.tables import events, log_pending
from tests.web.desk import BEGIN, Desk

NEW = {
    "code": "H41.999",
    "name": "Trung tâm thử nghiệm",
    "level": "provincial",
    "branch": "government",
    "parent": "H41",
}


async def acts(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    async with desk.database.engine.begin() as connection:
        rows = await connection.execute(
            select(events.c.kind, events.c.canonical).join(log_pending, log_pending.c.event_id == events.c.event_id)
        )
        found = [(row.kind, json.loads(row.canonical)["body"]) for row in rows]
        return [one for one in found if one[0].startswith("agency:")]


async def agency(desk: Desk, organ_id: str) -> Any:
    return {one.organ_id: one for one in await Registry(desk.database.engine).agencies()}.get(organ_id)


@pytest.mark.parametrize("role", ["operator", "administrator"])
async def test_search_without_marks_and_with_filters(desk: Desk, role: str):
    await desk.sign_in(role)
    page = await desk.get("/directory?q=ubnd+tinh+nghe+an&level=provincial")
    assert page.status == 200
    assert "Nghệ An" in page.text
    nothing = await desk.get("/directory?q=khong+co+co+quan+nay")
    assert "Không có cơ quan nào khớp" in nothing.text
    assert (await desk.get("/directory?after=50")).text.count('scope="row"') == 50
    ended = await desk.get("/directory?which=ended&lang=en")
    assert ended.status == 200
    assert (await desk.get("/directory?level=nowhere")).status == 200


async def test_one_agency_with_its_place(desk: Desk):
    await desk.sign_in("operator")
    page = await desk.get("/directory/000.00.00.H41")
    assert page.status == 200
    assert "H41" in page.text
    assert "Chưa nối được" in page.text
    for odd in ("NOBODY.1", "x" * 200, "%00", "a b"):
        assert (await desk.get(f"/directory/{odd}")).status in {400, 404}


async def test_an_agency_is_added_and_the_act_recorded(desk: Desk):
    await desk.sign_in("administrator", login="lan")
    done = await desk.post("/new-agency", NEW)
    assert (done.status, done.location) == (303, "/directory?q=H41.999&done=added")
    made = await agency(desk, "H41.999")
    assert (made.name, made.parent, made.source) == ("Trung tâm thử nghiệm", "H41", "registered")
    assert await acts(desk) == [
        ("agency:added", {"login": "lan", "organ_id": "H41.999", "name": NEW["name"], "level": "provincial"})
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "H41"),
        ("code", "không phải mã"),
        ("code", ""),
        ("name", ""),
        ("name", "x" * 301),
        ("level", "nowhere"),
        ("branch", "nowhere"),
        ("parent", "NOBODY"),
        ("aliases", "a b/c"),
        ("aliases", "H42"),
    ],
)
async def test_a_wrong_agency_is_shown_again_and_nothing_is_written(desk: Desk, field: str, value: str):
    await desk.sign_in("operator")
    page = await desk.post("/new-agency", NEW | {field: value})
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    assert field == "name" or NEW["name"] in page.text
    assert await acts(desk) == []
    assert await agency(desk, "H41.999") is None


async def test_an_agency_is_renamed_but_not_put_beneath_itself(desk: Desk):
    await desk.sign_in("operator", login="minh")
    before = await agency(desk, "H41")
    form = {"name": "Tên mới", "level": before.level, "branch": before.branch, "parent": before.parent}
    page = await desk.get("/directory/H41/edit")
    assert before.name in page.text
    done = await desk.post("/directory/H41/edit", form | {"aliases": " ".join(before.aliases)})
    assert (done.status, done.location) == (303, "/directory/H41?done=changed")
    assert (await agency(desk, "H41")).name == "Tên mới"
    assert await acts(desk) == [
        ("agency:changed", {"login": "minh", "organ_id": "H41", "changed": ["name"], "name": "Tên mới"})
    ]
    beneath = await desk.post("/directory/H41/edit", form | {"parent": "H41"})
    assert beneath.status == 422


async def test_an_agency_ends_with_a_successor(desk: Desk):
    await desk.sign_in("operator", login="minh")
    for form in (
        {"valid_to": "31-12"}, {"valid_to": "31/12/2026", "successor": "NOBODY"},
        {"valid_to": "31/12/2026", "successor": "H41"}, {},
    ):  # fmt: skip
        assert (await desk.post("/directory/H41/end", form)).status == 422
    assert await acts(desk) == []
    done = await desk.post("/directory/H41/end", {"valid_to": "31/12/2026", "successor": "H42"})
    assert done.location == "/directory/H41?done=ended"
    ended = await agency(desk, "H41")
    assert (ended.valid_to.isoformat(), ended.successors) == ("2026-12-31", ("H42",))
    assert await acts(desk) == [
        ("agency:closed", {"login": "minh", "organ_id": "H41", "valid_to": "2026-12-31", "successor": "H42"})
    ]


async def test_an_agency_is_connected_and_disconnected(desk: Desk):
    registry = Registry(desk.database.engine)
    await registry.add_endpoint("nghe-an", "Trục Nghệ An", BEGIN)
    await desk.sign_in("operator", login="minh")
    assert (await desk.post("/directory/H41/connect", {"endpoint": "nobody"})).status == 404
    assert (await desk.post("/directory/H41/disconnect")).status == 404
    assert await acts(desk) == []
    done = await desk.post("/directory/H41/connect", {"endpoint": "nghe-an"})
    assert done.location == "/directory/H41?done=connected"
    assert await registry.connections() == {"H41": "nghe-an"}
    await desk.post("/directory/H41/disconnect")
    assert await registry.connections() == {}
    assert [kind for kind, _ in await acts(desk)] == ["agency:connected", "agency:disconnected"]


async def test_others_do_not_change_the_directory(desk: Desk):
    for role in ("clerk", "auditor"):
        await desk.sign_in(role)
        for path in ("/new-agency", "/directory/H41/edit", "/directory/H41/end", "/directory/H41/connect"):
            assert (await desk.post(path, NEW)).status == 404
        assert (await desk.get("/directory")).status == 404


async def test_a_forged_form_changes_nothing(desk: Desk):
    await desk.sign_in("operator")
    forged = await desk.request("POST", "/new-agency", data=NEW)
    assert forged.status == 403
    assert await acts(desk) == []
