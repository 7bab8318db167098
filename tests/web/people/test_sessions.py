"""Sessions: how long they hold, what is kept of them, and that their person sees and ends them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from docaxis.backends.people_tables import sessions
from docaxis.config import Config
from docaxis.domain.people import Grant
from docaxis.web.people.ports import CHANGES, RULES, SESSIONS
from docaxis.web.people.session import hash_of
from tests.web.conftest import config_in
from tests.web.desk import Desk


async def rows(desk: Desk) -> list[dict[str, object]]:
    async with desk.database.engine.connect() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(sessions))]


async def test_ends_when_idle(desk: Desk) -> None:
    """v5.0.0-7.3.1: a session that nobody uses is over after the configured time."""
    await desk.sign_in("clerk")
    desk.clock.at += timedelta(minutes=14)
    assert (await desk.get("/account")).status == 200
    desk.clock.at += timedelta(minutes=14)
    assert (await desk.get("/account")).status == 200
    desk.clock.at += timedelta(minutes=15)
    assert (await desk.get("/account")).status == 303


async def test_ends_in_any_case(desk: Desk) -> None:
    """v5.0.0-7.3.2: after the longest time a session is over, however busy it is."""
    await desk.sign_in("clerk")
    for _ in range(8 * 6 - 1):
        desk.clock.at += timedelta(minutes=10)
        assert (await desk.get("/account")).status == 200
    desk.clock.at += timedelta(minutes=10)
    assert (await desk.get("/account")).status == 303


async def test_what_an_open_page_fetches_is_no_act(desk: Desk) -> None:
    await desk.sign_in("clerk")
    for _ in range(3):
        desk.clock.at += timedelta(minutes=4)
        assert (await desk.get("/account", {"Sec-Fetch-Dest": "empty"})).status == 200
    desk.clock.at += timedelta(minutes=4)
    assert (await desk.get("/account")).status == 303


async def test_is_written_once_a_minute_at_most(desk: Desk) -> None:
    await desk.sign_in("clerk")
    begin = desk.clock.at
    desk.clock.at += timedelta(seconds=59)
    await desk.get("/account")
    assert (await rows(desk))[0]["seen_at"] == begin
    desk.clock.at += timedelta(seconds=1)
    await desk.get("/account")
    assert (await rows(desk))[0]["seen_at"] == desk.clock.at


async def test_cookie_itself_is_not_kept(desk: Desk) -> None:
    """v5.0.0-7.2.2, v5.0.0-7.2.3: a reference of random octets, of which the server keeps the hash."""
    await desk.sign_in("clerk")
    (row,) = await rows(desk)
    value = desk.cookie("docaxis")
    assert row["session_hash"] == hash_of(value)
    assert value not in str(row)


async def test_signing_out_ends_it_on_the_server(desk: Desk) -> None:
    """v5.0.0-7.4.1: the cookie of a session that was ended opens nothing."""
    await desk.sign_in("clerk")
    value = desk.cookie("docaxis")
    await desk.post("/sign-out")
    desk.cookies({"docaxis": value})
    assert (await desk.get("/account")).status == 303


async def test_shutting_out_ends_all(desk: Desk) -> None:
    """v5.0.0-7.4.2: with the account end its sessions."""
    person = await desk.sign_in("clerk")
    await desk.app[CHANGES].disable(person, desk.clock.at, "test")
    assert (await desk.get("/account")).status == 303
    assert await rows(desk) == []


async def test_sees_and_ends_own_sessions(desk: Desk) -> None:
    """v5.0.0-7.5.2: all sessions of the account are listed, and ended one by one or all others."""
    person = await desk.sign_in("clerk")
    first = desk.cookie("docaxis")
    await desk.sit_down(person)
    second = desk.cookie("docaxis")
    await desk.sit_down(person)
    page = await desk.get("/account")
    assert "3 phiên đang mở" in page.text
    assert "192.0.2.7" in page.text
    assert (await desk.post("/account/sessions/end", {"session": hash_of(first)})).status == 303
    assert len(await rows(desk)) == 2
    assert (await desk.post("/account/sessions/end-others")).status == 303
    assert [row["session_hash"] for row in await rows(desk)] == [hash_of(desk.cookie("docaxis"))]
    desk.cookies({"docaxis": second})
    assert (await desk.get("/account")).status == 303


async def test_nobody_ends_anothers_session(desk: Desk) -> None:
    """v5.0.0-8.2.2: an id of somebody else's is as one that is not there."""
    await desk.sign_in("clerk", "H41")
    foreign = hash_of(desk.cookie("docaxis"))
    await desk.sign_in("clerk", "G22")
    for name in (foreign, "0" * 64):
        assert (await desk.post("/account/sessions/end", {"session": name})).status == 404
    assert len(await rows(desk)) == 2


