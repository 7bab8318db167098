"""What needs two people is not done by one with two sessions, and of two decisions at the same moment one counts."""

import asyncio

from docaxis.backends.registry import Registry
from docaxis.web.operator.ports import PROPOSALS
from tests.web.desk import Desk

REASON = "theo công văn 12/VP của nơi cấp"
PRINT = "sha256:" + "ab" * 32


async def proposed(desk: Desk) -> str:
    await desk.post("/propose/binding", {"fingerprint": PRINT, "how": "named", "organ_ids": "H41", "reason": REASON})
    (one,) = await desk.app[PROPOSALS].waiting()
    return one.proposal_id.hex


async def test_own_proposal_is_not_approved_from_another_session(desk: Desk) -> None:
    """v5.0.0-2.3.5: the account counts, not the session: neither a second one nor another role changes who it is."""
    person = await desk.sign_in("operator", login="minh")
    key = await proposed(desk)
    await desk.sit_down(person)
    answer = await desk.post(f"/proposals/{key}/approve", {"reason": REASON})
    assert (answer.status, "OPERATOR.OWN_PROPOSAL" in answer.text) == (409, True)
    assert await Registry(desk.database.engine).signer_bindings() == {}


async def test_of_two_decisions_at_once_one_counts(desk: Desk) -> None:
    await desk.sign_in("operator", login="minh")
    key = await proposed(desk)
    await desk.sign_in("administrator", login="lan")
    ways = ("approve", "decline", "approve", "decline")
    answers = await asyncio.gather(*(desk.post(f"/proposals/{key}/{way}", {"reason": REASON}) for way in ways))
    assert sorted(answer.status for answer in answers) == [303, 409, 409, 409]
    won = next(way for way, answer in zip(ways, answers, strict=True) if answer.status == 303)
    assert bool(await Registry(desk.database.engine).signer_bindings()) == (won == "approve")
    again = await desk.post(f"/proposals/{key}/approve", {"reason": REASON})
    assert again.status == 409


async def test_who_was_shut_out_meanwhile_decides_nothing(desk: Desk) -> None:
    """v5.0.0-8.3.2: the session that was open when the account was shut out is worth nothing at the next request."""
    minh = await desk.sign_in("operator", login="minh")
    key = await proposed(desk)
    await desk.sign_in("administrator", login="quan")
    await desk.post(f"/people/{minh.person_id}/disable")
    await desk.sit_down(minh)
    answer = await desk.post(f"/proposals/{key}/decline", {"reason": REASON})
    assert answer.status in {401, 403}
