"""A cable between a hub and its broker or database, to be cut, unplugged, slowed or listened to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Direction = Literal["out", "back"]
"""out: from the hub; back: towards it."""
Tap = Callable[[Direction, bytes], bytes | None]
"""Sees the octets as they pass and returns what goes on; None cuts this one connection before they do."""


class Cable:
    """Unplugged: octets vanish and nobody hears of it. Cut: both ends are told at once, in the middle of anything."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self.plugged = asyncio.Event()
        self.plugged.set()
        self.opened = 0
        self.delay_s = 0.0
        """How much later octets arrive, each way."""
        self.refuses = False
        """Whether new connections are turned away."""
        self.tap: Callable[[], Tap] | None = None
        """Makes the tap of each new connection."""

    @asynccontextmanager
    async def laid(self, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Listen, and yield the address through the cable."""
        server = await asyncio.start_server(self._connect, host, 0)
        port = server.sockets[0].getsockname()[1]
        login = self._parts.netloc.rpartition("@")[0]
        try:
            yield urlunsplit(self._parts._replace(netloc=f"{login}@{host}:{port}"))
        finally:
            server.close()
            self.cut()

    def cut(self) -> int:
        """Reset every connection; returns how many ends there were."""
        ends, self._writers = self._writers, set()
        for writer in ends:
            writer.transport.abort()
        return len(ends)

    def mend(self) -> None:
        """Undo everything but what is cut already."""
        self.delay_s, self.refuses, self.tap = 0.0, False, None
        self.plugged.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            if self.refuses:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._parts.port)
        except OSError:
            writer.close()
            return
        ends = {writer, far_writer}
        self._writers |= ends
        tap = self.tap() if self.tap else None
        await asyncio.gather(
            self._pump("out", reader, far_writer, tap, ends), self._pump("back", far_reader, writer, tap, ends)
        )
        self._writers -= ends

    async def _pump(
        self,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tap: Tap | None,
        ends: set[asyncio.StreamWriter],
    ) -> None:
        try:
            while octets := await reader.read(65536):
                await self.plugged.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                passed = tap(direction, octets) if tap else octets
                if passed is None:
                    for end in ends:
                        end.transport.abort()
                    return
                writer.write(passed)
        except OSError:
            pass
        finally:
            writer.close()
