"""AMQP 0-9-1 frames by hand: as little as a load generator needs, and as cheap as Python can be.

One connection, any channels; nothing is rebuilt after a loss and no message is checked: a fault ends the run. Confirms
are counted, returns and refusals too. The floor is built on it, so what makes this dearer lowers the limit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any, NamedTuple, Self, cast
from urllib.parse import unquote, urlsplit

_HEAD = Struct(">BHI")
_METHOD = Struct(">HH")
_LONGLONG = Struct(">Q")
_FRAME_MAX, _CHANNELS_MAX = 131_072, 64
_CONTENT = Struct(">HHQ")
_METHOD_FRAME, _HEADER_FRAME, _BODY_FRAME = 1, 2, 3

HEADERS, CORRELATION_ID, MESSAGE_ID = 13, 10, 7
"""Properties by their bit in a content header's flags."""
DELIVER, ACK, NACK, RETURN = (60, 60), (60, 80), (60, 120), (60, 50)
PERSISTENT = b"\x02"


class Delivery(NamedTuple):
    """One message as it came; `header` is the payload of its content header, unread."""

    channel: int
    tag: int
    key: bytes
    header: bytes
    body: bytes


def short(text: str | bytes) -> bytes:
    """Return a short string."""
    octets = text.encode() if isinstance(text, str) else text
    return len(octets).to_bytes(1, "big") + octets


def long(octets: bytes) -> bytes:
    """Return a long string."""
    return len(octets).to_bytes(4, "big") + octets


def table(values: Mapping[str, bytes | list[str]]) -> bytes:
    """Return a field table of long strings and arrays of long strings."""
    parts = []
    for name, value in values.items():
        if isinstance(value, bytes):
            parts.append(short(name) + b"S" + long(value))
        else:
            parts.append(short(name) + b"A" + long(b"".join(b"S" + long(one.encode()) for one in value)))
    return long(b"".join(parts))


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """Return a frame."""
    return _HEAD.pack(kind, channel, len(payload)) + payload + b"\xce"


def method(channel: int, number: tuple[int, int], arguments: bytes = b"") -> bytes:
    """Return a method frame."""
    return frame(_METHOD_FRAME, channel, _METHOD.pack(*number) + arguments)


def publish_method(channel: int, exchange: str, key: str) -> bytes:
    """Return the mandatory basic.publish that goes before a content; the same for every message on its way."""
    return method(channel, (60, 40), b"\0\0" + short(exchange) + short(key) + b"\1")


def content(channel: int, flags: int, properties: bytes, body: bytes) -> bytes:
    """Return the header and body frames of a message; flags name the properties, in their order."""
    head = frame(_HEADER_FRAME, channel, _CONTENT.pack(60, 0, len(body)) + flags.to_bytes(2, "big") + properties)
    most = _FRAME_MAX - 8
    if len(body) <= most:
        return head + frame(_BODY_FRAME, channel, body)
    parts = (frame(_BODY_FRAME, channel, body[at : at + most]) for at in range(0, len(body), most))
    return head + b"".join(parts)


def message_id(header: bytes) -> bytes:
    """Return the message id of a content header."""
    return read_properties(header).get(MESSAGE_ID, b"")


def read_properties(header: bytes) -> dict[int, bytes]:
    """Return the properties of a content header by their bit; headers as they stand."""
    flags, at = int.from_bytes(header[12:14], "big"), 14
    found = {}
    for bit in range(15, 2, -1):
        if not flags >> bit & 1:
            continue
        if bit == HEADERS:
            size = 4 + int.from_bytes(header[at : at + 4], "big")
            found[bit] = header[at : at + size]
        elif bit in {12, 11, 6}:
            size = 8 if bit == 6 else 1
            found[bit] = header[at : at + size]
        else:
            size = 1 + header[at]
            found[bit] = header[at + 1 : at + size]
        at += size
    return found


