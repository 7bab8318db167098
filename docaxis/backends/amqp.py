"""One connection to the broker on aiormq, without the robust layer: whoever uses it reconnects by itself (see `consume`)."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import aiormq
from aiormq.abc import AbstractConnection
from aiormq.exceptions import AMQPError

CONNECT_TIMEOUT_S = 15
CLOSE_TIMEOUT_S = 5
HEARTBEAT_S = 30
BROKER_ERRORS = (AMQPError, ConnectionError, OSError, TimeoutError, asyncio.InvalidStateError)


class BrokerUnavailable(Exception):
    """The broker cannot be reached, or refused us; the text says which and never holds the password."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is; the URL holds user and password, or `auth=external` with a client certificate."""

    url: str
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    @property
    def safe_url(self) -> str:
        """Return the URL without user and password, for logs."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, f"{parts.hostname}:{parts.port or ''}".rstrip(":"), parts.path, "", ""))

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS settings for `amqps://`: the broker is always verified, by ca_file or the system's authorities."""
        if not self.url.startswith("amqps:"):
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context

    def address(self, name: str) -> str:
        """Return the URL with a heartbeat and the connection's name, which the broker shows to operators."""
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query)) | {"heartbeat": str(HEARTBEAT_S), "name": name}
        return urlunsplit(parts._replace(query=urlencode(query)))


async def open_connection(broker: Broker, name: str) -> AbstractConnection:
    """Open a connection within a bounded time; whoever opened it closes it; raises BrokerUnavailable."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await aiormq.connect(broker.address(name), context=broker.tls())
    except BROKER_ERRORS as error:
        raise BrokerUnavailable(f"{broker.safe_url}: {type(error).__name__}") from error


@asynccontextmanager
async def connected(broker: Broker, name: str) -> AsyncIterator[AbstractConnection]:
    """Open a connection for a block; raises BrokerUnavailable."""
    connection = await open_connection(broker, name)
    try:
        yield connection
    finally:
        await close_quietly(connection)


async def close_quietly(connection: AbstractConnection) -> None:
    """Close within CLOSE_TIMEOUT_S; a connection that cannot be closed is already of no use to anybody."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()
    except BROKER_ERRORS:
        return


def backoff_s(attempt: int) -> float:
    """Return how long to wait before the next try: 0.2 s doubling to 10 s, with jitter so that many do not come at once."""
    return min(10.0, 0.2 * 2 ** min(attempt, 8)) * (0.5 + random.random() / 2)  # noqa: S311 - spreads load, guards nothing
