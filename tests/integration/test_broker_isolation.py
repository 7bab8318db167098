"""Isolation on the broker (DESIGN 6): what one endpoint's user can do to another's queues, keys and messages is nothing."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiormq
import pytest
from aiormq.abc import AbstractChannel
from pamqp.commands import Basic

from docaxis.backends.management import Management
from docaxis.domain import wire
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker

ATTACKER, VICTIM = "H01", "H05"
Deed = Callable[[AbstractChannel, "Scene"], Awaitable[object]]


@dataclass
class Scene:
    """A running hub, and the attacker's own login."""

    axis: Axis
    attacker_url: str

    def victim(self, kind: str) -> str:
        """Return a queue of the victim; the attacker is given the name that he could not guess."""
        return self.axis.queue_of(VICTIM, kind)

    @asynccontextmanager
    async def attacking(self) -> AsyncIterator[AbstractChannel]:
        """Log in as the attacker."""
        connection = await aiormq.connect(self.attacker_url)
        try:
            yield await connection.channel()
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, ATTACKER, VICTIM))


@pytest.fixture
async def scene(country: Country, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path) -> AsyncIterator[Scene]:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    attacker_url = await login(rabbitmq, ground, endpoint_of(ATTACKER))
    async with serving(ground) as axis:
        yield Scene(axis, attacker_url)


async def login(rabbitmq: PrivateRabbitMQ, ground: Ground, endpoint: str) -> str:
    """Provision an endpoint's user as `docaxis endpoint add` does and return its address."""
    vhost = urlsplit(ground.broker_url).path[1:]
    password = secrets.token_hex(8)
    administrator = f"http://{rabbitmq.user}:{rabbitmq.password}@127.0.0.1:{rabbitmq.management_port}"
    async with Management(administrator, vhost) as management:
        await management.put_endpoint(endpoint, ground.tokens[endpoint], password)
    return rabbitmq.amqp_url_of(vhost, endpoint, password)


async def ignored(_: object) -> None:
    """Take a message and do nothing."""


def reading(kind: str) -> list[tuple[str, Deed]]:
    return [
        (f"consume {kind}", lambda channel, scene: channel.basic_consume(scene.victim(kind), ignored)),
        (f"get {kind}", lambda channel, scene: channel.basic_get(scene.victim(kind))),
        (f"purge {kind}", lambda channel, scene: channel.queue_purge(scene.victim(kind))),
        (f"delete {kind}", lambda channel, scene: channel.queue_delete(scene.victim(kind))),
    ]


def publishing(key: str, exchange: str = wire.INGRESS_EXCHANGE) -> Deed:
    return lambda channel, _: channel.basic_publish(b"x", exchange=exchange, routing_key=key)


FORBIDDEN: list[tuple[str, Deed]] = [
    *[deed for kind in wire.INBOX_KINDS for deed in reading(kind)],
    ("read the ingress", lambda channel, _: channel.basic_get(wire.ingress_queue("normal"))),
    ("read the quarantine", lambda channel, _: channel.basic_get(wire.QUARANTINE_QUEUE)),
    ("declare a queue", lambda channel, _: channel.queue_declare("mine")),
    ("declare an unnamed queue", lambda channel, _: channel.queue_declare("", exclusive=True)),
    ("declare an exchange", lambda channel, _: channel.exchange_declare(exchange="mine")),
    ("delete the exchange", lambda channel, _: channel.exchange_delete(wire.INGRESS_EXCHANGE)),
    ("delete his own inbox", lambda channel, scene: channel.queue_delete(scene.axis.queue_of(ATTACKER, "normal"))),
    (
        "bind his inbox to the ingress",
        lambda channel, scene: channel.queue_bind(
            scene.axis.queue_of(ATTACKER, "normal"), wire.INGRESS_EXCHANGE, routing_key="#"
        ),
    ),
    ("publish as another", publishing(f"{endpoint_of(VICTIM)}.normal")),
    ("publish with a longer name", publishing(f"{endpoint_of(ATTACKER)}-2.normal")),
    ("publish with an unknown verb", publishing(f"{endpoint_of(ATTACKER)}.control")),
    ("publish with a deeper key", publishing(f"{endpoint_of(ATTACKER)}.normal.x")),
    ("publish to an inbox", lambda channel, scene: channel.basic_publish(b"x", routing_key=scene.victim("normal"))),
    ("publish to his own inbox", publishing("docaxis.inbox", "")),
    ("publish to amq.topic", publishing("x.normal", "amq.topic")),
]


async def test_endpoint_user_can_read_declare_bind_purge_and_publish_nothing_but_its_own(scene: Scene) -> None:
    for what, deed in FORBIDDEN:
        async with scene.attacking() as channel:
            # The broker closes the channel with 403; a deed that succeeds is named by the test.
            try:
                await deed(channel, scene)
            except aiormq.exceptions.ChannelAccessRefused:
                continue
            pytest.fail(f"an endpoint can {what}")
    async with scene.attacking() as channel:
        for kind in wire.INBOX_KINDS:
            assert (await channel.basic_get(scene.axis.queue_of(ATTACKER, kind))).delivery.name == "Basic.GetEmpty"


