"""The sending half: every publication confirmed, bounded in time, and tried again over reconnects until a deadline."""

import asyncio
import time
from typing import cast

import structlog
from aiormq.abc import AbstractConnection
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused, DeliveryError
from pamqp.commands import Basic

from adapters.connection import (
    BROKER_ERRORS,
    BrokerUnavailableError,
    LoginRefusedError,
    backoff_s,
    close_quietly,
    connect,
)
from adapters.settings import BrokerSettings

log = structlog.get_logger(__name__)

PUBLISH_TIMEOUT_S = 10.0
PERSISTENT = 2
BLOCKED = "the broker takes nothing now: an alarm of its memory or its disk"


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
        """Publish until the broker confirms it; raises SendError at the deadline, at once for a refused login or a missing right.

        A message may arrive twice: a confirmation can be lost after the broker has taken it.
        """
        until = time.monotonic() + deadline_s
        attempt = 0
        while True:
            reason = await self._try(exchange, key, body, properties, until)
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

    async def _try(
        self, exchange: str, key: str, body: bytes, properties: Basic.Properties, until: float
    ) -> str | None:
        """Return why it failed, None when confirmed; ends at `until` (of time.monotonic) at the latest."""
        link: tuple[AbstractConnection, Channel] | None = None
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                link = connection, channel = await self._connected()
                if await _blocked(connection):
                    return BLOCKED
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await channel.basic_publish(
                        body, exchange=exchange, routing_key=key, properties=properties, mandatory=True, wait=False
                    )
        except DeliveryError:
            return "refused or not routed by the broker"
        except ChannelAccessRefused as error:
            self._drop(link)
            raise SendError(f"{key}: this user may not publish there") from error
        except LoginRefusedError as error:
            raise SendError(f"{key}: {error}") from error
        except BrokerUnavailableError as error:
            return str(error)
        except BROKER_ERRORS as error:
            if link and isinstance(error, TimeoutError) and await _blocked(link[0]):
                # Kept: a new connection would be blocked too, and what each has taken would arrive once more.
                return BLOCKED
            # After a time-out the library may hold the channel's lock for ever, so the whole connection goes.
            self._drop(link)
            return type(error).__name__
        return None

    async def _connected(self) -> tuple[AbstractConnection, Channel]:
        async with self._opening:
            if self._link and not self._link[1].is_closed:
                return self._link
            self._drop(self._link)
            connection = await connect(self._settings, self._name)
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    opened = await connection.channel(publisher_confirms=True, on_return_raises=True)
            except BaseException:
                await close_quietly(connection)
                raise
            self._link = connection, cast(Channel, opened)
            return self._link

    def _drop(self, link: tuple[AbstractConnection, Channel] | None) -> None:
        """Throw this connection away without waiting; the next publication opens a new one."""
        if link and self._link is link:
            self._link = None
            task = asyncio.ensure_future(close_quietly(link[0]))
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)


async def _blocked(connection: AbstractConnection) -> bool:
    """Whether the broker has said that it reads nothing from this connection: an alarm of its memory or its disk."""
    try:
        async with asyncio.timeout(0):
            await connection.ready()
    except TimeoutError:
        return True
    return False
