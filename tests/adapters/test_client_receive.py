import asyncio
from contextlib import suppress

import pytest

from adapters.client import Client
from adapters.delivery import Delivery, SetAside, TryLaterError
from adapters.journal import Journal
from docaxis.domain.receipt import NoteEndpoint
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.adapters.self_signed import new_seal
from tests.adapters.standin import ENDPOINT, ORGAN, StandInHub, until
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.broker

LARGE = b"y" * 600_000


class Desk:
    """Writes down what the client hands over."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.deliveries: dict[str, Delivery] = {}
        self.aside: list[SetAside] = []

    async def write(self, delivery: Delivery) -> None:
        self.order.append(f"{delivery.lane} {delivery.sequence}")
        self.deliveries[delivery.document_key] = delivery

    async def refuse(self, aside: SetAside) -> None:
        self.aside.append(aside)

    async def notice(self, notice, octets) -> None:
        self.order.append(notice.notice_id)

    async def receive_waiting(self, client: Client) -> int:
        return await client.receive_waiting(self.write, self.refuse, self.notice)


async def test_control_comes_first_then_urgent_then_normal(hub: StandInHub):
    for number in range(3):
        await hub.deliver(b"<n%d/>" % number)
    for number in range(2):
        await hub.deliver(b"<u%d/>" % number, lane="urgent")
    await hub.notify("notice-1")
    await hub.notify("notice-2")
    desk = Desk()
    async with Client(hub.settings()) as client:
        assert await desk.receive_waiting(client) == 5
        assert desk.order == ["notice-1", "notice-2", "urgent 1", "urgent 2", "normal 1", "normal 2", "normal 3"]
        await until(lambda: len(hub.fetched) == 5)
    assert sorted(hub.fetched) == [("normal", 1), ("normal", 2), ("normal", 3), ("urgent", 1), ("urgent", 2)]
    for kind in ("control", "urgent", "normal"):
        assert await hub.depth(kind) == 0


async def test_the_control_queue_is_empty_before_every_batch(hub: StandInHub):
    """A notice that came between two batches is handled before the second one."""
    desk = Desk()
    for number in range(2):
        await hub.deliver(b"<n%d/>" % number)

    async def write(delivery: Delivery) -> None:
        await desk.write(delivery)
        if delivery.sequence == 1:
            await hub.notify("in between")

    async with Client(hub.settings()) as client:
        await client.receive_waiting(write, desk.refuse, desk.notice, most=1)
    assert desk.order == ["normal 1", "in between", "normal 2"]


async def test_normal_is_not_starved_by_urgent(hub: StandInHub):
    for number in range(40):
        await hub.deliver(b"<u%d/>" % number, lane="urgent")
    await hub.deliver(b"<n/>")
    desk = Desk()
    async with Client(hub.settings()) as client:
        await client.receive_waiting(desk.write, desk.refuse, desk.notice, most=10)
    assert desk.order.index("normal 1") <= 20


async def test_claims_notes_by_digest_and_a_broken_download(hub: StandInHub):
    hub.break_after_bytes = 300_000
    first = await hub.deliver(LARGE, claim=True)
    second = await hub.deliver(b"<small/>", note_as_blob=True)
    desk = Desk()
    async with Client(hub.settings()) as client:
        assert await desk.receive_waiting(client) == 2
    assert desk.deliveries[first].body == LARGE
    assert desk.deliveries[second].body == b"<small/>"
    assert [one.organ_id for one in desk.deliveries[second].addressees] == [ORGAN]
    ranges = [header for _, header, _ in hub.http]
    assert any(header.startswith("bytes=") and header != "bytes=0-" for header in ranges)


async def test_what_is_not_the_hubs_is_set_aside_and_blocks_nothing(hub: StandInHub):
    stranger = StandInHub(hub.amqp_url, seal=new_seal("stranger"))
    good = await hub.deliver(b"<good/>")
    body = b"<forged/>"
    await hub.deliver(body, key="a" * 32, note=stranger.note(body, "a" * 32))
    await hub.deliver(b"<other/>", key="b" * 32, note=hub.note(body, "b" * 32))
    await hub.deliver(b"<good/>", key="c" * 32, note=hub.note(b"<good/>", good))
    await hub.deliver(body, key="d" * 32, note=hub.note(body, "d" * 32, endpoints=(NoteEndpoint("else", 1, ()),)))
    await hub.deliver(body, key="e" * 32, note=b"")
    await hub.deliver(body, key="f" * 32, note=b"<not xml")
    claimed = b"z" * 100_000
    await hub.deliver(claimed, key="0" * 32, claim=True, note=hub.note(b"something else", "0" * 32))
    last = await hub.deliver(b"<last/>")
    desk = Desk()
    async with Client(hub.settings()) as client:
        assert await desk.receive_waiting(client) == 2
        await until(lambda: len(hub.fetched) == 2)
    assert set(desk.deliveries) == {good, last}
    assert [one.message_id[0] for one in desk.aside] == list("abcdef0")
    assert await hub.depth("normal") == 0
    # A reason each, and never reported as fetched.
    assert {one.reason.partition(":")[0] for one in desk.aside} >= {"not sealed by the hub", "no delivery note"}
    assert len(hub.fetched) == 2


async def test_a_note_in_the_wrong_blob_and_a_blob_of_other_octets(hub: StandInHub):
    key = await hub.deliver(LARGE, claim=True)
    hub.blobs = {digest: b"q" * len(LARGE) for digest in hub.blobs}
    desk = Desk()
    async with Client(hub.settings()) as client:
        receiving = asyncio.create_task(client.receive(desk.write, desk.refuse))
        await hub.deliver(b"<next/>")
        await until(lambda: len(desk.deliveries) == 1)
        client._inbox._failures[key] = 4  # the fifth time is the last
        await until(lambda: desk.aside)
        receiving.cancel()
    assert "other octets" in desk.aside[0].reason


async def test_repeats_are_acknowledged_again_and_not_written_again(hub: StandInHub, tmp_path):
    desk = Desk()
    key = await hub.deliver(b"<one/>", sequence=7)
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        assert await desk.receive_waiting(client) == 1
    await hub.deliver(b"<one/>", key=key, sequence=7)
    twice = await hub.deliver(b"<two/>", sequence=8)
    await hub.deliver(b"<two/>", key=twice, sequence=8)
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        assert await desk.receive_waiting(client) == 1
        await until(lambda: len(hub.fetched) == 3)
    assert desk.order == ["normal 7", "normal 8"]
    assert hub.fetched.count(("normal", 7)) == 2
    assert await hub.depth("normal") == 0


async def test_nothing_is_acknowledged_before_it_is_written(hub: StandInHub):
    """The client ends while the third write is under way: two are done, the third and the rest come again."""
    for number in range(5):
        await hub.deliver(b"<n%d/>" % number)
    journal, desk = Journal(":memory:"), Desk()
    entered = asyncio.Event()

    async def write(delivery: Delivery) -> None:
        if delivery.sequence == 3:
            entered.set()
            await asyncio.sleep(60)
        await desk.write(delivery)

    async with Client(hub.settings(), journal) as client:
        receiving = asyncio.create_task(client.receive(write))
        await entered.wait()
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
    async with Client(hub.settings(), journal) as client:
        assert await desk.receive_waiting(client) == 3
        await until(lambda: len(hub.fetched) >= 5)
    assert desk.order == [f"normal {number}" for number in range(1, 6)]
    assert sorted(number for _, number in hub.fetched) == [1, 2, 3, 4, 5]


async def test_a_write_that_fails_ends_receiving_and_loses_nothing(hub: StandInHub):
    for number in range(3):
        await hub.deliver(b"<n%d/>" % number)
    desk = Desk()

    async def full_disk(delivery: Delivery) -> None:
        if delivery.sequence == 2:
            raise OSError(28, "No space left on device")
        await desk.write(delivery)

    async with Client(hub.settings()) as client:
        with pytest.raises(OSError, match="No space"):
            await client.receive(full_disk)
        assert await desk.receive_waiting(client) == 2
    assert desk.order == ["normal 1", "normal 2", "normal 3"]


async def test_one_that_must_wait_does_not_hold_up_the_others(hub: StandInHub):
    for number in range(3):
        await hub.deliver(b"<n%d/>" % number)
    desk = Desk()
    tries: list[int] = []

    async def write(delivery: Delivery) -> None:
        if delivery.sequence == 1 and not tries:
            tries.append(1)
            raise TryLaterError("not yet")
        await desk.write(delivery)

    async with Client(hub.settings()) as client:
        receiving = asyncio.create_task(client.receive(write))
        await until(lambda: len(desk.order) == 3)
        await until(lambda: len(hub.fetched) == 3)
        receiving.cancel()
    assert desk.order == ["normal 2", "normal 3", "normal 1"]
    assert await hub.depth("normal") == 0


async def test_more_than_the_prefetch_is_received(hub: StandInHub):
    for number in range(60):
        await hub.deliver(b"<n%d/>" % number)
    desk = Desk()
    async with Client(hub.settings(), prefetch=7) as client:
        assert await desk.receive_waiting(client) == 60


@pytest.mark.slow
async def test_receiving_goes_on_after_the_broker_was_killed(own_rabbitmq: PrivateRabbitMQ):
    hub = StandInHub(own_rabbitmq.create_vhost("v"))
    await hub.start()
    desk = Desk()
    async with Client(hub.settings()) as client:
        receiving = asyncio.create_task(client.receive(desk.write))
        first = await hub.deliver(b"<first/>")
        await until(lambda: first in desk.deliveries)
        await asyncio.sleep(1)
        await asyncio.to_thread(own_rabbitmq.kill)
        await asyncio.to_thread(own_rabbitmq.start)
        second = ""
        while not second:
            with suppress(Exception):
                second = await hub.deliver(b"<second/>")
            await asyncio.sleep(0.1)
        await until(lambda: second in desk.deliveries)
        receiving.cancel()
    assert desk.order.count("normal 1") == 1
    await hub.stop()


async def test_closing_is_bounded(hub: StandInHub):
    await hub.deliver(b"<one/>")
    client = Client(hub.settings())
    receiving = asyncio.create_task(client.receive(Desk().write))
    await until(lambda: hub.fetched)
    receiving.cancel()
    async with asyncio.timeout(PATIENCE_S):
        await client.close()


def test_the_endpoint_of_the_stand_in_is_a_legal_one():
    from docaxis.domain import wire

    assert wire.ENDPOINT_ID.fullmatch(ENDPOINT)
