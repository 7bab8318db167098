"""F16: of several inboxes one is deleted, one refuses, and the hub dies half-way: each of the others gets its copy once."""

import asyncio
from urllib.parse import quote

from docaxis.domain import wire
from docaxis.local.service import ServiceError
from tests.faults.scenario import Scenario
from tests.faults.stage import PROVINCES, Stage
from tests.simulator import endpoint_of
from tests.waiting import eventually

DOCUMENTS = 10
"""For each way."""
TURNS_MOST = 5
TRIES = "docaxis_publications_unconfirmed_total"
SOON = {"intake": {"inspect_interval_s": 1.0}}


async def strike(stage: Stage) -> None:
    """Injure one inbox while documents go to all; the others must not notice."""
    (healthy,) = stage.hubs.running
    await stage.hubs.terminate(healthy)
    await stage.hubs.start(sections=SOON)
    for _ in range(min(stage.scale, TURNS_MOST)):
        victim = stage.dice.choice(PROVINCES)
        await _deleted(stage, victim)
        await _refusing(stage, victim)
        await _half_way(stage)


def _inbox(stage: Stage, organ_id: str) -> str:
    endpoint = endpoint_of(organ_id)
    return wire.inbox_queue(endpoint, stage.ground.tokens[endpoint], "normal")


async def _deleted(stage: Stage, victim: str) -> None:
    """Delete an inbox with copies in it, while more are under way."""
    await stage.agencies[victim].leave()
    await stage.send(DOCUMENTS, to=PROVINCES)
    await _others_have_all(stage, victim)
    queue = _inbox(stage, victim)
    await stage.management("DELETE", f"/api/queues/{{vhost}}/{quote(queue, safe='')}")
    stage.book.count("inboxes deleted")
    await stage.send(DOCUMENTS, to=PROVINCES)
    await _others_have_all(stage, victim)

    async def made_anew_and_filled() -> bool:
        try:
            return await stage.depth(queue) >= DOCUMENTS
        except ServiceError:
            return False

    await eventually("the inbox is there again, with what it had lost", made_anew_and_filled)
    await stage.agencies[victim].come()
    await stage.has_all(victim)


async def _refusing(stage: Stage, victim: str) -> None:
    """Let one inbox take two messages and no more, by a policy of the broker's operator."""
    await stage.agencies[victim].leave()
    policy = {
        "pattern": f"^{_inbox(stage, victim)}$",
        "definition": {"max-length": 2, "overflow": "reject-publish"},
        "apply-to": "queues",
        "priority": 100,
    }
    await stage.management("PUT", "/api/policies/{vhost}/full", policy)
    # The bound is soft: what comes at the same moment may pass it, so it is full for the second half.
    for _ in range(2):
        await stage.send(DOCUMENTS, to=PROVINCES)
        await _others_have_all(stage, victim)
    stage.book.count("inboxes that refuse")
    await _others_have_all(stage, victim)

    async def only_the_missing() -> bool:
        left = await stage.ground.rows("SELECT DISTINCT targets FROM outbox")
        return [row[0] for row in left] == [f'["{endpoint_of(victim)}"]']

    await eventually("what is published again is what was refused, and nothing else", only_the_missing)
    # Once the broker has told apart who refused, the others get nothing again, however often it is tried.
    repeats, tries = stage.book.wire_repeats, await stage.hubs.metric(TRIES)

    async def tried_again() -> bool:
        return await stage.hubs.metric(TRIES) > tries

    await eventually("tried again", tried_again)
    assert stage.book.wire_repeats == repeats, "the others got copies again"
    await stage.agencies[victim].come()
    await stage.has_all(victim)
    await stage.management("DELETE", "/api/policies/{vhost}/full")


async def _half_way(stage: Stage) -> None:
    """Kill the hub after some of the copies are published and before anything of it is settled."""
    (running,) = stage.hubs.running
    await stage.hubs.terminate(running)
    number = await stage.hubs.start("confirmed", ready=False, sections=SOON)
    await stage.send(1, to=PROVINCES)
    await stage.hubs.killed_by_itself(number)
    await stage.hubs.start(sections=SOON)
    await asyncio.gather(*(stage.has_all(one) for one in PROVINCES))


async def _others_have_all(stage: Stage, victim: str) -> None:
    await asyncio.gather(*(stage.has_all(one) for one in PROVINCES if one != victim))


SCENARIO = Scenario(title="one of several inboxes fails", faults=("F16",), strike=strike)
