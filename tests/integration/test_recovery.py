"""Recovery: broker or database away at the start or in between; the hub waits, comes back by itself, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from docaxis.domain import wire
from docaxis.local.postgres import PrivatePostgres
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, serving, viewing
from tests.cable import Cable
from tests.hub_child import HubChild
from tests.services import BROKER_ADVANCED, BROKER_SETTINGS, DOWNLOADS, needed, told
from tests.simulator import SENDER, Country
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01", "H05")


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


@pytest.fixture(scope="module")
def mortal_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbitMQ]:
    """A node of this module's own, stopped and started at will."""
    folder = tmp_path_factory.mktemp("mortal-rabbitmq")
    node = PrivateRabbitMQ(
        folder, downloads=DOWNLOADS, settings=BROKER_SETTINGS, advanced_config=BROKER_ADVANCED, tell=told
    )
    needed("RabbitMQ", node.start)
    yield node
    node.kill()


@pytest.fixture(scope="module")
def mortal_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    """A server of this module's own."""
    server = PrivatePostgres(tmp_path_factory.mktemp("mortal-postgres"), downloads=DOWNLOADS, tell=told)
    needed("PostgreSQL", server.start)
    yield server
    server.kill()


def sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'docaxis.db'}"


async def send(axis: Axis, number: int) -> bytes:
    """Send a document to the two provinces, as message m-NUMBER."""
    package = axis.country.signed(axis.country.envelope(number=number, to=TO))
    await axis.send(package, f"m-{number}")
    return package


async def problems(hub: HubChild) -> tuple[int, str]:
    """Return what /readyz says."""
    return await hub.get("/readyz")


async def delivered_once(axis: Axis, ground: Ground, packages: list[bytes]) -> None:
    """Check that every package is accepted once and with every addressee, perhaps repeated under the same id."""

    async def at_rest() -> bool:
        return await ground.count("documents") == len(packages) and await ground.outbox_empty()

    await eventually("all committed and published", at_rest)
    for organ_id in TO:
        messages = await axis.all_of(organ_id)
        assert {message.body for message in messages} == set(packages)
        assert len({message.message_id for message in messages}) == len(packages)
    receipts = await axis.all_of(SENDER, "receipts")
    assert len({message.body for message in receipts}) == len(packages)
    assert (await ground.events())["document:accepted"] == len(packages)


@pytest.mark.slow
async def test_broker_that_is_down_at_the_start_and_restarts_later_costs_nothing(
    country: Country, mortal_rabbitmq: PrivateRabbitMQ, tmp_path: Path
) -> None:
    ground = await lay_ground(country, sqlite(tmp_path), mortal_rabbitmq.create_vhost("down"), tmp_path)
    await asyncio.to_thread(mortal_rabbitmq.stop)
    with ground.hub() as hub:
        assert await eventually("alive", lambda: alive(hub))
        status, body = await problems(hub)
        assert (status, "broker" in body) == (503, True)
        await asyncio.to_thread(mortal_rabbitmq.start)
        await hub.ready()
        async with viewing(ground) as axis:
            packages = [await send(axis, number) for number in range(1, 6)]
        # A quorum queue that is younger than a second does not survive (see PrivateRabbitMQ.kill).
        await asyncio.sleep(1.5)
        await asyncio.to_thread(mortal_rabbitmq.stop)
        await eventually("not ready", lambda: not_ready(hub))
        assert await alive(hub)
        await asyncio.to_thread(mortal_rabbitmq.start)
        await hub.ready()
        async with viewing(ground) as axis:
            packages += [await send(axis, number) for number in range(6, 11)]
            await delivered_once(axis, ground, packages)
        assert await hub.terminate() == 0


async def alive(hub: HubChild) -> bool:
    return (await hub.get("/livez"))[0] == 200


async def not_ready(hub: HubChild) -> bool:
    return (await problems(hub))[0] == 503


