"""One connection to the broker, without the robust layer: whoever uses it builds everything anew after a loss."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlunsplit

import aiormq
from aiormq.abc import AbstractConnection
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelInvalidStateError,
    ProbableAuthenticationError,
)

from adapters.settings import BrokerSettings
from docaxis.domain.urls import split_url

CONNECT_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 5.0
HEARTBEAT_S = 30

# A channel that closes under our hands says so in several ways, not all of them errors of AMQP.
BROKER_ERRORS = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, TimeoutError, asyncio.InvalidStateError)


class BrokerUnavailableError(Exception):
    """The broker cannot be reached, or refused us; the text never holds the password."""


class LoginRefusedError(BrokerUnavailableError):
    """The broker does not know us by this password or certificate; trying again at once changes nothing."""


@asynccontextmanager
async def connected(settings: BrokerSettings, name: str) -> AsyncIterator[AbstractConnection]:
    """Open a connection and close it within CLOSE_TIMEOUT_S; raises BrokerUnavailableError."""
    connection = await connect(settings, name)
    try:
        yield connection
    finally:
        await close_quietly(connection)


async def connect(settings: BrokerSettings, name: str) -> AbstractConnection:
    """Open a connection that the broker's operators see under `name`, to the first host of the URL that answers.

    Each host has CONNECT_TIMEOUT_S; raises BrokerUnavailableError, and LoginRefusedError without asking the others.
    """
    reason: Exception = ConnectionError()
    for address in _addresses(settings.url, name):
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return await aiormq.connect(address, context=tls_of(settings))
        except (AuthenticationError, ProbableAuthenticationError) as error:
            raise LoginRefusedError(f"{safe_url(settings.url)}: login refused") from error
        except (*BROKER_ERRORS, ssl.SSLError) as error:
            reason = error
    raise BrokerUnavailableError(f"{safe_url(settings.url)}: {type(reason).__name__}") from reason


async def close_quietly(connection: AbstractConnection) -> None:
    """Close within CLOSE_TIMEOUT_S; a connection that cannot be closed is already of no use to anybody."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()
    except BROKER_ERRORS:
        return


def tls_of(settings: BrokerSettings) -> ssl.SSLContext | None:
    """Return the settings for `amqps://`, else None: the broker is always verified, our certificate shown if set."""
    if not settings.url.startswith("amqps:"):
        return None
    return tls_context(settings.ca_file, settings.certificate_file, settings.key_file)


def tls_context(
    ca_file: Path | None, certificate_file: Path | None = None, key_file: Path | None = None
) -> ssl.SSLContext:
    """Return a verifying context, TLS 1.2 or later, trusting ca_file or the system's authorities."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate_file:
        context.load_cert_chain(certificate_file, key_file)
    return context


def safe_url(url: str) -> str:
    """Return an address without user, password and options, for logs."""
    parts = split_url(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def backoff_s(attempt: int) -> float:
    """Return how long to wait before the next try: 0.2 s doubling to 10 s, jittered so that not all come at once."""
    return min(10.0, 0.2 * float(2 ** min(attempt, 8))) * (0.5 + random.random() / 2)  # noqa: S311 - spreads load, guards nothing


def _addresses(url: str, name: str) -> list[str]:
    """Return an address for each host, in a random order: connections spread over a cluster, none waits for a dead node."""
    parts = split_url(url)
    query = urlencode(dict(parse_qsl(parts.query)) | {"heartbeat": str(HEARTBEAT_S), "name": name})
    login, at, hosts = parts.netloc.rpartition("@")
    found = [urlunsplit(parts._replace(netloc=f"{login}{at}{one}", query=query)) for one in hosts.split(",")]
    return random.sample(found, len(found))
