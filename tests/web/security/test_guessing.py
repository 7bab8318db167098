"""Guessing is counted wherever a secret can be tried: also by whoever sits before a session that was left open."""

from datetime import timedelta

from docaxis.web.people.ports import ACCOUNTS
from tests.web.desk import BEGIN, Desk

OLD, NEW = "con ngựa đúng pin ghim", "mười hai con giáp ăn xoài"


async def test_an_open_session_does_not_find_the_password(desk: Desk) -> None:
    """v5.0.0-6.3.1: tries of the present password count as those of signing in, and stop after five."""
    person = await desk.sign_in("clerk")
    await desk.app[ACCOUNTS].set_password(person, OLD, BEGIN, "test")
    for turn in range(5):
        assert (await desk.post("/account/password", {"old": f"sai lần {turn} rồi đó", "new": NEW})).status == 422
    stopped = await desk.post("/account/password", {"old": OLD, "new": NEW})
    assert (stopped.status, "WEB.TOO_MANY" in stopped.text) == (429, True)
    assert await desk.app[ACCOUNTS].by_password(person.login, OLD)


async def test_signing_in_again_with_the_right_one_forgets_what_was_mistyped(desk: Desk) -> None:
    person = await desk.sign_in("clerk")
    await desk.app[ACCOUNTS].set_password(person, OLD, BEGIN, "test")
    for turn in range(4):
        await desk.post("/account/password", {"old": f"sai lần {turn} rồi đó", "new": NEW})
    assert (await desk.post("/account/password", {"old": OLD, "new": NEW})).status == 303
    for turn in range(4):
        assert (await desk.post("/account/password", {"old": f"sai lần {turn} rồi đó", "new": OLD})).status == 422


async def test_a_question_that_the_log_could_not_hold_is_not_answered(desk: Desk) -> None:
    """v5.0.0-16.2.1: what evidence was asked for stands in the log, whole; so it is bounded."""
    await desk.sign_in("auditor")
    assert (await desk.post("/exports/take", {"asked": "&".join(["q=x"] * 1000)})).status == 400
    desk.clock.at += timedelta(seconds=1)
    assert (await desk.post("/exports/take", {"asked": "q=x", "format": "csv"})).status == 200
