"""What the broker sends with a body: deliveries and returns, read from their frames; only what the hub looks at is decoded."""

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from docaxis.backends.frames import BODY, HEADER, METHOD

BASIC_RETURN, BASIC_DELIVER = 60 << 16 | 50, 60 << 16 | 60
BASIC_ACK, BASIC_NACK = 60 << 16 | 80, 60 << 16 | 120
CHANNEL_CLOSE = 20 << 16 | 40
"""Methods, as class and method number in one."""

_METHOD = struct.Struct(">I")
_CLOSE = struct.Struct(">HB")
_BODY_SIZE = struct.Struct(">Q")
_FLAGS = struct.Struct(">H")
_LENGTH = struct.Struct(">I")
_DELIVERY = struct.Struct(">QB")
_INTEGERS = {code: struct.Struct(f">{kind}") for code, kind in zip(b"bBsuIilL", "bBhHiIqq", strict=True)}
_FIXED_BYTES = {ord("t"): 1, ord("f"): 4, ord("d"): 8, ord("D"): 5, ord("T"): 8, ord("V"): 0, 0: 0}
_COUNTED = frozenset(b"SAFx")


class Properties(NamedTuple):
    """The properties the hub looks at; of the headers the names, and the values of those that are whole numbers."""

    message_id: str = ""
    message_type: str = ""
    headers: Mapping[bytes, int | None] = MappingProxyType({})


NO_PROPERTIES = Properties()


class Content(NamedTuple):
    """A message as it came; a returned one has no tag."""

    tag: int
    redelivered: bool
    routing_key: str
    properties: Properties
    body: bytes


class ContentReader:
    """Reads the frames of one channel; subclasses say what to do with what arrives, and take other methods of theirs."""

    def __init__(self) -> None:
        self.closed = ""
        """Why the channel takes nothing any more; empty while it is open."""
        self._tag = 0
        self._redelivered = False
        self._routing_key = ""
        self._properties = NO_PROPERTIES
        self._missing_bytes = 0
        self._pieces: list[bytes] = []

    def take(self, kind: int, octets: bytes, start: int, end: int) -> bool:
        """Take a frame's payload, octets[start:end]; False: not ours, the library shall have it."""
        if kind == METHOD:
            (method,) = _METHOD.unpack_from(octets, start)
            if method == BASIC_DELIVER:
                at = start + 5 + octets[start + 4]
                self._tag, redelivered = _DELIVERY.unpack_from(octets, at)
                self._redelivered = bool(redelivered & 1)
                self._routing_key = _after_exchange(octets, at + 9)
            elif method == BASIC_RETURN:
                self._tag, self._redelivered = 0, False
                self._routing_key = _after_exchange(octets, start + 7 + octets[start + 6])
            elif method == CHANNEL_CLOSE:
                code, length = _CLOSE.unpack_from(octets, start + 4)
                text = octets[start + 7 : start + 7 + length].decode(errors="replace")
                self.end(f"channel closed by the broker: {code} {text}")
                return False
            else:
                return self._take_method(method, octets, start + 4)
        elif kind == HEADER:
            (self._missing_bytes,) = _BODY_SIZE.unpack_from(octets, start + 4)
            self._properties = read_properties(octets[start + 12 : end])
            self._complete()
        elif kind == BODY:
            self._pieces.append(octets[start:end])
            self._missing_bytes -= end - start
            self._complete()
        else:
            return False
        return True

    def end(self, reason: str) -> None:
        """Note that nothing more comes on this channel."""
        self.closed = self.closed or reason

    def _complete(self) -> None:
        if self._missing_bytes <= 0:
            body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
            self._pieces = []
            self._arrived(Content(self._tag, self._redelivered, self._routing_key, self._properties, body))

    def _arrived(self, content: Content) -> None:
        """Take what has come whole: a delivery or a return, whatever this channel is for."""
        raise NotImplementedError

    def _take_method(self, method: int, octets: bytes, at: int) -> bool:  # noqa: ARG002 - for subclasses
        """Take another method, whose arguments begin at `at`; False: it is the library's."""
        return False


def read_properties(octets: bytes) -> Properties:
    """Read a content header from its flags on; what cannot be read is as if there were no properties at all.

    The broker does not look into them, so an endpoint may send anything here; one such message must not end the connection
    of all the others.
    """
    try:
        (flags,) = _FLAGS.unpack_from(octets, 0)
        at = 2
        headers: Mapping[bytes, int | None] = {}
        message_id = message_type = ""
        if flags & 1:
            return NO_PROPERTIES
        for bit in (15, 14):
            if flags >> bit & 1:
                at += 1 + octets[at]
        if flags >> 13 & 1:
            (length,) = _LENGTH.unpack_from(octets, at)
            at += 4
            headers = _read_headers(octets[at : at + length])
            at += length
        at += (flags >> 12 & 1) + (flags >> 11 & 1)
        for bit in (10, 9, 8):
            if flags >> bit & 1:
                at += 1 + octets[at]
        if flags >> 7 & 1:
            message_id = octets[at + 1 : at + 1 + octets[at]].decode()
            at += 1 + octets[at]
        at += 8 * (flags >> 6 & 1)
        if flags >> 5 & 1:
            message_type = octets[at + 1 : at + 1 + octets[at]].decode()
            at += 1 + octets[at]
    except (struct.error, IndexError, ValueError):
        return NO_PROPERTIES
    return Properties(message_id, message_type, headers) if at <= len(octets) else NO_PROPERTIES


def _read_headers(octets: bytes) -> dict[bytes, int | None]:
    """Read the names of a table's fields and its whole numbers; raises ValueError, IndexError, struct.error."""
    headers: dict[bytes, int | None] = {}
    at = 0
    while at < len(octets):
        start = at + 1
        at = start + octets[at]
        name, kind = octets[start:at], octets[at]
        at += 1
        headers[name] = None
        if number := _INTEGERS.get(kind):
            (headers[name],) = number.unpack_from(octets, at)
            at += number.size
        elif kind in _COUNTED:
            at += 4 + _LENGTH.unpack_from(octets, at)[0]
        elif kind in _FIXED_BYTES:
            at += _FIXED_BYTES[kind]
        else:
            raise ValueError(f"field of unknown type {kind}")
    if at > len(octets):
        raise ValueError("field longer than its table")
    return headers


def _after_exchange(octets: bytes, at: int) -> str:
    """Return the routing key, which follows the exchange's name."""
    at += 1 + octets[at]
    return octets[at + 1 : at + 1 + octets[at]].decode(errors="replace")
