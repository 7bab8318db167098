"""What every answer carries, whatever it is: a page, an error, a redirect, a form that is refused."""

import pytest

from docaxis.web.headers import POLICY
from tests.web.desk import Answer, Desk

PATHS = ["/sign-in", "/account", "/people", "/nowhere", "/sign-in/link/x"]


async def answers(desk: Desk) -> list[Answer]:
    found = [await desk.get(path) for path in PATHS]
    await desk.sign_in("clerk")
    found += [await desk.get(path) for path in PATHS]
    return [
        *found,
        await desk.post("/sign-in", {"csrf": "wrong"}),
        await desk.post("/account/language", {"language": ""}),
    ]


async def test_every_answer_keeps_to_itself(desk: Desk) -> None:
    """v5.0.0-3.4.3 to 3.4.6, v5.0.0-3.4.8: policy without anything inline, no sniffing, no frame, no referrer elsewhere."""
    for answer in await answers(desk):
        headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Request-Id"]
    policy = dict(part.strip().partition(" ")[::2] for part in POLICY.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


async def test_what_was_shown_is_not_kept(desk: Desk) -> None:
    """v5.0.0-14.2.2, v5.0.0-14.3.2: nothing but static files stays in a cache."""
    for answer in await answers(desk):
        assert answer.headers["Cache-Control"] == "no-store"


async def test_no_version_is_told(desk: Desk) -> None:
    """v5.0.0-13.4.6: what the server is made of is not said."""
    for answer in await answers(desk):
        assert answer.headers["Server"] == "docaxis"
        assert "aiohttp" not in str(answer.headers)


async def test_a_fault_tells_nothing_of_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """v5.0.0-16.5.1: of an unexpected fault only a number to quote is shown."""

    async def fail(*_: object) -> None:
        raise RuntimeError("secret-of-the-server")

    await desk.sign_in("clerk")
    monkeypatch.setattr("docaxis.backends.people.accounts.SqlAccounts.account", fail)
    answer = await desk.get("/account")
    assert answer.status == 500
    assert "secret-of-the-server" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


async def test_no_token_of_a_session_stands_in_an_address(desk: Desk) -> None:
    """v5.0.0-14.2.1: neither cookie nor form token is ever part of a link."""
    await desk.sign_in("clerk")
    page = (await desk.get("/account")).text
    assert desk.cookie("docaxis") not in page
    assert f"={desk.form_token}" not in page
    assert f"/{desk.form_token}" not in page
