"""Quarantine as pages: nothing leaves it without a written reason, and what happened is an event."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from docaxis.backends.operator.quarantine import Quarantine
from docaxis.backends.tables import events
from docaxis.domain.verdict import Reason
from docaxis.web.operator.ports import QUARANTINE
from tests.web.desk import BEGIN, Desk
from tests.web.operator.rows import set_aside

REASON = "đã sửa lỗi bộ kiểm chữ ký"


async def acts(desk: Desk, kind: str) -> list[dict[str, Any]]:
    async with desk.database.engine.begin() as connection:
        rows = await connection.execute(select(events.c.canonical).where(events.c.kind == kind))
        return [json.loads(row.canonical)["body"] for row in rows]


class Taking:
    """An ingress that takes everything."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str, bytes]] = []

    async def publish(self, endpoint: str, lane: str, message_id: str, body: bytes) -> None:
        self.taken.append((endpoint, lane, message_id, body))


@pytest.fixture
def taking(desk: Desk) -> Taking:
    """The real quarantine, but for its broker."""
    quarantine = desk.app[QUARANTINE]
    assert isinstance(quarantine, Quarantine)
    ingress = Taking()
    quarantine._ingress = ingress  # type: ignore[assignment]
    return ingress


async def test_release_publishes_and_is_recorded(desk: Desk, taking: Taking):
    event_id = await set_aside(desk.database)
    await desk.sign_in("operator", login="minh")
    page = await desk.get(f"/quarantine/{event_id.hex}")
    assert "Thả ra cửa vào" in page.text
    done = await desk.post(f"/quarantine/{event_id.hex}/release", {"reason": REASON})
    assert (done.status, done.location) == (303, "/quarantine?done=released")
    assert taking.taken == [("da-nang", "normal", "m-1", b"<edXML>SECRET SUBJECT</edXML>")]
    (told,) = await acts(desk, "quarantine:released")
    assert (told["login"], told["reason"], told["quarantined"]) == ("minh", REASON, event_id.hex)
    after = await desk.get(done.location)
    assert "Không có gói nào trong cách ly" in after.text
    assert REASON in after.text
    assert (await desk.post(f"/quarantine/{event_id.hex}/release", {"reason": REASON})).status == 404
    assert len(taking.taken) == 1


@pytest.mark.parametrize("act", ["release", "discard"])
@pytest.mark.parametrize("reason", ["", "   ", "ngắn", "x" * 1001, "\x07\x08       "])
async def test_nothing_goes_without_a_reason(desk: Desk, taking: Taking, act: str, reason: str):
    event_id = await set_aside(desk.database)
    await desk.sign_in("operator")
    page = await desk.post(f"/quarantine/{event_id.hex}/{act}", {"reason": reason})
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    assert not taking.taken
    assert len(await desk.app[QUARANTINE].waiting(None, 10)) == 1


async def test_discard_keeps_the_octets_and_records_who(desk: Desk, taking: Taking):
    event_id = await set_aside(desk.database)
    await desk.sign_in("operator", login="minh")
    done = await desk.post(f"/quarantine/{event_id.hex}/discard", {"reason": REASON})
    assert done.location == "/quarantine?done=discarded"
    (told,) = await acts(desk, "quarantine:discarded")
    assert told["login"] == "minh"
    assert not taking.taken
    async with desk.database.engine.begin() as connection:
        kept = await connection.exec_driver_sql("SELECT count(*) FROM quarantine")
        assert kept.scalar_one() == 1


async def test_what_was_refused_by_a_code_cannot_be_released(desk: Desk, taking: Taking):
    code = next(iter(Reason)).value
    event_id = await set_aside(desk.database, code)
    await desk.sign_in("operator")
    page = await desk.get(f"/quarantine/{event_id.hex}")
    assert "không thả ra được" in page.text
    assert "Thả ra cửa vào" not in page.text
    refused = await desk.post(f"/quarantine/{event_id.hex}/release", {"reason": REASON})
    assert refused.status == 409
    assert "OPERATOR.QUARANTINE_GONE" in refused.text
    assert not taking.taken


async def test_unknown_and_odd_ids_are_not_there(desk: Desk):
    await desk.sign_in("operator")
    for path in (uuid4().hex, "x", "0" * 400):
        assert (await desk.get(f"/quarantine/{path}")).status == 404
        assert (await desk.post(f"/quarantine/{path}/release", {"reason": REASON})).status == 404


async def test_a_full_list_goes_on_and_counts_how_often(desk: Desk):
    for number in range(52):
        await set_aside(desk.database, message_id=f"m-{number % 51}", at=BEGIN + timedelta(seconds=number))
    await desk.sign_in("operator")
    first = await desk.get("/quarantine")
    assert first.text.count("button-danger") == 50
    following = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await desk.get(following.replace("&amp;", "&"))
    assert second.text.count("button-danger") == 2
    assert "Về đầu danh sách" in second.text
    for odd in ("x", "2026-11-20T07:00:00,", ",", "2026-11-20,zz"):
        assert (await desk.get(f"/quarantine?after={odd}")).status == 200
    times = {one.message_id: one.times for one in await desk.app[QUARANTINE].waiting(None, 100)}
    assert (times["m-0"], times["m-1"]) == (2, 1)


async def test_a_broker_that_is_away_leaves_everything_as_it_was(desk: Desk):
    # No broker runs beside these tests: the real way out of the quarantine finds nobody.
    event_id = await set_aside(desk.database)
    await desk.sign_in("operator")
    page = await desk.post(f"/quarantine/{event_id.hex}/release", {"reason": REASON})
    assert page.status == 503
    assert "OPERATOR.NOT_RELEASED" in page.text
    assert await acts(desk, "quarantine:released") == []
    assert len(await desk.app[QUARANTINE].waiting(None, 10)) == 1


async def test_only_operators_act(desk: Desk):
    event_id = await set_aside(desk.database)
    for role in ("clerk", "auditor", "administrator"):
        await desk.sign_in(role)
        for act in ("release", "discard"):
            assert (await desk.post(f"/quarantine/{event_id.hex}/{act}", {"reason": REASON})).status == 404
