"""What an operator sees of real faults: the broker's alarm, the broker away, the database away; and of a hub that is well."""

import asyncio
import time
from pathlib import Path

import aio_pika
import pytest

from docaxis.backends import consume
from docaxis.backends.amqp import Broker
from docaxis.backends.consume import Consumer
from docaxis.hub.runner import end_all
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.wiring import utc_now
from tests.alarm import memory_alarm
from tests.axis import Axis, Ground, lay_ground, viewing
from tests.cable import Cable
from tests.hub_child import HubChild
from tests.simulator import SENDER, Country
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01",)


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


def sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'docaxis.db'}"


async def read(hub: HubChild, name: str) -> float:
    """Return the value of a metric without labels."""
    _, text = await hub.get("/metrics")
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])


async def until_metric(hub: HubChild, name: str, least: float, most: float = float("inf")) -> None:
    """Wait until a metric is within bounds."""

    async def within() -> bool:
        if (await hub.get("/livez"))[0] != 200:
            return False
        return least <= await read(hub, name) <= most

    await eventually(f"{least} ≤ {name} ≤ {most}", within)


async def send(axis: Axis, number: int) -> None:
    await axis.send(axis.country.signed(axis.country.envelope(number=number, to=TO)), f"m-{number}")


async def ground_with_a_full_outbox(country: Country, vhost: str, folder: Path) -> Ground:
    """Lay a ground on which a hub has committed a document and died before it published anything."""
    ground = await lay_ground(country, sqlite(folder), vhost, folder)
    with ground.hub("committed") as hub:
        async with viewing(ground) as axis:
            await send(axis, 1)
        assert await hub.ended() == -9
    return ground


async def test_hub_that_is_well_says_so(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, sqlite(tmp_path), vhost, tmp_path)
    with ground.hub() as hub:
        await hub.ready()
        async with viewing(ground) as axis:
            await send(axis, 1)
            assert await axis.verdict() == ("accepted", "")
        await until_metric(hub, "docaxis_sequencer_leading", 1)
        assert await read(hub, "docaxis_broker_connected") == 1
        assert await read(hub, "docaxis_broker_blocked") == 0
        assert await read(hub, "docaxis_broker_connections_total") == 3
        assert 0 <= await read(hub, "docaxis_snapshot_age_seconds") < 60
        assert await read(hub, "docaxis_trust_problems") == 0
        now = time.time()
        assert now < await read(hub, "docaxis_crl_next_update_timestamp_seconds") < now + 10 * 365 * 86_400
        assert now < await read(hub, "docaxis_seal_not_after_timestamp_seconds") < now + 50 * 365 * 86_400
        assert await read(hub, "docaxis_state_available_bytes") > 0
        assert abs(await read(hub, "docaxis_clock_offset_seconds")) < 5
        for name in ("redeliveries", "store_unavailable", "publications_unconfirmed", "inboxes_short"):
            assert await read(hub, f"docaxis_{name}_total") == 0
        assert await read(hub, "process_resident_memory_bytes") > 10_000_000
        assert await read(hub, "process_open_fds") > 3


@pytest.mark.slow
async def test_alarm_of_the_broker_is_seen_and_its_end(
    country: Country, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path
) -> None:
    ground = await ground_with_a_full_outbox(country, vhost, tmp_path)
    with ground.hub(broker={"publish_timeout_s": 2}) as hub:
        with memory_alarm(rabbitmq):
            await until_metric(hub, "docaxis_broker_blocked", 1)
            await until_metric(hub, "docaxis_outbox_oldest_seconds", 6)
            await until_metric(hub, "docaxis_publications_unconfirmed_total", 1)
            # Several connections have been given up meanwhile, and the last is blocked like the first.
            await until_metric(hub, "docaxis_broker_blocked", 1)
            assert await read(hub, "docaxis_outbox_rows") == 1
            assert await read(hub, "docaxis_broker_connected") == 1
            assert (await hub.get("/livez"))[0] == 200
        await until_metric(hub, "docaxis_outbox_oldest_seconds", 0, 0)
        assert await read(hub, "docaxis_broker_blocked") == 0
        async with viewing(ground) as axis:
            assert await axis.verdict() == ("accepted", "")


@pytest.mark.slow
async def test_outbox_grows_old_while_the_broker_is_away_and_empties_when_it_is_back(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    cable = Cable(vhost)
    ground = await ground_with_a_full_outbox(country, vhost, tmp_path)
    async with cable.laid() as through:
        cable.refuses = True
        with ground.hub(broker={"url": through}) as hub:
            await until_metric(hub, "docaxis_outbox_oldest_seconds", 6)
            assert await read(hub, "docaxis_broker_connected") == 0
            assert await read(hub, "docaxis_broker_connections_total") == 0
            assert await read(hub, "docaxis_publications_unconfirmed_total") >= 1
            assert (await hub.get("/readyz"))[0] == 503
            cable.mend()
            await until_metric(hub, "docaxis_outbox_oldest_seconds", 0, 0)
            await hub.ready()
            # The package itself was never acknowledged.
            await until_metric(hub, "docaxis_redeliveries_total", 1)
            connections = await read(hub, "docaxis_broker_connections_total")
            cable.cut()
            await until_metric(hub, "docaxis_broker_connections_total", connections + 2)


async def test_consumer_tells_what_stands_in_its_queues_and_what_came_before(
    vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consume, "WATCH_INTERVAL_S", 0.3)
    async with await aio_pika.connect(vhost) as connection:
        channel = await connection.channel()
        await channel.declare_queue("full", durable=True, arguments={"x-queue-type": "quorum"})
        for _ in range(5):
            await channel.default_exchange.publish(aio_pika.Message(b"x", delivery_mode=2), "full")
    consumer = Consumer(Broker(vhost), "test", {"full": 1})
    assert (consumer.ready, consumer.connections, consumer.redelivered) == (0, 0, 0)

    async def counted(redelivered: int) -> None:
        async def told() -> bool:
            return (consumer.ready, consumer.redelivered) == (4, redelivered)

        task = asyncio.create_task(consumer.run())
        await eventually("four ready, one in our hands", told)
        await end_all([task])

    await counted(0)
    await counted(1)
    assert consumer.connections == 2


@pytest.mark.postgres
async def test_database_that_is_away_is_counted_while_the_process_stays_alive(
    country: Country, postgres_dsn: str, vhost: str, tmp_path: Path
) -> None:
    cable = Cable(postgres_dsn)
    ground = await lay_ground(country, postgres_dsn, vhost, tmp_path)
    async with cable.laid() as through:
        with ground.hub(store={"url": through}) as hub:
            await hub.ready()
            assert await read(hub, "docaxis_store_unavailable_total") == 0
            cable.refuses = True
            cable.cut()
            await until_metric(hub, "docaxis_store_unavailable_total", 3)
            status, body = await hub.get("/readyz")
            assert (status, "store" in body, "broker" in body) == (503, True, False)
            assert (await hub.get("/livez"))[0] == 200
            assert await read(hub, "docaxis_sequencer_leading") == 0
            assert await read(hub, "docaxis_broker_connected") == 1
            cable.mend()
            await hub.ready()
            await until_metric(hub, "docaxis_sequencer_leading", 1)
            before = await read(hub, "docaxis_store_unavailable_total")
            await asyncio.sleep(2)
            assert await read(hub, "docaxis_store_unavailable_total") == before
