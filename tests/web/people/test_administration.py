"""The administrator's pages: accounts, grants, mandates, roles, links; nobody else sees them, each change is an event."""

import json
import re
from collections.abc import Sequence
from uuid import uuid4

import pytest
from sqlalchemy import select

from docaxis.backends.tables import events, log_pending
from docaxis.domain.people import Grant, Person, Role
from docaxis.web.people.ports import ACCOUNTS
from tests.web.desk import Answer, Desk, add_person


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def made(desk: Desk, login: str, role: Role, organ_id: str = "", grants: Sequence[Grant] = ()) -> Person:
    person = Person(uuid4(), login, "Phạm Văn B", role, organ_id, grants=tuple(grants))
    await add_person(desk.database, person)
    return person


async def found(desk: Desk, person: Person) -> Person:
    one = await desk.app[ACCOUNTS].by_id(person.person_id)
    assert one
    return one


async def acts(desk: Desk) -> list[dict[str, object]]:
    """Return the events but sign-ins, in no order within a moment; each waits for its place in the log."""
    async with desk.database.engine.connect() as connection:
        rows = (await connection.execute(select(events).order_by(events.c.event_id))).all()
        waiting = set(await connection.scalars(select(log_pending.c.event_id)))
    assert {row.event_id for row in rows} <= waiting
    told = [json.loads(row.canonical) | {"kind": row.kind} for row in rows]
    return [one for one in told if one["kind"] not in {"person:signed-in", "person:signed-out"}]


async def change(desk: Desk, person: Person, verb: str, **form: str) -> Answer:
    return await desk.post(f"/people/{person.person_id}/{verb}", form)


async def test_lists_finds_and_turns_pages(desk: Desk) -> None:
    await desk.sign_in("administrator")
    for number in range(60):
        await made(desk, f"vt.{number:02}", Role.CLERK, "H41" if number % 2 else "H26")
    page = await desk.get("/people")
    assert page.text.count('<th scope="row">') == 50
    following = re.findall(r'href="([^"]+)" rel="next"', page.text)
    assert len(following) == 1
    second = await desk.get(following[0].replace("&amp;", "&"))
    assert second.text.count('<th scope="row">') == 11
    assert 'rel="next"' not in second.text
    sought = await desk.get("/people?q=vt.07")
    assert sought.text.count('<th scope="row">') == 1
    assert "Không có tài khoản nào khớp" in (await desk.get("/people?q=nobody")).text


async def test_adds_an_account_once(desk: Desk) -> None:
    await desk.sign_in("administrator")
    form = {"login": "lan.pt", "name": "Phạm Thị Lan", "title": "Văn thư", "role": "clerk", "organ_id": "000.00.00.H41"}
    done = await desk.post("/people/add", form)
    assert done.status == 303
    page = await desk.get(done.location)
    assert "Đã thêm tài khoản." in page.text
    one = await desk.app[ACCOUNTS].by_login("lan.pt")
    assert one
    assert (one.name, one.role, one.organ_id, one.title) == ("Phạm Thị Lan", Role.CLERK, "H41", "Văn thư")
    again = await desk.post("/people/add", form)
    assert again.status == 422
    assert "Tên đăng nhập này đã có." in again.text
    (act,) = await acts(desk)
    assert act["kind"] == "person:added"
    assert act["body"] == {
        "by": "administrator", "login": "lan.pt", "name": "Phạm Thị Lan", "organ_id": "H41",
        "person_id": one.person_id.hex, "role": "clerk",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", "Lan Phạm"), ("login", ""), ("login", "-x"), ("name", " "), ("role", "king"), ("role", ""),
        ("organ_id", ""), ("organ_id", "nonsense!"), ("organ_id", "H99"),
    ],
)  # fmt: skip
async def test_wrong_fields_are_said_where_they_are(desk: Desk, field: str, value: str) -> None:
    await desk.sign_in("administrator")
    form = {"login": "lan.pt", "name": "Phạm Thị Lan", "role": "clerk", "organ_id": "H41"} | {field: value}
    answer = await desk.post("/people/add", form)
    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert await desk.app[ACCOUNTS].by_login("lan.pt") is None


async def test_grants_and_revokes(desk: Desk) -> None:
    await desk.sign_in("administrator")
    clerk = await made(desk, "vt", Role.CLERK, "G22")
    assert (await change(desk, clerk, "grant", organ_id="H41", with_subordinates="on")).status == 303
    assert (await change(desk, clerk, "grant", organ_id="H26")).status == 303
    assert (await change(desk, clerk, "grant", organ_id="H41")).status == 303, "the second takes the first one's place"
    assert (await found(desk, clerk)).grants == (Grant("H26"), Grant("H41"))
    assert (await change(desk, clerk, "grant", organ_id="H99")).status == 422
    assert (await change(desk, clerk, "revoke", organ_id="H26")).status == 303
    assert (await change(desk, clerk, "revoke", organ_id="H26")).status == 404
    assert (await found(desk, clerk)).grants == (Grant("H41"),)
    assert sorted(str(act["kind"]) for act in await acts(desk)) == ["person:granted"] * 3 + ["person:revoked"]
    operator = await made(desk, "vh", Role.OPERATOR)
    assert (await change(desk, operator, "grant", organ_id="H41")).status == 404


