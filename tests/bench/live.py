"""Readers of live pages: many connections that only count, so that they cost the machine next to nothing."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from docaxis.local.service import ServiceError
from tests.bench.page_rows import Sitter

OPENED_S = 120.0
_AT_ONCE = 50
_CHANGE, _READY = b"event: change", b"event: ready"


class _Reader(asyncio.Protocol):
    """One connection: what it was told so far."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._rest = b""
        self.messages = 0
        self.octets = 0
        self.is_ready = False
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        # Of the loop in use, whose transports are no subclasses.
        cast("asyncio.WriteTransport", transport).write(self._request)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Count; an event's name may come in two pieces."""
        text = self._rest + data
        self.is_ready = self.is_ready or _READY in text
        self.messages += text.count(_CHANGE)
        self.octets += len(data)
        self._rest = text[-len(_CHANGE) + 1 :]

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it is over."""
        del exc
        self.is_open = False


class LivePages:
    """An asynchronous context in which so many live pages are open, of the sitters in turn."""

    def __init__(self, origin: str, path: str, sitters: Sequence[Sitter], count: int) -> None:
        parts = urlsplit(origin)
        self._host, self._port = parts.hostname or "", parts.port or 80
        asked = [
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: docaxis={one.cookie}\r\n\r\n".encode()
            for one in sitters
        ]
        self._readers = [_Reader(asked[number % len(asked)]) for number in range(count)]
        self._transports: list[asyncio.BaseTransport] = []

    async def __aenter__(self) -> Self:
        """Open them all; raises ServiceError where one is not answered."""
        loop = asyncio.get_running_loop()
        for first in range(0, len(self._readers), _AT_ONCE):
            opened = [
                loop.create_connection(lambda one=one: one, self._host, self._port)  # type: ignore[misc] # bound at once
                for one in self._readers[first : first + _AT_ONCE]
            ]
            self._transports += [transport for transport, _ in await asyncio.gather(*opened)]
        until = time.monotonic() + OPENED_S
        while not all(one.is_ready for one in self._readers):
            if time.monotonic() > until:
                raise ServiceError(
                    f"{sum(one.is_ready for one in self._readers)} of {len(self._readers)} streams opened"
                )
            await asyncio.sleep(0.1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave."""
        for transport in self._transports:
            transport.close()

    @property
    def still_open(self) -> int:
        """Return how many have not ended."""
        return sum(one.is_open for one in self._readers)

    @property
    def messages(self) -> int:
        """Return in how many messages all of them were told of changes."""
        return sum(one.messages for one in self._readers)

    @property
    def octets(self) -> int:
        """Return how many octets came in."""
        return sum(one.octets for one in self._readers)