async def test_grant_that_was_taken_away_no_longer_counts(desk: Desk) -> None:
    """v5.0.0-8.3.2: a change of what one may do is in force with the next request."""
    person = await desk.sign_in("clerk", "G22", grants=[Grant("H41", with_subordinates=True)])
    assert (await desk.post("/account/agency", {"organ_id": "H41.001"})).location == "/"
    assert "phường Thành Vinh" in (await desk.get("/account")).text.partition("</header>")[0]
    await desk.app[CHANGES].revoke(person, "H41", desk.clock.at, "test")
    assert "Văn phòng Chính phủ" in (await desk.get("/account")).text.partition("</header>")[0]


@pytest.mark.parametrize("path", ["/sent", "/compose", "/changes", "/indicators"])
async def test_whoever_is_shut_out_meanwhile_is_so_at_the_next_request(desk: Desk, path: str) -> None:
    """v5.0.0-7.4.2: in the middle of the work, whatever is asked for next."""
    person = await desk.sign_in("clerk")
    token = desk.form_token
    await desk.app[CHANGES].disable(person, desk.clock.at, "test")
    assert (await desk.get(path)).status in {303, 401}
    assert (await desk.post("/account/language", {"csrf": token, "language": "en"})).status in {303, 401, 403}


async def test_what_a_grant_showed_is_not_there_once_it_is_taken_away(desk: Desk) -> None:
    """v5.0.0-8.3.2: a list and a form of the other agency, opened before."""
    person = await desk.sign_in("clerk", "G22", grants=[Grant("H41", with_subordinates=False)])
    await desk.post("/account/agency", {"organ_id": "H41"})
    token = re.search(r'name="csrf" value="([^"]+)"', (await desk.get("/account")).text)
    assert token
    await desk.app[CHANGES].revoke(person, "H41", desk.clock.at, "test")
    assert "Nghệ An" not in (await desk.get("/sent")).text.partition("</header>")[0]
    assert (await desk.post("/account/language", {"csrf": token[1], "language": "en"})).status == 403


@pytest.mark.parametrize("organ_id", ["H26", "G10", "nonsense", ""])
async def test_acts_for_nobody_without_a_grant(desk: Desk, organ_id: str) -> None:
    await desk.sign_in("clerk", "G22", grants=[Grant("H41")])
    assert (await desk.post("/account/agency", {"organ_id": organ_id})).status == 404
    assert (await desk.post("/account/agency", {"organ_id": "H41.001"})).status == 404, "beneath a grant without them"
    assert (await desk.post("/account/agency", {"organ_id": "000.00.00.H41"})).status == 303


async def test_what_is_over_is_deleted(desk: Desk) -> None:
    await desk.sign_in("clerk")
    at = desk.clock.at
    assert await desk.app[SESSIONS].use_once("x", at + timedelta(minutes=1))
    assert not await desk.app[SESSIONS].use_once("x", at + timedelta(minutes=1))
    kept = desk.app[SESSIONS]
    forget = getattr(kept, "forget")  # noqa: B009 - of the backend, not of the port
    assert await forget(at, desk.app[RULES].idle) == 0
    assert await forget(at + timedelta(minutes=16), desk.app[RULES].idle) == 1
    assert await desk.app[SESSIONS].use_once("x", at + timedelta(minutes=1))


class TestBehindHttps:
    @pytest.fixture
    def desk_config(self, tmp_path) -> Config:
        return config_in(tmp_path, {"DOCAXIS__WEB__PUBLIC_URL": "https://truc.example"})

    async def test_cookie_is_bound_to_this_host(self, desk: Desk) -> None:
        """v5.0.0-3.3.1, v5.0.0-3.3.3, v5.0.0-3.3.4: __Host-, Secure, HttpOnly, SameSite, no Domain; never in an address."""
        page = await desk.get("/sign-in")
        (cookie,) = page.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
        assert cookie.startswith("__Host-docaxis-open=")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
