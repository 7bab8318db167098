"""Signing in with a password or as one of the demonstration's people, and out."""

import re

import pytest
from sqlalchemy import select

from docaxis.backends.people_tables import people, sessions
from docaxis.backends.tables import events, log_pending
from docaxis.config import Config
from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.web.people.ports import ACCOUNTS, CHANGES
from docaxis.web.people.tries import OF_BOTH
from docaxis.wiring.people import DEMO_LOGINS
from tests.web.conftest import config_in
from tests.web.desk import BEGIN, Answer, Desk

PASSWORD = "con ngựa đúng pin ghim"


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


@pytest.fixture
async def person(desk: Desk) -> Person:
    """A clerk with a password."""
    made = Person(new_id(BEGIN), "ha.ntt", "Nguyễn Thị Thu Hà", Role.CLERK, "G10", "Văn thư")
    assert await desk.app[ACCOUNTS].add(made, BEGIN, "test", PASSWORD)
    return made


async def form_token(desk: Desk, path: str = "/sign-in") -> str:
    page = await desk.get(path)
    assert page.status == 200
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def try_in(desk: Desk, login: str = "ha.ntt", password: str = PASSWORD, leads_to: str = "/") -> Answer:
    token = await form_token(desk)
    return await desk.post("/sign-in", {"csrf": token, "login": login, "password": password, "next": leads_to})


async def kinds(desk: Desk) -> list[str]:
    async with desk.database.engine.connect() as connection:
        # Not by the events' own ids: those of one moment come in any order.
        entered = select(events.c.kind).join(log_pending, log_pending.c.event_id == events.c.event_id)
        return list(await connection.scalars(entered.order_by(log_pending.c.pending_id)))


async def test_signs_in_and_out(desk: Desk, person: Person) -> None:
    done = await try_in(desk, leads_to="/account?x=1")
    assert (done.status, done.location) == (303, "/account?x=1")
    page = await desk.get("/account")
    assert page.status == 200
    assert "Nguyễn Thị Thu Hà" in page.text
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    assert (await desk.get("/sign-in")).location == "/"
    out = await desk.post("/sign-out", {"csrf": token})
    assert (out.status, out.location) == (303, "/sign-in")
    assert (await desk.get("/account")).location == "/sign-in?next=/account"
    assert await kinds(desk) == ["person:added", "person:signed-in", "person:signed-out"]


async def test_wrong_is_not_said_apart(desk: Desk, person: Person) -> None:
    """v5.0.0-6.3.8: whether there is an account cannot be told from what is answered."""
    wrong, unknown = await try_in(desk, password="sai mật khẩu này"), await try_in(desk, login="ai.do")
    assert (wrong.status, unknown.status) == (422, 422)
    sentence = "Tên đăng nhập hoặc mật khẩu không đúng."
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert 'value="ha.ntt"' in wrong.text
    assert "sai mật khẩu này" not in wrong.text


async def test_who_is_shut_out_does_not_get_in(desk: Desk, person: Person) -> None:
    await desk.app[CHANGES].disable(person, BEGIN, "test")
    assert (await try_in(desk)).status == 422


async def test_session_is_new_at_every_sign_in(desk: Desk, person: Person) -> None:
    """v5.0.0-7.2.4: a new session at sign-in, and the one before it ends; a cookie from elsewhere becomes no session."""
    desk.cookies({"docaxis": "planted"})
    await try_in(desk)
    first = desk.cookie("docaxis")
    assert first != "planted"
    page = await desk.get("/sign-in?again=1")
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    again = await desk.post("/sign-in", {"csrf": token, "login": "ha.ntt", "password": PASSWORD})
    assert again.status == 303
    assert desk.cookie("docaxis") != first
    async with desk.database.engine.connect() as connection:
        assert len((await connection.execute(select(sessions))).all()) == 1


async def test_guessing_is_stopped(desk: Desk, person: Person) -> None:
    """v5.0.0-6.3.1: after a few wrong tries nobody gets in from there for a while, not even with the right password."""
    for _ in range(OF_BOTH.amount):
        assert (await try_in(desk, password="sai mật khẩu này")).status == 422
    stopped = await try_in(desk)
    assert stopped.status == 429
    assert "Đợi năm phút" in stopped.text


async def test_right_password_forgets_what_was_mistyped(desk: Desk, person: Person) -> None:
    for _ in range(2):
        for _ in range(OF_BOTH.amount - 1):
            assert (await try_in(desk, password="sai mật khẩu này")).status == 422
        assert (await try_in(desk)).status == 303
        await desk.sign_out()


async def test_password_is_kept_as_argon2id(desk: Desk, person: Person) -> None:
    """v5.0.0-11.4.2: argon2id with a salt of its own and costs that are recommended."""
    async with desk.database.engine.connect() as connection:
        kept = (await connection.execute(select(people.c.password_hash))).scalar_one()
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", kept)
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\nb", "\\/x", "", "/\t/evil.example"],
)
async def test_leads_nowhere_else(desk: Desk, person: Person, elsewhere: str) -> None:
    """v5.0.0-3.7.2: what is behind sign-in is a path of ours."""
    done = await try_in(desk, leads_to=elsewhere)
    assert (done.status, done.location) == (303, "/")


async def test_language_of_the_account_counts_where_none_was_chosen(desk: Desk) -> None:
    made = Person(new_id(BEGIN), "anna", "Anna", Role.OPERATOR, language="en")
    await desk.app[ACCOUNTS].add(made, BEGIN, "test", PASSWORD)
    await try_in(desk, "anna")
    assert '<html lang="en"' in (await desk.get("/account")).text


async def test_demonstration_is_not_there_unless_asked_for(desk: Desk, person: Person) -> None:
    token = await form_token(desk)
    assert (await desk.post("/sign-in/demo", {"csrf": token, "login": "ha.ntt"})).status == 404


class TestDemonstration:
    @pytest.fixture
    def desk_config(self, tmp_path) -> Config:
        switched = {"DOCAXIS__WEB__TEST_DATA": "true", "DOCAXIS__WEB__UNSAFE_DEMO_SIGN_IN": "true"}
        return config_in(tmp_path, switched)

    async def test_lets_in_its_own_people_only(self, desk: Desk, person: Person) -> None:
        made = Person(new_id(BEGIN), DEMO_LOGINS[0], "Trần Văn A", Role.CLERK, "G10", "Văn thư bộ")
        await desk.app[ACCOUNTS].add(made, BEGIN, "test")
        page = await desk.get("/sign-in")
        assert "Văn thư bộ" in page.text
        assert "Bộ Nông nghiệp và Môi trường" in page.text
        token = await form_token(desk)
        for login in ("ha.ntt", DEMO_LOGINS[1], ""):
            assert (await desk.post("/sign-in/demo", {"csrf": token, "login": login})).status == 404
        done = await desk.post("/sign-in/demo", {"csrf": token, "login": DEMO_LOGINS[0]})
        assert (done.status, done.location) == (303, "/")
        assert (await desk.get("/account")).status == 200
