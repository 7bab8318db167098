"""The octets under a connection of aiormq: frames of channels that the hub reads itself are taken out, the rest is aiormq's.

aiormq makes a task, some futures and a few objects of every message, which for a hub costs more than the message is worth.
So it keeps what is rare and hard (TLS, login, heartbeats, opening and closing), and the hub reads and writes the frames of
its messages beside it, on the same socket.
"""

import asyncio
import ssl
from collections.abc import Sequence
from typing import cast

from aiormq.connection import SSLContextProvider, TransportFactory
from aiormq.exceptions import AMQPConnectionError
from yarl import URL

from docaxis.backends.contents import ContentReader
from docaxis.backends.frames import FRAME_COST_BYTES, FRAME_END, FRAME_START, HEARTBEAT, KINDS, METHOD

SIGN_OF_LIFE_S = 1.0
_HEARTBEAT = FRAME_START.pack(HEARTBEAT, 0, 0) + FRAME_END
_BLOCKED, _UNBLOCKED, _CONNECTION_CLOSE = b"\x00\x0a\x00\x3c", b"\x00\x0a\x00\x3d", b"\x00\x0a\x00\x32"


class Tap(asyncio.StreamReader):
    """What aiormq reads from, without the frames that the reader of a channel takes."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: dict[int, ContentReader] = {}
        self.blocked = False
        self._chunks: list[bytes] = []
        self._chunk_bytes = 0
        self._wanted_bytes = FRAME_COST_BYTES
        self._in_step = True
        self._clock = asyncio.get_running_loop().time
        self._life_shown = 0.0

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # a transport gives nothing else
        """Take octets from the socket: whole frames go to whom they belong, the beginning of one waits for its rest."""
        if not self._in_step:
            super().feed_data(data)
            return
        if self._chunks or len(data) < self._wanted_bytes:
            self._chunks.append(data)
            self._chunk_bytes += len(data)
            if self._chunk_bytes < self._wanted_bytes:
                return
            data = b"".join(self._chunks)
        at = self._split(data)
        rest = data[at:]
        self._chunks, self._chunk_bytes = [rest] if rest else [], len(rest)

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        if self._chunks:
            super().feed_data(b"".join(self._chunks))
        super().feed_eof()
        self.end("connection lost")

    def set_exception(self, exc: Exception) -> None:
        """Take the end of the connection by an error."""
        super().set_exception(exc)
        self.end(f"connection lost: {type(exc).__name__}")

    def end(self, reason: str) -> None:
        """Tell every channel that nothing more comes."""
        readers, self.readers = self.readers, {}
        for one in readers.values():
            one.end(reason)

    def _split(self, data: bytes) -> int:
        """Give away all whole frames; returns where the first that is not whole begins, and notes how much it wants."""
        at, size, taken = 0, len(data), False
        while size - at >= FRAME_COST_BYTES:
            kind, channel, length = FRAME_START.unpack_from(data, at)
            end = at + length + FRAME_COST_BYTES
            if kind not in KINDS or (end <= size and data[end - 1] != FRAME_END[0]):
                # No frame of AMQP: aiormq knows what to say to that.
                self._in_step = False
                super().feed_data(data[at:])
                return size
            if end > size:
                self._wanted_bytes = length + FRAME_COST_BYTES
                break
            reader = self.readers.get(channel)
            if reader and not reader.closed and reader.take(kind, data, at + FRAME_START.size, end - 1):
                taken = True
            else:
                if channel == 0 and kind == METHOD:
                    self._look(data[at + FRAME_START.size : end - 1])
                super().feed_data(data[at:end])
            at = end
        else:
            self._wanted_bytes = FRAME_COST_BYTES
        if taken and (now := self._clock()) - self._life_shown >= SIGN_OF_LIFE_S:
            # The broker sends no heartbeats while it sends other frames, and aiormq sees none of those that were taken.
            self._life_shown = now
            super().feed_data(_HEARTBEAT)
        return at

    def _look(self, method: bytes) -> None:
        """See what the broker says of the whole connection."""
        name = method[:4]
        if name == _BLOCKED:
            self.blocked = True
        elif name == _UNBLOCKED:
            self.blocked = False
        elif name == _CONNECTION_CLOSE:
            self.end("connection closed by the broker")


class Line(TransportFactory):
    """Lays the line of one connection: given to `open_connection`, and of use as long as that connection."""

    def __init__(self) -> None:
        self.tap: Tap | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def create(self, url: URL, **kwargs: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect as aiormq's own factories do; raises AMQPConnectionError."""
        tls: ssl.SSLContext | None = None
        if url.scheme == "amqps":
            tls = await cast(SSLContextProvider, kwargs["ssl_context_provider"]).get_context()
        loop = asyncio.get_running_loop()
        self.tap = Tap()
        protocol = asyncio.StreamReaderProtocol(self.tap, loop=loop)
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, url.host or "localhost", url.port or 0, ssl=tls
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        self._writer = asyncio.StreamWriter(transport, protocol, self.tap, loop)
        return self.tap, self._writer

    @property
    def blocked(self) -> bool:
        """Whether the broker has said that it reads nothing from this connection."""
        return self.tap is not None and self.tap.blocked

    def attach(self, channel: int, reader: ContentReader) -> None:
        """Let an open channel's messages be read by `reader`; raises ConnectionError where the line is down."""
        if self.tap is None or self.tap.at_eof():
            raise ConnectionError("line is down")
        self.tap.readers[channel] = reader

    def write(self, pieces: Sequence[bytes]) -> None:
        """Write whole frames; they are not torn apart by what aiormq writes. Raises ConnectionError where the line is down."""
        if self._writer is None or self._writer.is_closing():
            raise ConnectionError("line is down")
        self._writer.writelines(pieces)

    async def drain(self) -> None:
        """Wait until the socket has taken nearly all; raises ConnectionError."""
        if self._writer is None:
            raise ConnectionError("line is down")
        await self._writer.drain()

    def abort(self) -> None:
        """Close the socket at once; what was not sent is given up."""
        if self._writer is not None:
            self._writer.transport.abort()
