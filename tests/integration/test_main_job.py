"""The main job on real parts: a hub process, a real broker, both databases; packages in, copies and receipts out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import pytest
from pydantic import SecretStr

from docaxis.backends import migrate
from docaxis.backends.database import Database
from docaxis.backends.registry import Registry
from docaxis.config import Config
from docaxis.domain import wire
from docaxis.domain.receipt import Receipt
from docaxis.local.ports import free_ports
from docaxis.trust.receipts import read_note, read_receipt
from docaxis.wiring import hub_process, utc_now
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of

pytestmark = pytest.mark.broker
PATIENCE_S = 15


@dataclass
class Axis:
    """A running hub with the test's own view of broker and database."""

    country: Country
    config: Config
    channel: aio_pika.abc.AbstractChannel
    tokens: dict[str, str]

    async def send(self, body: bytes, message_id: str, sender: str = SENDER, lane: str = "normal") -> None:
        exchange = await self.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        message = aio_pika.Message(body, message_id=message_id, type=wire.PACKAGE_TYPE, delivery_mode=2)
        await exchange.publish(message, routing_key=wire.routing_key(endpoint_of(sender), lane))

    async def next(self, organ_id: str, kind: str) -> aio_pika.abc.AbstractIncomingMessage:
        endpoint = endpoint_of(organ_id)
        name = wire.inbox_queue(endpoint, self.tokens[endpoint], kind)
        queue = await self.channel.declare_queue(name, passive=True)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await queue.get(fail=False, no_ack=True)
                if message is not None:
                    return message
                await asyncio.sleep(0.05)

    async def receipt(self, sender: str = SENDER) -> tuple[Receipt, bytes]:
        message = await self.next(sender, "receipts")
        return read_receipt(message.body, self.country.hub.certificate), message.body

    async def count(self, organ_id: str, kind: str = "normal") -> int:
        endpoint = endpoint_of(organ_id)
        name = wire.inbox_queue(endpoint, self.tokens[endpoint], kind)
        return (await self.channel.declare_queue(name, passive=True)).declaration_result.message_count or 0


@asynccontextmanager
async def running(country: Country, url: str, vhost: str, folder: Path, **limits: int) -> AsyncIterator[Axis]:
    await migrate.upgrade(url)
    database = Database(url)
    registry = Registry(database.engine)
    await registry.import_agencies(country.directory.agencies.values())
    for organ_id in country.connected:
        await registry.add_endpoint(endpoint_of(organ_id), organ_id, utc_now())
        await registry.connect(endpoint_of(organ_id), [organ_id])
    tokens = {one.endpoint_id: one.queue_token for one in await registry.endpoints()}
    await database.close()
    key_file, certificate_file = country.hub.write(folder / "hub")
    port, metrics_port = free_ports(2)
    config = Config.model_validate(
        {
            "hub": {"name": "test hub", "state_dir": folder},
            "broker": {"url": SecretStr(vhost)},
            "store": {"url": SecretStr(url)},
            "seal": {"key_file": key_file, "certificate_file": certificate_file},
            "trust": {
                "anchors_dir": country.folder / "anchors",
                "intermediates_dir": country.folder / "intermediates",
                "crls_dir": country.folder / "crls",
            },
            "http": {"port": port, "metrics_port": metrics_port},
            "limits": limits,
            "intake": {"sweep_interval_s": 0.2},
        }
    )
    stop = asyncio.Event()
    async with hub_process(config, stop) as runner, await aio_pika.connect(vhost) as connection:
        assert runner
        task = asyncio.create_task(runner.run(stop))
        channel = await connection.channel()
        async with asyncio.timeout(PATIENCE_S):
            while not await exists(
                connection, wire.inbox_queue(endpoint_of("H18"), tokens[endpoint_of("H18")], "control")
            ):
                await asyncio.sleep(0.1)
        try:
            yield Axis(country, config, channel, tokens)
        finally:
            stop.set()
            await task


async def exists(connection: aio_pika.abc.AbstractConnection, queue: str) -> bool:
    channel = await connection.channel()
    try:
        await channel.declare_queue(queue, passive=True)
    except aio_pika.exceptions.ChannelNotFoundEntity:
        return False
    await channel.close()
    return True


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now())


async def test_signed_document_reaches_every_addressee_and_the_receipt_comes_back(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    async with running(country, database_url, vhost, tmp_path) as axis:
        package = country.signed(country.envelope(number=1))
        await axis.send(package, "m-1")
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.code) == ("accepted", "")
        assert [one.organ_id for one in receipt.addressees] == list(PROVINCES)
        for organ_id in PROVINCES:
            message = await axis.next(organ_id, "normal")
            assert message.body == package
            header = message.headers[wire.NOTE_HEADER]
            note = read_note(header if isinstance(header, bytes) else str(header).encode(), country.hub.certificate)
            assert note.digest == wire.digest_of(package)
            mine = [one for one in note.endpoints if one.endpoint == endpoint_of(organ_id)]
            assert [one.organ_id for one in mine[0].addressees] == [organ_id]


async def test_same_message_again_gets_the_same_receipt_bytes_and_no_second_copy(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    async with running(country, database_url, vhost, tmp_path) as axis:
        package = country.signed(country.envelope(number=2))
        await axis.send(package, "m-2")
        _, first = await axis.receipt()
        await axis.send(package, "m-2")
        _, second = await axis.receipt()
        await axis.send(package, "m-3")
        _, third = await axis.receipt()
        assert first == second == third
        assert await axis.count("H01") == 1


async def test_refused_package_gets_a_receipt_with_code_and_place_and_reaches_nobody(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    async with running(country, database_url, vhost, tmp_path) as axis:
        body = country.signed(country.envelope(number=4)).replace("thử nghiệm".encode(), "giả mạo!!!".encode())
        await axis.send(body, "m-4")
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.code) == ("rejected", "SIG.HASH_FAILURE")
        assert receipt.place
        assert [await axis.count(p) for p in PROVINCES] == [0] * len(PROVINCES)


async def test_full_window_makes_copies_wait_until_they_are_fetched(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    async with running(country, database_url, vhost, tmp_path, inbox_window=2) as axis:
        for number in range(10, 15):
            await axis.send(country.signed(country.envelope(number=number, to=["H01", "H05"])), f"m-{number}")
        states = [(await axis.receipt())[0].addressees[0].state for _ in range(5)]
        assert sorted(states) == ["dispatched", "dispatched", "waiting", "waiting", "waiting"]
        assert await axis.count("H01") == 2
        exchange = await axis.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        seen: set[str] = set()
        while len(seen) < 5:
            message = await axis.next("H01", "normal")
            header = message.headers[wire.NOTE_HEADER]
            note = read_note(header if isinstance(header, bytes) else str(header).encode(), country.hub.certificate)
            seen.add(note.document_id)
            sequence = next(one.sequence for one in note.endpoints if one.endpoint == endpoint_of("H01"))
            fetched = aio_pika.Message(wire.write_fetched({"normal": [sequence]}), type=wire.FETCHED_TYPE)
            await exchange.publish(fetched, routing_key=wire.routing_key(endpoint_of("H01"), "fetched"))
        assert len(seen) == 5
