"""Publications of made-up documents, and a look at the queues that they go to."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import aiormq
from aiormq.abc import AbstractChannel

from docaxis.backends.amqp import Broker, connected
from docaxis.backends.publish import Publisher
from docaxis.domain import wire
from docaxis.hub.ports import Outgoing, Remainder

TOKEN = "ab" * 16
SENDER = "e-sender"
INBOXES = ("e-h01", "e-h02", "e-h03")


def outgoing(*targets: str, body: bytes | None = b"package", note: bytes = b"{}", receipt: bytes | None = b"receipt",
             notices: tuple[tuple[str, bytes], ...] = ()) -> Outgoing:  # fmt: skip
    """Return a publication of a document of its own."""
    digest, key = wire.digest_of(body or b""), uuid4()
    return Outgoing(
        uuid4(), uuid4(), key, SENDER, "m-1", "normal", digest, len(body or b""), body, note, targets, receipt, notices
    )


@asynccontextmanager
async def publishing(url: str, publish_timeout_s: float = 10.0, heartbeat_s: int = 30) -> AsyncIterator[Publisher]:
    """Give a publisher that knows every endpoint but e-unknown."""
    broker = Broker(url, publish_timeout_s=publish_timeout_s, heartbeat_s=heartbeat_s)
    known = Publisher(broker, "test publish", lambda one: None if one == "e-unknown" else TOKEN, 256 * 1024)
    try:
        yield known
    finally:
        await known.close()


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[AbstractChannel]:
    """Give a channel beside the publisher's."""
    async with connected(Broker(url), "test watch") as connection:
        yield await connection.channel(publisher_confirms=False)


async def taken(channel: AbstractChannel, endpoint: str, kind: str = "normal") -> list[aiormq.abc.DeliveredMessage]:
    """Take what lies in a queue."""
    found = []
    while (message := await channel.basic_get(wire.inbox_queue(endpoint, TOKEN, kind), no_ack=True)).delivery_tag:
        found.append(message)
    return found


def own_headers(message: aiormq.abc.DeliveredMessage) -> dict[str, object]:
    """Return the headers but the broker's own."""
    headers = message.header.properties.headers or {}
    return {name: value for name, value in headers.items() if name != "x-delivery-count"}


def ids(found: Sequence[aiormq.abc.DeliveredMessage]) -> Counter[str]:
    return Counter(message.header.properties.message_id or "" for message in found)


def keys(batch: Sequence[Outgoing]) -> Counter[str]:
    return Counter(one.document_key.hex for one in batch if one.document_key)


def untouched(one: Outgoing) -> Remainder:
    return Remainder(one.outbox_id, one.targets, one.notices, one.receipt is not None)
