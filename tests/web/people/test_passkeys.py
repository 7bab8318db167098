"""Passkeys with an authenticator in software: made, used, named, removed; wrong answers open nothing."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from docaxis.web.people.ports import CHANGES
from tests.web.desk import ORIGIN, Desk
from tests.web.people.authenticator import PRESENT, Authenticator


@pytest.fixture
def key() -> Authenticator:
    return Authenticator(ORIGIN, "pages.test")


async def options_of(desk: Desk, path: str) -> dict[str, Any]:
    answer = await desk.post(path)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


async def made(desk: Desk, key: Authenticator, name: str = "máy bàn") -> int:
    options = await options_of(desk, "/account/passkeys/options")
    return (await desk.post("/account/passkeys", {"credential": key.register(options), "name": name})).status


async def enter(desk: Desk, key: Authenticator) -> int:
    """Sign in with the passkey as a browser that has no session."""
    options = await asked(desk)
    return (await desk.post("/sign-in/passkey", {"credential": key.sign(options), "next": "/account"})).status


async def asked(desk: Desk) -> dict[str, Any]:
    await desk.sign_out()
    page = await desk.get("/sign-in")
    desk.form_token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    return await options_of(desk, "/sign-in/passkey/options")


async def test_made_used_named_removed(desk: Desk, key: Authenticator) -> None:
    """v5.0.0-6.3.3, v5.0.0-6.3.4: signing in by a passkey, which verifies the person itself."""
    person = await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    page = await desk.get("/account")
    assert "máy bàn" in page.text
    assert "chưa dùng" in page.text
    assert await enter(desk, key) == 303
    page = await desk.get("/account")
    assert person.name in page.text
    desk.form_token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    assert "chưa dùng" not in page.text
    name = re.findall(r'name="key" value="([^"]+)"', page.text)[0]
    assert (await desk.post("/account/passkeys/name", {"key": name, "name": "máy của Hà"})).status == 303
    assert "máy của Hà" in (await desk.get("/account")).text
    assert (await desk.post("/account/passkeys/remove", {"key": name})).status == 303
    assert "máy của Hà" not in (await desk.get("/account")).text
    assert await enter(desk, key) == 422


async def test_options_ask_for_what_is_needed(desk: Desk, key: Authenticator) -> None:
    person = await desk.sign_in("clerk")
    options = await options_of(desk, "/account/passkeys/options")
    assert options["rp"]["id"] == "pages.test"
    assert options["user"]["name"] == person.login
    wanted = options["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    assert await made(desk, key) == 303
    assert len((await options_of(desk, "/account/passkeys/options"))["excludeCredentials"]) == 1
    options = await asked(desk)
    assert (options["rpId"], options["userVerification"]) == ("pages.test", "required")
    assert options.get("allowCredentials", []) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("origin", "https://evil.example"), ("rp_id", "evil.example"), ("flags", PRESENT), ("flags", 0)],
)
async def test_answers_that_do_not_hold(desk: Desk, key: Authenticator, name: str, value: Any) -> None:
    await desk.sign_in("clerk")
    other = Authenticator(ORIGIN, "pages.test")
    setattr(other, name, value)
    assert await made(desk, other) == 400
    assert await made(desk, key) == 303
    setattr(key, name, value)
    assert await enter(desk, key) == 422


async def test_challenge_is_good_once_and_for_minutes(desk: Desk, key: Authenticator) -> None:
    await desk.sign_in("clerk")
    options = await options_of(desk, "/account/passkeys/options")
    desk.clock.at += timedelta(minutes=6)
    assert (await desk.post("/account/passkeys", {"credential": key.register(options)})).status == 400
    assert await made(desk, key) == 303
    options = await asked(desk)
    token = desk.form_token
    used = key.sign(options)
    cookie = desk.cookie("docaxis-passkey")
    assert (await desk.post("/sign-in/passkey", {"credential": used})).status == 303
    opened = desk.cookie("docaxis-open")
    await desk.sign_out()
    desk.cookies({"docaxis-passkey": cookie, "docaxis-open": opened or token})
    assert (await desk.post("/sign-in/passkey", {"csrf": opened or token, "credential": used})).status == 422


async def test_copied_key_that_counts_is_noticed(desk: Desk, key: Authenticator) -> None:
    await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    assert await enter(desk, key) == 303
    key.count = 0
    assert await enter(desk, key) == 422


async def test_key_of_somebody_else_says_so(desk: Desk, key: Authenticator) -> None:
    await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    await desk.sign_in("operator")
    assert await made(desk, key) == 400, "a key belongs to one account"
    key.user_handle = b"x" * 16
    assert await enter(desk, key) == 422


async def test_shut_out_with_a_key_too(desk: Desk, key: Authenticator) -> None:
    person = await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    await desk.app[CHANGES].disable(person, desk.clock.at, "test")
    assert await enter(desk, key) == 422


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", '{"id": 1}', '"text"', "null", '{"rawId": "AA", "id": "AA"}']
)
async def test_what_is_no_answer(desk: Desk, credential: str) -> None:
    await asked(desk)
    assert (await desk.post("/sign-in/passkey", {"credential": credential})).status == 422
    await desk.sign_in("clerk")
    await options_of(desk, "/account/passkeys/options")
    assert (await desk.post("/account/passkeys", {"credential": credential})).status == 400


async def test_changing_how_one_signs_in_wants_a_fresh_session(desk: Desk, key: Authenticator) -> None:
    """v5.0.0-7.5.1: who changes how the account signs in has shown who they are a few minutes ago."""
    person = await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    name = re.findall(r'name="key" value="([^"]+)"', (await desk.get("/account")).text)[0]
    for _ in range(2):
        desk.clock.at += timedelta(minutes=8)
        page = await desk.get("/account")
    assert "Đăng nhập lại" in page.text
    assert (await desk.post("/account/passkeys/options")).status == 403
    for path in ("/account/passkeys", "/account/passkeys/remove"):
        answer = await desk.post(path, {"key": name})
        assert answer.location.startswith("/sign-in?again=1"), path
    await desk.sit_down(person)
    assert (await desk.post("/account/passkeys/remove", {"key": name})).status == 303


async def test_nobody_changes_anothers_key(desk: Desk, key: Authenticator) -> None:
    await desk.sign_in("clerk")
    assert await made(desk, key) == 303
    name = re.findall(r'name="key" value="([^"]+)"', (await desk.get("/account")).text)[0]
    await desk.sign_in("operator")
    for path in ("/account/passkeys/name", "/account/passkeys/remove"):
        for one in (name, "AAAA", "é", ""):
            assert (await desk.post(path, {"key": one, "name": "x"})).status == 404
