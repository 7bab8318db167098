"""The sending half: every publication confirmed, bounded in time, and tried again over reconnects until a deadline."""

import asyncio
import time
from typing import cast

import structlog
from aiormq.abc import AbstractConnection
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused, DeliveryError
from pamqp.commands import Basic

from adapters.connection import BROKER_ERRORS, BrokerUnavailableError, backoff_s, close_quietly, connect
from adapters.settings import BrokerSettings

log = structlog.get_logger(__name__)

PUBLISH_TIMEOUT_S = 10.0
PERSISTENT = 2


class SendError(Exception):
    """A message that the broker did not confirm; the text says what it answered last."""


class Publisher:
    """Publishes on a connection of its own: an alarm of the broker stops reading from those that publish."""

    def __init__(self, settings: BrokerSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._opening = asyncio.Lock()
        self._link: tuple[AbstractConnection, Channel] | None = None
        self._closers: set[asyncio.Task[None]] = set()

    async def publish(
        self, exchange: str, key: str, body: bytes, properties: Basic.Properties, deadline_s: float
    ) -> None:
        """Publish until the broker confirms it; raises SendError at the deadline, at once where the right is missing.

        A message may arrive twice: a confirmation can be lost after the broker has taken it.
        """
        until = time.monotonic() + deadline_s
        attempt = 0
        while True:
            reason = await self._try(exchange, key, body, properties)
            if reason is None:
                return
            wait_s = backoff_s(attempt)
            if time.monotonic() + wait_s >= until:
                raise SendError(f"{key}: not confirmed within {deadline_s:.0f} s ({reason})")
            attempt += 1
            log.info("publishing again", key=key, reason=reason, attempt=attempt)
            await asyncio.sleep(wait_s)

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        if self._link:
            connection, self._link = self._link[0], None
            await close_quietly(connection)
        await asyncio.gather(*self._closers, return_exceptions=True)

    async def _try(self, exchange: str, key: str, body: bytes, properties: Basic.Properties) -> str | None:
        """Return why it failed, None when confirmed."""
        channel: Channel | None = None
        try:
            channel = await self._channel()
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await channel.basic_publish(
                    body, exchange=exchange, routing_key=key, properties=properties, mandatory=True, wait=False
                )
        except DeliveryError:
            return "refused or not routed by the broker"
        except ChannelAccessRefused as error:
            self._drop(channel)
            raise SendError(f"{key}: this user may not publish there") from error
        except BrokerUnavailableError as error:
            return str(error)
        except BROKER_ERRORS as error:
            # After a time-out the library may hold the channel's lock for ever, so the whole connection goes.
            self._drop(channel)
            return type(error).__name__
        return None

    async def _channel(self) -> Channel:
        async with self._opening:
            if self._link and not self._link[1].is_closed:
                return self._link[1]
            self._drop(self._link[1] if self._link else None)
            connection = await connect(self._settings, self._name)
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    opened = await connection.channel(publisher_confirms=True, on_return_raises=True)
            except BaseException:
                await close_quietly(connection)
                raise
            channel = cast(Channel, opened)
            self._link = connection, channel
            return channel

    def _drop(self, channel: Channel | None) -> None:
        """Throw away the connection of this channel without waiting; the next publication opens a new one."""
        if self._link and self._link[1] is channel:
            connection, self._link = self._link[0], None
            task = asyncio.ensure_future(close_quietly(connection))
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)
