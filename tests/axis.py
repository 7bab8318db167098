"""The harness of the broker tests: a country on a real broker and database, hubs in this process or as children, one view.

A test lays its ground (`lay_ground`), runs a hub on it in this process (`serving`) or as a child (`ground.hub()`:
`docaxis hub serve`), and looks at it as the broker's administrator (`viewing`).
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import aiormq
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from sqlalchemy.engine import make_url

from docaxis.backends import migrate
from docaxis.backends.database import Database
from docaxis.backends.registry import Registry
from docaxis.config import Config, load_config
from docaxis.domain import wire
from docaxis.domain.receipt import DeliveryNote, Receipt
from docaxis.hub.runner import end_strays
from docaxis.local.ports import free_ports
from docaxis.trust.receipts import read_note, read_receipt
from docaxis.wiring import hub_process, utc_now
from tests.faults.nursery import nursery
from tests.hub_child import HubChild
from tests.schema import newest
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import PATIENCE_S, eventually

QUICK = {"sweep_interval_s": 0.2, "publish_lease_s": 2, "deferred_retry_s": 1, "inspect_interval_s": 3600.0}


@dataclass
class Ground:
    """What a test's hubs stand on; tokens and bearers by endpoint."""

    country: Country
    broker_url: str
    database_url: str
    folder: Path
    tokens: Mapping[str, str]
    bearers: Mapping[str, str]
    hubs: int = field(default=0)
    before_a_look: Callable[[], None] | None = None
    """Called before the database is asked, where the file that the hubs use is out of our reach."""
    seal_files: tuple[Path, Path] | None = None

    def config_file(self, **sections: Mapping[str, object]) -> Path:
        """Write the configuration of one more hub process on this ground; `sections` go over the harness's values."""
        self.hubs += 1
        # Once: another hub may be reading them at this moment.
        key_file, certificate_file = self.seal_files = self.seal_files or self.country.hub.write(self.folder / "hub")
        port, metrics_port = free_ports(2)
        values: dict[str, dict[str, object]] = {
            "hub": {"name": "test hub", "state_dir": self.folder},
            "broker": {"url": self.broker_url},
            "store": {"url": self.database_url},
            "seal": {"key_file": key_file, "certificate_file": certificate_file},
            "trust": {f"{name}_dir": self.country.folder / name for name in ("anchors", "intermediates", "crls")},
            "routing": {"registry_refresh_s": 0.5},
            "http": {"port": port, "metrics_port": metrics_port},
            "intake": dict(QUICK),
        }
        for name, section in sections.items():
            values.setdefault(name, {}).update(section)
        file = self.folder / f"hub-{self.hubs}.toml"
        lines = [
            f"[{name}]\n" + "".join(f"{k} = {_toml(v)}\n" for k, v in part.items()) for name, part in values.items()
        ]
        file.write_text("\n".join(lines), encoding="utf-8")
        return file

    def config(self, **sections: Mapping[str, object]) -> Config:
        """Return a configuration for a hub in this process."""
        return load_config(self.config_file(**sections), {})

    def hub(self, failpoint: str = "", **sections: Mapping[str, object]) -> HubChild:
        """Return a hub as a child process, started from the nursery by `with`; it kills itself at the failpoint."""
        return HubChild(self.config_file(**sections), failpoint, nursery().start)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database directly, behind the hub's back."""
        if self.before_a_look:
            await asyncio.to_thread(self.before_a_look)
        # By the drivers alone: an engine a look would cost more than what is looked at.
        url = make_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            return await asyncio.to_thread(_rows_of_sqlite, str(url.database), query)
        connection = await asyncpg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), ssl=False
        )
        try:
            return [tuple(row.values()) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def count(self, table: str) -> int:
        """Return how many rows a table (with a condition, perhaps) has."""
        return int((await self.rows(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608 - a test's own words

    async def events(self) -> Counter[str]:
        """Count the events by kind."""
        return Counter(kind for (kind,) in await self.rows("SELECT kind FROM events"))

    async def outbox_empty(self) -> bool:
        """Whether everything that was committed has been published and settled."""
        return await self.count("outbox") == 0


def _rows_of_sqlite(file: str, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file, timeout=PATIENCE_S)) as connection:
        return connection.execute(query).fetchall()


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str | Path) else str(value)


async def lay_ground(
    country: Country, database_url: str, broker_url: str, folder: Path, schema: str = "head"
) -> Ground:
    """Make the schema, the directory and the endpoints."""
    await (newest(database_url) if schema == "head" else migrate.upgrade(database_url, schema))
    database = Database(database_url)
    registry = Registry(database.engine)
    await registry.import_agencies(country.directory.agencies.values())
    bearers = {}
    for organ_id in country.connected:
        bearers[endpoint_of(organ_id)] = await registry.add_endpoint(endpoint_of(organ_id), organ_id, utc_now())
        await registry.connect(endpoint_of(organ_id), [organ_id])
    tokens = {one.endpoint_id: one.queue_token for one in await registry.endpoints()}
    await database.close()
    return Ground(country, broker_url, database_url, folder, tokens, bearers)


@dataclass
class Axis:
    """The test's own view of a ground: sends as any endpoint, reads any queue, as the broker's administrator."""

    ground: Ground
    connection: aio_pika.abc.AbstractConnection
    channel: AbstractChannel
    config: Config | None = None

    @property
    def country(self) -> Country:
        """Return the country."""
        return self.ground.country

    def queue_of(self, organ_id: str, kind: str) -> str:
        """Return the name of an agency's queue."""
        endpoint = endpoint_of(organ_id)
        return wire.inbox_queue(endpoint, self.ground.tokens[endpoint], kind)

    async def send(
        self, body: bytes, message_id: str, sender: str = SENDER, lane: str = "normal", *,
        kind: str = wire.PACKAGE_TYPE, headers: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Publish to the ingress as the endpoint of an agency."""
        exchange = await self.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        message = aio_pika.Message(body, message_id=message_id, type=kind, delivery_mode=2, headers=dict(headers or {}))
        await exchange.publish(message, routing_key=wire.routing_key(endpoint_of(sender), lane))

    async def acknowledge(self, organ_id: str, sequences: Mapping[str, list[int]]) -> None:
        """Publish a transport acknowledgement."""
        exchange = await self.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        message = aio_pika.Message(wire.write_fetched(sequences), type=wire.FETCHED_TYPE, delivery_mode=2)
        await exchange.publish(message, routing_key=wire.routing_key(endpoint_of(organ_id), "fetched"))

    async def next(self, organ_id: str, kind: str = "normal") -> AbstractIncomingMessage:
        """Take the next message of an agency's queue."""
        queue = await self.channel.get_queue(self.queue_of(organ_id, kind), ensure=False)

        async def got() -> AbstractIncomingMessage | None:
            return await queue.get(fail=False, no_ack=True)

        message: AbstractIncomingMessage = await eventually(f"a message for {organ_id} {kind}", got)
        return message

    async def all_of(self, organ_id: str, kind: str = "normal") -> list[AbstractIncomingMessage]:
        """Take everything that stands in an agency's queue now."""
        queue = await self.channel.get_queue(self.queue_of(organ_id, kind), ensure=False)
        found = []
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            found.append(message)
        return found

    async def receipt(self, sender: str = SENDER) -> tuple[Receipt, bytes]:
        """Take the next receipt, verified."""
        message = await self.next(sender, "receipts")
        return read_receipt(message.body, self.country.hub.certificate), message.body

    async def verdict(self, sender: str = SENDER) -> tuple[str, str]:
        """Take the next receipt's outcome and code."""
        receipt, _ = await self.receipt(sender)
        return receipt.outcome, receipt.code

    def note(self, message: AbstractIncomingMessage) -> DeliveryNote:
        """Return the delivery note that travels in the header, verified."""
        header = message.headers[wire.NOTE_HEADER]
        octets = header if isinstance(header, bytes) else str(header).encode()
        return read_note(octets, self.country.hub.certificate)

    async def count(self, organ_id: str, kind: str = "normal") -> int:
        """Return how many messages stand in an agency's queue."""
        return await depth(self.channel, self.queue_of(organ_id, kind))


async def depth(channel: AbstractChannel, queue: str) -> int:
    """Return how many messages stand ready in a queue."""
    return (await channel.declare_queue(queue, passive=True)).declaration_result.message_count or 0


@asynccontextmanager
async def viewing(ground: Ground) -> AsyncIterator[Axis]:
    """Open the test's own view, and wait until a hub has made every queue."""
    async with await aio_pika.connect(ground.broker_url) as connection:
        axis = Axis(ground, connection, await connection.channel())
        names = [wire.inbox_queue(e, t, kind) for e, t in ground.tokens.items() for kind in wire.INBOX_KINDS]
        await eventually("the queues", lambda: _exist(ground.broker_url, [wire.QUARANTINE_QUEUE, *names]))
        yield axis


async def _exist(broker_url: str, names: list[str]) -> bool:
    connection = await aiormq.connect(broker_url)
    try:
        channel = await connection.channel()
        for name in names:
            await channel.queue_declare(name, passive=True)
    except aiormq.exceptions.ChannelNotFoundEntity:
        return False
    finally:
        await connection.close()
    return True


@asynccontextmanager
async def serving(ground: Ground, **sections: Mapping[str, object]) -> AsyncIterator[Axis]:
    """Run a hub in this process until the block ends, and drain it."""
    config, stop, before = ground.config(**sections), asyncio.Event(), asyncio.all_tasks()
    async with hub_process(config, stop) as runner:
        assert runner
        task = asyncio.create_task(runner.run(stop))
        try:
            async with viewing(ground) as axis:
                axis.config = config
                yield axis
        finally:
            stop.set()
            await task
    await end_strays(before)