class Link(asyncio.Protocol):
    """A connection; `on_delivery` is called for each message, `on_news` after each stretch of octets."""

    def __init__(self, on_delivery: Callable[[Delivery], None], on_news: Callable[[], None]) -> None:
        self._on_delivery = on_delivery
        self._on_news = on_news
        self._rest = b""
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        self._deliver: dict[int, tuple[int, bytes]] = {}
        self._bodies: dict[int, list[Any]] = {}
        self._open: deque[int] = deque()
        self._early: set[int] = set()
        self.published = self.confirmed = self.refused = self.returned = 0
        self.transport: asyncio.Transport

    @classmethod
    async def open(cls, url: str, on_delivery: Callable[[Delivery], None], on_news: Callable[[], None]) -> Self:
        """Connect and log in; channels are opened apart."""
        parts = urlsplit(url)
        link = cls(on_delivery, on_news)
        await asyncio.get_running_loop().create_connection(lambda: link, parts.hostname or "", parts.port or 5672)
        started = link._answer(0)
        link.transport.write(b"AMQP\0\0\x09\x01")
        await started
        login = f"\0{unquote(parts.username or 'guest')}\0{unquote(parts.password or 'guest')}".encode()
        await link.call(0, (10, 11), table({}) + short("PLAIN") + long(login) + short("en_US"))
        tune = _CHANNELS_MAX.to_bytes(2, "big") + _FRAME_MAX.to_bytes(4, "big") + b"\0\0"
        link.transport.write(method(0, (10, 31), tune))
        await link.call(0, (10, 40), short(unquote(parts.path[1:]) or "/") + b"\0\0")
        return link

    async def channel(self, number: int, *, confirms: bool = False, prefetch: int = 0) -> None:
        """Open a channel."""
        await self.call(number, (20, 10), b"\0")
        if confirms:
            await self.call(number, (85, 10), b"\0")
        if prefetch:
            await self.call(number, (60, 10), b"\0\0\0\0" + prefetch.to_bytes(2, "big") + b"\0")

    async def consume(self, number: int, queue: str) -> None:
        """Consume a queue with acknowledgements."""
        await self.call(number, (60, 20), b"\0\0" + short(queue) + short("") + b"\0" + table({}))

    async def depth(self, number: int, queue: str) -> int:
        """Return how many messages are ready in a queue."""
        answer = await self.call(number, (50, 10), b"\0\0" + short(queue) + b"\1" + table({}))
        at = 1 + answer[0]
        return int.from_bytes(answer[at : at + 4], "big")

    def publish(self, octets: bytes, count: int) -> None:
        """Write so many whole messages on the confirming channel."""
        self._open.extend(range(self.published + 1, self.published + count + 1))
        self.published += count
        self.transport.write(octets)

    def acknowledge(self, channel: int, tag: int) -> None:
        """Acknowledge a delivery and all before it on its channel."""
        self.transport.write(method(channel, ACK, _LONGLONG.pack(tag) + b"\1"))

    async def call(self, channel: int, number: tuple[int, int], arguments: bytes) -> bytes:
        """Send a method and return the arguments of its answer; raises ConnectionError when the broker ends things."""
        answer = self._answer(channel)
        self.transport.write(method(channel, number, arguments))
        return await answer

    async def close(self) -> None:
        """Close the connection, after everything written has been taken by the broker."""
        await self.call(0, (10, 50), b"\0\0" + short("") + b"\0\0\0\0")
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whoever waits for an answer."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(exc or ConnectionError("the broker has closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Take whole frames out of what has come."""
        data = self._rest + data if self._rest else data
        at, size = 0, len(data)
        while size - at >= 7:
            kind, channel, length = _HEAD.unpack_from(data, at)
            end = at + 7 + length
            if end >= size:
                break
            self._take(kind, channel, data[at + 7 : end])
            at = end + 1
        self._rest = data[at:]
        self._on_news()

    def _answer(self, channel: int) -> asyncio.Future[bytes]:
        self._answers[channel] = asyncio.get_running_loop().create_future()
        return self._answers[channel]

    def _take(self, kind: int, channel: int, payload: bytes) -> None:
        if kind == _METHOD_FRAME:
            number = _METHOD.unpack_from(payload)
            if number == DELIVER:
                at = 5 + payload[4]
                tag = _LONGLONG.unpack_from(payload, at)[0]
                at += 10 + payload[at + 9]
                self._deliver[channel] = tag, payload[at + 1 : at + 1 + payload[at]]
            elif number in {ACK, NACK}:
                self._settle(_LONGLONG.unpack_from(payload, 4)[0], many=payload[12] & 1, good=number == ACK)
            elif number == RETURN:
                self.returned += 1
            else:
                self._method(channel, number, payload)
        elif kind == _HEADER_FRAME:
            self._bodies[channel] = [payload, int.from_bytes(payload[4:12], "big"), []]
            self._whole(channel)
        elif kind == _BODY_FRAME:
            self._bodies[channel][2].append(payload)
            self._whole(channel)

    def _whole(self, channel: int) -> None:
        header, size, parts = self._bodies[channel]
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        # A returned message has no delivery before it: it is counted and dropped.
        if len(body) == size and channel in self._deliver:
            tag, key = self._deliver.pop(channel)
            self._on_delivery(Delivery(channel, tag, key, header, body))

    def _settle(self, tag: int, *, many: int, good: bool) -> None:
        if many:
            while self._open and self._open[0] <= tag:
                one = self._open.popleft()
                if one in self._early:
                    self._early.discard(one)
                elif good:
                    self.confirmed += 1
                else:
                    self.refused += 1
        else:
            self._early.add(tag)
            self.confirmed += good
            self.refused += not good
            while self._open and self._open[0] in self._early:
                self._early.discard(self._open.popleft())

    def _method(self, channel: int, number: tuple[int, int], payload: bytes) -> None:
        answer = self._answers.get(channel)
        if number in {(10, 50), (20, 40)}:
            error = ConnectionError(payload[7 : 7 + payload[6]].decode(errors="replace"))
            for one in self._answers.values():
                if not one.done():
                    one.set_exception(error)
            self.transport.close()
        elif answer and not answer.done():
            answer.set_result(payload[4:])