async def test_forged_user_id_is_refused_by_the_broker(scene: Scene) -> None:
    async with scene.attacking() as channel:
        key = wire.routing_key(endpoint_of(ATTACKER), "normal")
        with pytest.raises(aiormq.exceptions.ChannelPreconditionFailed):
            await channel.basic_publish(
                b"x", exchange=wire.INGRESS_EXCHANGE, routing_key=key, properties=Basic.Properties(user_id="docaxis")
            )


async def test_blind_copies_reach_nobody_and_are_mere_duplicates_to_the_hub(scene: Scene) -> None:
    country, axis = scene.axis.country, scene.axis
    package = country.signed(country.envelope(number=1, sender=ATTACKER, to=[SENDER]))
    keys = [f"{endpoint_of(VICTIM)}.{verb}" for verb in (*wire.LANES, "fetched")]
    copies = [*keys, scene.victim("normal"), scene.victim("control"), axis.queue_of(SENDER, "receipts")]
    async with scene.attacking() as channel:
        await channel.basic_publish(
            package,
            exchange=wire.INGRESS_EXCHANGE,
            routing_key=wire.routing_key(endpoint_of(ATTACKER), "normal"),
            properties=Basic.Properties(message_id="m-bcc", message_type="package", headers={"BCC": list(copies)}),
        )
    assert await axis.verdict(ATTACKER) == ("accepted", "")
    assert await axis.verdict(ATTACKER) == ("accepted", "")  # the copy in the urgent lane is the same message again
    assert (await axis.next(SENDER)).body == package
    for kind in wire.INBOX_KINDS:
        assert await axis.count(VICTIM, kind) == 0
    assert await axis.count(SENDER, "receipts") == 0
    assert await axis.ground.count("documents") == 1
    assert await axis.ground.count("submissions") == 1


async def test_carbon_copies_reach_nobody_and_are_refused_by_name(scene: Scene) -> None:
    country, axis = scene.axis.country, scene.axis
    async with scene.attacking() as channel:
        await channel.basic_publish(
            country.signed(country.envelope(number=2, sender=ATTACKER, to=[SENDER])),
            exchange=wire.INGRESS_EXCHANGE,
            routing_key=wire.routing_key(endpoint_of(ATTACKER), "normal"),
            properties=Basic.Properties(
                message_id="m-cc", message_type="package", headers={"CC": [f"{endpoint_of(VICTIM)}.urgent"]}
            ),
        )
    for _ in wire.LANES:
        receipt, _ = await axis.receipt(ATTACKER)
        assert (receipt.endpoint, receipt.code) == (endpoint_of(ATTACKER), "PKG.CARBON_COPY")
    assert await axis.count(VICTIM, "receipts") == 0
    assert await axis.count(SENDER) == 0


async def test_queue_names_carry_128_random_bits(scene: Scene) -> None:
    tokens = set(scene.axis.ground.tokens.values())
    assert len(tokens) == len(scene.axis.ground.tokens)
    assert all(re.fullmatch(r"[0-9a-f]{32}", token) for token in tokens)


@pytest.mark.parametrize("message_id", [b"\xff\xfe", b"a\x00b", b"a\nb", b"\xed\xa0\x80", b"\xef\xbf\xbf"], ids=repr)
async def test_message_id_of_any_octets_is_refused_and_harms_nobody(scene: Scene, message_id: bytes) -> None:
    country, axis = scene.axis.country, scene.axis
    async with scene.attacking() as channel:
        await publish_raw(channel, country.signed(country.envelope(number=3, sender=ATTACKER, to=[SENDER])), message_id)
    assert await axis.verdict(ATTACKER) == ("rejected", "PKG.MESSAGE_ID_MISSING")
    package = country.signed(country.envelope(number=4, to=[VICTIM]))
    await axis.send(package, "m-innocent")
    assert await axis.verdict(SENDER) == ("accepted", "")
    assert (await axis.next(VICTIM)).body == package
    assert await eventually("an empty ingress", lambda: ingress_empty(axis))
    assert await axis.ground.count("quarantine") == 0


async def publish_raw(channel: AbstractChannel, body: bytes, message_id: bytes) -> None:
    """Publish with a message_id that is no text: pamqp would not write it, so its length stands in for it."""
    stand_in = "i" * len(message_id)
    properties = Basic.Properties(message_id=stand_in)
    encoded = properties.marshal()
    assert encoded.count(stand_in.encode()) == 1

    class Raw(Basic.Properties):
        def marshal(self) -> bytes:
            return encoded.replace(stand_in.encode(), message_id)

    await channel.basic_publish(
        body,
        exchange=wire.INGRESS_EXCHANGE,
        routing_key=wire.routing_key(endpoint_of(ATTACKER), "normal"),
        properties=Raw(message_id=stand_in),
    )


async def ingress_empty(axis: Axis) -> bool:
    """Whether nothing waits for the hub."""
    return await depth(axis.channel, wire.ingress_queue("normal")) == 0