async def test_mandate_is_given_and_ended(desk: Desk) -> None:
    await desk.sign_in("administrator")
    auditor = await made(desk, "kt", Role.AUDITOR)
    form = {
        "decision": "15/QĐ-TTCP", "first_day": "01/01/2026", "last_day": "31/12/2026", "ends_on": "31/03/2027",
        "agencies": "H41, g10",
    }  # fmt: skip
    assert (await change(desk, auditor, "mandate", **form)).status == 303
    held = (await found(desk, auditor)).mandate
    assert held
    assert (held.decision, sorted(held.agencies)) == ("15/QĐ-TTCP", ["G10", "H41"])
    page = await desk.get(f"/people/{auditor.person_id}")
    assert 'value="G10, H41"' in page.text
    for field, value in (("decision", ""), ("first_day", "x"), ("last_day", "2025-01-01"), ("agencies", "H41 H99")):
        answer = await change(desk, auditor, "mandate", **(form | {field: value}))
        assert answer.status == 422, field
        assert f'id="{field}-error"' in answer.text
    assert (await change(desk, auditor, "mandate", end="1")).status == 303
    assert (await found(desk, auditor)).mandate is None
    assert {act["kind"] for act in await acts(desk)} == {"person:mandated", "person:mandate-ended"}
    clerk = await made(desk, "vt", Role.CLERK, "G22")
    assert (await change(desk, clerk, "mandate", **form)).status == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_auditor_and_administrator_are_never_one(desk: Desk, role: Role) -> None:
    """v5.0.0-8.1.2: one account is never auditor and administrator, not even one after the other."""
    await desk.sign_in("administrator")
    person = await made(desk, "x", role, "G22")
    for other in set(Role) - {role}:
        answer = await change(desk, person, "role", role=str(other))
        assert answer.status == 422
        assert (await found(desk, person)).role is role
    assert await acts(desk) == []


async def test_role_is_changed_and_takes_the_rest_along(desk: Desk) -> None:
    await desk.sign_in("administrator")
    clerk = await made(desk, "vt", Role.CLERK, "G22", [Grant("H41")])
    assert (await change(desk, clerk, "role", role="nonsense")).status == 400
    assert (await change(desk, clerk, "role", role="operator")).status == 303
    one = await found(desk, clerk)
    assert (one.role, one.grants) == (Role.OPERATOR, ())
    homeless = await made(desk, "vh", Role.OPERATOR)
    assert (await change(desk, homeless, "role", role="clerk")).status == 422


async def test_shuts_out_and_lets_in(desk: Desk) -> None:
    me = await desk.sign_in("administrator")
    clerk = await made(desk, "vt", Role.CLERK, "G22")
    assert (await change(desk, clerk, "disable")).status == 303
    assert (await found(desk, clerk)).disabled_at == desk.clock.at
    assert "đã khóa từ" in (await desk.get(f"/people/{clerk.person_id}")).text
    assert (await change(desk, clerk, "link")).status == 404
    assert (await change(desk, clerk, "enable")).status == 303
    assert (await found(desk, clerk)).disabled_at is None
    assert (await change(desk, me, "disable")).status == 404, "nobody shuts themselves out"
    assert (await change(desk, me, "role", role="operator")).status == 404
    assert {act["kind"] for act in await acts(desk)} == {"person:disabled", "person:enabled"}


async def test_link_is_shown_once_and_written_down_nowhere(desk: Desk) -> None:
    await desk.sign_in("administrator")
    clerk = await made(desk, "vt", Role.CLERK, "G22")
    answer = await change(desk, clerk, "link")
    (link,) = set(re.findall(r"http://pages\.test(/sign-in/link/[\w-]+)", answer.text))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "/sign-in/link/" not in (await desk.get(f"/people/{clerk.person_id}")).text
    (act,) = await acts(desk)
    assert act["kind"] == "person:link-made"
    assert link.rpartition("/")[2] not in json.dumps(act)
    await desk.sign_out()
    assert (await desk.get(link)).status == 200


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
async def test_nobody_else_is_there(desk: Desk, role: Role) -> None:
    """v5.0.0-8.2.1: the function is there for administrators only; for all others it is as if it did not exist."""
    person = await desk.sign_in(role)
    for path in ("/people", "/people/add", f"/people/{person.person_id}"):
        assert (await desk.get(path)).status == 404
    for verb in ("disable", "enable", "grant", "revoke", "mandate", "role", "link"):
        assert (await change(desk, person, verb)).status == 404


async def test_unknown_people(desk: Desk) -> None:
    await desk.sign_in("administrator")
    for name in (str(uuid4()), "x", "é"):
        assert (await desk.get(f"/people/{name}")).status == 404
        assert (await desk.post(f"/people/{name}/enable")).status == 404
