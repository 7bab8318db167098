"""F15: a receiver is away and comes back to its backlog; nobody else notices."""

import asyncio
import time
from contextlib import suppress
from itertools import pairwise

from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import PATIENCE_S, eventually

AWAY, OTHER, SENDER = "H13", "H05", "G22"
WINDOW = 100
SHORT, LONG_EACH = 150, 1000
"""How many packages come meanwhile: in the short form, and in the long form for each unit of scale."""
PER_S_LEAST = 10


async def strike(stage: Stage) -> None:
    """Let a backlog grow far above the window, look at what everybody sees of it, and let the receiver come back."""
    number = SHORT if stage.scale == 1 else LONG_EACH * stage.scale
    patience_s = PATIENCE_S + number / PER_S_LEAST
    agency, other = stage.agencies[AWAY], stage.agencies[OTHER]
    inbox = wire.inbox_queue(agency.endpoint, stage.ground.tokens[agency.endpoint], "normal")
    await eventually("at rest", stage.is_at_rest)
    await agency.leave()
    watching = asyncio.create_task(_watch_window(stage, agency.endpoint))
    had = len(stage.book.inboxes.get(other.endpoint, ()))
    await stage.send(number, sender=SENDER, to=[AWAY, OTHER])
    await stage.answered(patience_s)

    async def all_there() -> bool:
        return len(stage.book.inboxes[other.endpoint]) == had + number

    await eventually("the other receiver has all", all_there, patience_s)
    assert await stage.depth(inbox) <= WINDOW
    # In the rows that the sender's status shows, the copies of the one who is away wait; none has expired.
    rows = await stage.ground.rows("SELECT endpoint, state, count(*) FROM deliveries GROUP BY 1, 2")
    states = {state: count for endpoint, state, count in rows if endpoint == agency.endpoint}
    assert states["waiting"] >= number - WINDOW, states
    assert states.keys() == {"waiting", "dispatched"}, states

    began, drained_from = time.monotonic(), len(stage.book.inboxes.get(agency.endpoint, ()))
    await agency.come()

    async def drained() -> bool:
        return len(stage.book.inboxes.get(agency.endpoint, ())) >= drained_from + number

    await eventually("the backlog is drained", drained, patience_s)
    stage.book.count("drained per second", round(number / (time.monotonic() - began)))
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await _assert_order(stage, agency.endpoint)


async def _watch_window(stage: Stage, endpoint: str) -> None:
    """Look again and again how many copies may stand in the broker that their receiver has not reported as fetched."""
    while True:
        rows = await stage.ground.rows("SELECT endpoint, sum(dispatched - fetched) FROM lanes GROUP BY 1")
        unfetched = {whose: int(number) for whose, number in rows}[endpoint]
        assert unfetched <= WINDOW, f"{unfetched} unfetched copies with a window of {WINDOW}"
        await asyncio.sleep(0.2)


async def _assert_order(stage: Stage, endpoint: str) -> None:
    """What waited came in the order of its acceptance, so that documents of one sender do not overtake each other."""
    rows = await stage.ground.rows(
        "SELECT deliveries.endpoint, documents.digest, deliveries.sequence "
        "FROM deliveries JOIN documents USING (document_key)"
    )
    sequences = {digest: sequence for whose, digest, sequence in rows if whose == endpoint}
    came = [sequences[digest] for digest in stage.book.inboxes[endpoint]]
    overtaken = sum(later < earlier for earlier, later in pairwise(came))
    assert not overtaken, f"{overtaken} of {len(came)} copies came out of order"


SCENARIO = Scenario(
    title="a receiver is away and comes back to its backlog",
    faults=("F15",),
    strike=strike,
    sections={"limits": {"inbox_window": WINDOW}},
)
