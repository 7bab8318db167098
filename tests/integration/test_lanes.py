"""Two lanes: whatever waits in the normal one, an urgent document comes next; normal never starves."""

import asyncio
import signal
from pathlib import Path

import aio_pika
import pytest

from docaxis.domain import wire
from docaxis.domain.envelope import Priority
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, viewing
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01", "H05")
URGENT = 3
AHEAD_MOST = 800
"""Normal ones that may be accepted first: those in the hub's hands, its prefetch of 400, and as many that fill it up again."""


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


async def pile_up(axis: Axis, count: int) -> None:
    """Put so many different documents into the normal ingress, which nobody reads yet."""
    exchange = await axis.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
    key = wire.routing_key(endpoint_of(SENDER), "normal")
    for first in range(0, count, 500):
        bodies = await asyncio.to_thread(sign, axis.country, range(first, min(first + 500, count)))
        messages = [
            aio_pika.Message(body, message_id=f"m-{number}", type=wire.PACKAGE_TYPE, delivery_mode=2)
            for number, body in bodies
        ]
        await asyncio.gather(*(exchange.publish(message, routing_key=key) for message in messages))


def sign(country: Country, numbers: range) -> list[tuple[int, bytes]]:
    return [(number, country.signed(country.envelope(number=number, to=TO))) for number in numbers]


@pytest.mark.parametrize("waiting", [3_000, pytest.param(20_000, marks=[pytest.mark.long])])
async def test_urgent_document_overtakes_thousands_of_normal_ones(
    waiting: int, country: Country, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    with ground.hub() as first:
        await first.ready()
        async with viewing(ground):
            assert await first.terminate() == 0
    async with viewing(ground) as axis:
        await pile_up(axis, waiting)
        with ground.hub() as hub:
            await hub.ready()
            await eventually("the hub is in the middle of it", lambda: some_accepted(ground))
            # It stands still while we count and send: how quick this test is says nothing about the hub.
            hub.process.send_signal(signal.SIGSTOP)
            before = await ground.count("documents")
            assert await depth(axis.channel, wire.ingress_queue("normal")) > AHEAD_MOST
            urgent = [
                country.signed(country.envelope(number=number, to=TO, priority=Priority.IMMEDIATE))
                for number in range(waiting, waiting + URGENT)
            ]
            for number, package in enumerate(urgent):
                await axis.send(package, f"urgent-{number}", lane="urgent")
            hub.process.send_signal(signal.SIGCONT)
            assert {(await axis.next("H01", "urgent")).body for _ in urgent} == set(urgent)
            ahead = await eventually("the place in the log", lambda: place_of(ground, f"urgent-{URGENT - 1}")) - before
            print("accepted before the last urgent one", ahead, "of", waiting - before)
            assert ahead <= AHEAD_MOST


async def place_of(ground: Ground, message_id: str) -> int:
    """Return how many submissions stand in the log up to this one; 0 while it has no place."""
    sequenced = "submissions JOIN log_entries ON log_entries.event_id = submissions.event_id"
    its = f"SELECT leaf_index FROM {sequenced} WHERE message_id = '{message_id}'"  # noqa: S608 - our own words
    return await ground.count(f"{sequenced} WHERE leaf_index <= ({its})")


async def some_accepted(ground: Ground) -> bool:
    """Whether the first batches are through."""
    return await ground.count("documents") > 100


async def test_urgent_document_does_not_wait_behind_a_full_window_of_normal_ones(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    with ground.hub(limits={"inbox_window": 20}) as hub:
        await hub.ready()
        async with viewing(ground) as axis:
            await pile_up(axis, 40)

            async def full() -> bool:
                return await ground.count("documents") == 40 and await ground.outbox_empty()

            await eventually("the window is full", full)
            assert await axis.count("H01") == 18
            for number, state in [(41, "dispatched"), (42, "dispatched"), (43, "waiting")]:
                urgent = country.signed(country.envelope(number=number, to=["H01"], priority=Priority.URGENT))
                await axis.send(urgent, f"m-{number}", lane="urgent")
                receipt = await receipt_of(axis, f"m-{number}")
                assert receipt == ("accepted", state)
            assert await axis.count("H01", "urgent") == 2
            assert await axis.count("H01") == 18
            # As soon as there is room again the urgent one goes first.
            await axis.acknowledge("H01", {"normal": list(range(1, 6))})

            async def third() -> bool:
                return await axis.count("H01", "urgent") == 3

            await eventually("the third urgent one", third)


async def receipt_of(axis: Axis, message_id: str) -> tuple[str, str]:
    """Return outcome and first addressee's state of a message's receipt, passing over those of others."""
    while True:
        receipt, _ = await axis.receipt()
        if receipt.message_id == message_id:
            return receipt.outcome, receipt.addressees[0].state


async def test_lane_must_be_that_of_the_signed_urgency(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    with ground.hub() as hub:
        await hub.ready()
        async with viewing(ground) as axis:
            await axis.send(country.signed(country.envelope(number=1, to=TO)), "m-1", lane="urgent")
            assert await axis.verdict() == ("rejected", "PKG.LANE_MISMATCH")
            urgent = country.signed(country.envelope(number=2, to=TO, priority=Priority.URGENT))
            await axis.send(urgent, "m-2", lane="normal")
            assert await axis.verdict() == ("rejected", "PKG.LANE_MISMATCH")
