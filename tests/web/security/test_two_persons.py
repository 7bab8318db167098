"""What needs two people is not done by one with two sessions, and of two decisions at the same moment one counts."""

import asyncio

from docaxis.backends.registry import Registry
from docaxis.web.operator.ports import PROPOSALS
from docaxis.web.people.ports import ACCOUNTS
from docaxis.web.site import SITE
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


async def approved(desk: Desk, key: str) -> tuple[int, bool]:
    answer = await desk.post(f"/proposals/{key}/approve", {"reason": REASON})
    return answer.status, "OPERATOR.ONE_HAND" in answer.text


async def test_who_could_sit_down_as_the_proposer_approves_nothing(desk: Desk) -> None:
    minh = await desk.sign_in("operator", login="minh")
    key = await proposed(desk)
    await desk.sign_in("administrator", login="lan")
    await desk.post(f"/people/{minh.person_id}/link")
    assert await approved(desk, key) == (409, True)
    assert await Registry(desk.database.engine).signer_bindings() == {}
    await desk.sign_in("administrator", login="quan")
    assert await approved(desk, key) == (303, False)


async def test_two_whom_one_person_let_in_are_not_two(desk: Desk) -> None:
    hoa = await desk.sign_in("operator", login="hoa")
    minh = await desk.sign_in("operator", login="minh")
    key = await proposed(desk)
    tu = await desk.sign_in("administrator", login="tu")
    await desk.post(f"/people/{minh.person_id}/link")
    await desk.sign_in("administrator", login="lan")
    for person in (tu, hoa):
        await desk.post(f"/people/{person.person_id}/link")
    await desk.sit_down(hoa)
    assert await approved(desk, key) == (409, True)
    # The identity provider knows who hoa is, so it no longer matters who made the account.
    assert await desk.app[ACCOUNTS].bind_subject(hoa, "issuer hoa", desk.app[SITE].now())
    assert await approved(desk, key) == (303, False)


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
