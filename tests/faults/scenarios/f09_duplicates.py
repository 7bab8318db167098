"""F9: the same package again and again, many copies at the same moment on several processes: taken in once, one receipt."""

import asyncio

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

COPIES, COPIES_MOST = 50, 1_000
"""For each unit of scale, and in the longest form."""
AT_ONCE = 50
PROCESSES, PROCESSES_LONG = 2, 4


async def strike(stage: Stage) -> None:
    """Send one package many times: half under the one message id, half under new ones; all at once, then in a row."""
    (greedy,) = stage.hubs.running
    await stage.hubs.terminate(greedy)
    for _ in range(PROCESSES_LONG if stage.scale > 1 else PROCESSES):
        # One message at a time each, so that every process gets its share of what comes at once.
        await stage.hubs.start(sections={"broker": {"prefetch_normal": 1, "prefetch_urgent": 1}})
    before = await stage.ground.count("documents")
    sender, message_id, receivers, package = stage.package()
    gate = asyncio.Semaphore(AT_ONCE)

    async def send(number: int) -> None:
        one = message_id if number % 2 else f"{message_id}-again-{number}"
        async with gate:
            await stage.agencies[sender].send(package, one, receivers, frozenset({"accepted"}))

    copies = min(COPIES * stage.scale, COPIES_MOST)
    await asyncio.gather(*(send(number) for number in range(copies)))
    stage.book.count("copies of one package", copies)
    await stage.answered()
    shares = [await stage.hubs.metric_of(number, "docaxis_submissions_total") for number in stage.hubs.running]
    assert all(shares), f"the processes decided {shares}"
    await stage.send(5)
    await stage.answered()
    assert await stage.ground.count("documents") == before + 1 + 5
    given = {
        answer.octets for m, answers in stage.book.answers.items() if m.startswith(message_id) for answer in answers
    }
    assert len(given) == 1, f"{len(given)} different receipts of one package"


SCENARIO = Scenario(title="one package many times, many at once", faults=("F9",), strike=strike)
