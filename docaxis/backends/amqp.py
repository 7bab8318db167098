"""One connection to the broker on aiormq, without the robust layer: whoever uses it reconnects by itself (see `consume`)."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlunsplit

import aiormq
from aiormq.abc import AbstractConnection

from docaxis.backends.line import Line
from docaxis.config import ConfigError, with_password
from docaxis.domain.urls import split_url

CONNECT_TIMEOUT_S = 15
CLOSE_TIMEOUT_S = 2


class BrokerUnavailable(Exception):
    """The broker cannot be reached, or refused us; the text says which and never holds the password."""


@contextmanager
def broker_calls() -> Iterator[None]:
    """Let calls on a connection end in BrokerUnavailable only, whatever a lost connection makes of them.

    aiormq ends them with its own errors, OSError, RuntimeError, a bare Exception, or with a CancelledError that nobody
    asked for: uncaught, that one would end the task as if it had been told to stop.
    """
    try:
        yield
    except BrokerUnavailable:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BrokerUnavailable("connection lost") from error
    except Exception as error:
        raise BrokerUnavailable(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is; the URL holds user and password, or `auth=external` with a client certificate.

    It may name the nodes of a cluster, `host1:port1,host2:port2`: whichever of them answers will do. heartbeat_s: after
    two to three of them in silence a connection counts as lost.
    """

    url: str
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    heartbeat_s: int = 30
    publish_timeout_s: float = 10.0
    """How long a confirmation may take before the publication counts as failed."""
    password_file: Path | None = None
    """Read at each connection, so that a new password needs no restart; without one the URL's own counts."""

    @property
    def safe_url(self) -> str:
        """Return the URL without user and password, for logs."""
        parts = split_url(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS settings for `amqps://`: the broker is always verified, by ca_file or the system's authorities."""
        if not self.url.startswith("amqps:"):
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context

    def addresses(self, name: str) -> list[str]:
        """Return an address for each host, with a heartbeat and the connection's name, which the broker shows to operators.

        In a random order, so that connections spread over the nodes and none waits for a dead one each time.
        Raises BrokerUnavailable while the password cannot be read.
        """
        try:
            parts = split_url(with_password(self.url, self.password_file))
        except ConfigError as error:
            raise BrokerUnavailable(str(error)) from None
        query = urlencode(dict(parse_qsl(parts.query)) | {"heartbeat": str(self.heartbeat_s), "name": name})
        login, at, hosts = parts.netloc.rpartition("@")
        found = [urlunsplit(parts._replace(netloc=f"{login}{at}{one}", query=query)) for one in hosts.split(",")]
        return random.sample(found, len(found))


async def open_connection(broker: Broker, name: str, line: Line | None = None) -> AbstractConnection:
    """Open a connection to the first host that answers, on a line where one is given; raises BrokerUnavailable.

    Each host has CONNECT_TIMEOUT_S. Whoever opened the connection closes it.
    """
    reason = BrokerUnavailable("no host")
    for address in broker.addresses(name):
        try:
            with broker_calls():
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    return await aiormq.connect(address, context=broker.tls(), transport_factory=line)
        except BrokerUnavailable as error:
            reason = error
    raise BrokerUnavailable(f"{broker.safe_url}: {reason}") from reason


@asynccontextmanager
async def connected(broker: Broker, name: str, line: Line | None = None) -> AsyncIterator[AbstractConnection]:
    """Open a connection for a block; raises BrokerUnavailable."""
    connection = await open_connection(broker, name, line)
    try:
        yield connection
    finally:
        await close_quietly(connection, line)


async def close_quietly(connection: AbstractConnection, line: Line | None = None) -> None:
    """Close within CLOSE_TIMEOUT_S; a connection that cannot be closed is already of no use to anybody."""
    try:
        with suppress(BrokerUnavailable), broker_calls():
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                # Calls still under way end with this error; by default aiormq would cancel the tasks that wait for them.
                await connection.close(ConnectionError("closed by ourselves"))
    finally:
        if line:
            # aiormq waits much longer for a socket that takes nothing.
            line.abort()


def backoff_s(attempt: int) -> float:
    """Return how long to wait before the next try: 0.2 s doubling to 10 s, with jitter so that many do not come at once."""
    return float(min(10.0, 0.2 * 2 ** min(attempt, 8))) * (0.5 + random.random() / 2)  # noqa: S311 - spreads load, guards nothing
