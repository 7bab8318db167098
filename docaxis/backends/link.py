"""The connection that publishes: its own, because an alarm of the broker stops reading from connections that publish.

It is opened when it is needed and thrown away as a whole; the inboxes that are published to are declared on it first.
"""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from aiormq.abc import AbstractConnection

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, close_quietly, open_connection
from docaxis.backends.confirms import ConfirmedChannel
from docaxis.backends.declare import declare_queues
from docaxis.backends.frames import FRAME_BYTES_UNLIMITED
from docaxis.backends.line import Line
from docaxis.backends.topology import inbox_queues
from docaxis.domain import wire

log = structlog.get_logger(__name__)

CALL_TIMEOUT_S = 10.0
REST_S = 1.0
"""How long nothing is tried after the broker could not be reached; what is committed waits in the outbox."""
RENEW_AFTER_S = 60.0
"""How long a connection is kept on which an inbox refuses."""


class Link:
    """Gives the open channel; `token_of` gives the random part of an endpoint's queue names."""

    def __init__(self, broker: Broker, name: str, token_of: Callable[[str], str | None]) -> None:
        self._broker = broker
        self._name = name
        self._token_of = token_of
        self._opening = asyncio.Lock()
        self._open: tuple[AbstractConnection, Line, ConfirmedChannel] | None = None
        self._closers: set[asyncio.Task[None]] = set()
        self._asserted: set[str] = set()
        self._resting_until = 0.0
        self._opened_at = 0.0
        self.connections = 0
        """How many connections were opened; it only grows."""

    @property
    def blocked(self) -> bool:
        """Whether the broker has said that it reads nothing from this connection: an alarm of its memory or its disk.

        A connection that was lost meanwhile is not blocked: the next one must be opened to learn how things are.
        """
        return self._open is not None and not self._open[2].closed and self._open[1].blocked

    @property
    def resting(self) -> bool:
        """Whether the broker could not be reached just now."""
        return asyncio.get_running_loop().time() < self._resting_until

    async def channel(self) -> ConfirmedChannel:
        """Return the channel, opening a connection where there is none; raises BrokerUnavailable."""
        if self._open and not self._open[2].closed:
            return self._open[2]
        async with self._opening:
            if self._open and not self._open[2].closed:
                return self._open[2]
            if self._open:
                self.drop(self._open[2])
            try:
                self._open = await self._connect()
                self.connections += 1
                self._opened_at = asyncio.get_running_loop().time()
            except BrokerUnavailable:
                self._resting_until = asyncio.get_running_loop().time() + REST_S
                raise
            self._asserted.clear()
            return self._open[2]

    async def _connect(self) -> tuple[AbstractConnection, Line, ConfirmedChannel]:
        line = Line()
        connection = await open_connection(self._broker, self._name, line)
        try:
            with broker_calls():
                async with asyncio.timeout(CALL_TIMEOUT_S):
                    opened = await connection.channel(publisher_confirms=True)
                frame_bytes_max = connection.connection_tune.frame_max or FRAME_BYTES_UNLIMITED
                return connection, line, ConfirmedChannel(line, opened.number, frame_bytes_max)
        except BrokerUnavailable:
            await close_quietly(connection, line)
            raise

    async def assert_queues(self, endpoints: Iterable[str]) -> None:
        """Make sure, once a connection, that the queues are there: the broker drops a blind copy to a missing one unseen.

        Raises BrokerUnavailable where the connection is lost, not where a declaration is refused.
        """
        wanted = set(endpoints)
        if wanted <= self._asserted:
            return
        async with self._opening:
            for endpoint in sorted(wanted - self._asserted):
                if self._open is None:
                    raise BrokerUnavailable("connection lost")
                connection, _, channel = self._open
                if token := self._token_of(endpoint):
                    try:
                        await self._declare(connection, endpoint, token)
                    except BrokerUnavailable:
                        self.drop(channel)
                        raise

    def forget_queues(self, endpoints: Iterable[str]) -> None:
        """Let the queues of these endpoints be declared anew before the next publication to them."""
        self._asserted.difference_update(endpoints)

    async def _declare(self, connection: AbstractConnection, endpoint: str, token: str) -> None:
        try:
            with broker_calls():
                async with asyncio.timeout(CALL_TIMEOUT_S) as limit:
                    # A channel of its own: one that is refused a declaration is closed, and this one's end harms nobody.
                    channel = await connection.channel(publisher_confirms=False)
                    await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)
                    await channel.close()
        except BrokerUnavailable as error:
            if limit.expired() or connection.is_closed:
                # The others would fare no better, each after as long a wait.
                raise
            log.warning("queues not declared", endpoint=endpoint, error=str(error))
        self._asserted.add(endpoint)

    def drop(self, channel: ConfirmedChannel) -> None:
        """Throw the channel's connection away without waiting for it; the next publication opens a new one."""
        if self._open and self._open[2] is channel:
            (connection, line, _), self._open = self._open, None
            channel.end("dropped")
            task = asyncio.ensure_future(close_quietly(connection, line))
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)

    def renew(self) -> None:
        """Give up a connection on which an inbox refused, when it is old enough and nothing is under way on it.

        RabbitMQ goes on refusing on a channel that has met a full queue, even when the queue's limit is taken away.
        """
        if self._open and self._open[2].idle and asyncio.get_running_loop().time() - self._opened_at >= RENEW_AFTER_S:
            self.drop(self._open[2])

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        if self._open:
            (connection, line, channel), self._open = self._open, None
            channel.end("closed by ourselves")
            await close_quietly(connection, line)
