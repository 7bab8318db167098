"""A cable between a hub and its broker, to be cut or unplugged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Cable:
    """Unplugged: octets vanish and nobody hears of it. Cut: both ends are told at once, in the middle of anything."""

    def __init__(self, broker_url: str) -> None:
        self._parts = urlsplit(broker_url)
        self._writers: set[asyncio.StreamWriter] = set()
        self.plugged = asyncio.Event()
        self.plugged.set()
        self.opened = 0

    @asynccontextmanager
    async def laid(self, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Listen, and yield the broker's address through the cable."""
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

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._parts.port)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while octets := await reader.read(65536):
                await self.plugged.wait()
                writer.write(octets)
        except OSError:
            pass
        finally:
            writer.close()