async def test_connections_cut_by_force_again_and_again_lose_and_double_nothing(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    cable = Cable(vhost)
    ground = await lay_ground(country, sqlite(tmp_path), vhost, tmp_path)
    async with cable.laid() as through, serving(ground, broker={"url": through}) as axis:
        sent: list[bytes] = []

        async def sending() -> None:
            for number in range(1, 81):
                sent.append(await send(axis, number))
                await asyncio.sleep(0.03)

        task = asyncio.create_task(sending())
        cuts = 0
        while not task.done() or cuts < 3:
            cuts += cable.cut() > 0
            await asyncio.sleep(0.3)
        await task
        await delivered_once(axis, ground, sent)


async def test_connections_closed_by_the_brokers_operator_come_back_by_themselves(
    country: Country, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, sqlite(tmp_path), vhost, tmp_path)
    async with serving(ground) as axis:
        sent = [await send(axis, 1)]
        closed = await eventually("the management API sees the hub", lambda: close_all(rabbitmq, vhost))
        assert closed >= 2
        sent += [await send(axis, number) for number in range(2, 12)]
        await delivered_once(axis, ground, sent)


async def close_all(rabbitmq: PrivateRabbitMQ, vhost: str) -> int:
    """Close every connection of the hub by the management API; the test's own has no name."""
    open_now = await asyncio.to_thread(rabbitmq.management, "GET", "/api/connections")
    assert isinstance(open_now, list)
    here = [one for one in open_now if one.get("vhost") == urlsplit(vhost).path[1:]]
    hubs = [one for one in here if "test hub" in str(one.get("client_properties", {}).get("connection_name"))]
    for one in hubs:
        path = f"/api/connections/{quote(one['name'], safe='')}"
        await asyncio.to_thread(rabbitmq.management, "DELETE", path)
    return len(hubs)


async def test_half_open_connection_is_noticed_by_heartbeat_and_nothing_is_lost(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    cable = Cable(vhost)
    async with cable.laid() as through:
        ground = await lay_ground(country, sqlite(tmp_path), vhost, tmp_path)
        async with serving(ground, broker={"url": through, "heartbeat_s": 1}) as axis:
            sent = [await send(axis, 1)]
            assert await axis.verdict() == ("accepted", "")
            opened = cable.opened
            cable.plugged.clear()
            sent += [await send(axis, number) for number in range(2, 12)]

            async def given_up() -> bool:
                return cable.opened >= opened + 2

            await eventually("the hub has given up its connections", given_up)
            cable.plugged.set()

            async def at_rest() -> bool:
                return await ground.count("documents") == len(sent) and await ground.outbox_empty()

            await eventually("all committed and published", at_rest)
            for organ_id in TO:
                messages = await axis.all_of(organ_id)
                assert {message.body for message in messages} == set(sent)
                assert len({message.message_id for message in messages}) == len(sent)


@pytest.mark.postgres
async def test_database_that_goes_away_leaves_messages_unacknowledged_and_commits_each_once_when_back(
    country: Country, mortal_postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, mortal_postgres.create_database("away"), vhost, tmp_path)
    await asyncio.to_thread(mortal_postgres.stop)
    with ground.hub() as hub:
        # Down at the start: alive, not ready, not consuming.
        assert await eventually("alive", lambda: alive(hub))
        assert await not_ready(hub)
        await asyncio.to_thread(mortal_postgres.start)
        await hub.ready()
        async with viewing(ground) as axis:
            packages = [await send(axis, 1)]
            assert await axis.verdict() == ("accepted", "")
            await asyncio.to_thread(mortal_postgres.stop)
            packages += [await send(axis, number) for number in range(2, 22)]
            await eventually("all in the hub's hands", lambda: unacknowledged(rabbitmq, vhost, 20))
            assert await not_ready(hub)
            assert await axis.count(SENDER, "receipts") == 0
            await asyncio.to_thread(mortal_postgres.start)
            await eventually("ready again", lambda: is_ready(hub))

            async def at_rest() -> bool:
                return await ground.count("documents") == 21 and await ground.outbox_empty()

            await eventually("all committed and published", at_rest)
            assert await ground.count("submissions") == 21
            assert await depth(axis.channel, wire.ingress_queue("normal")) == 0
            assert {message.body for message in await axis.all_of("H01")} == set(packages)
            # Stopped while the database is away: in order and at once, with nothing acknowledged.
            await asyncio.to_thread(mortal_postgres.stop)
            await send(axis, 22)
            await eventually("in the hub's hands", lambda: unacknowledged(rabbitmq, vhost, 1))
            assert await hub.terminate() == 0
            assert await depth(axis.channel, wire.ingress_queue("normal")) == 1
    await asyncio.to_thread(mortal_postgres.start)


async def is_ready(hub: HubChild) -> bool:
    return (await problems(hub))[0] == 200


async def unacknowledged(rabbitmq: PrivateRabbitMQ, vhost: str, wanted: int) -> bool:
    """Whether so many ingress messages are with the hub and not acknowledged, as the broker counts them."""
    path = f"/api/queues/{quote(urlsplit(vhost).path[1:])}/{wire.ingress_queue('normal')}"
    queue = await asyncio.to_thread(rabbitmq.management, "GET", path)
    assert isinstance(queue, dict)
    return bool(queue.get("messages_unacknowledged") == wanted)
