"""AMQP frames that the hub writes for every document: one publication, one acknowledgement; anything rarer is aiormq's.

Built by hand, because the general encoder of a client library costs more than all the rest of a document's way out.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
KINDS = frozenset((METHOD, HEADER, BODY, HEARTBEAT))
FRAME_START = struct.Struct(">BHI")
FRAME_END = b"\xce"
FRAME_COST_BYTES = FRAME_START.size + len(FRAME_END)
FRAME_BYTES_UNLIMITED = 131_072
"""How large frames are made where the broker sets no limit."""

_PUBLISH = struct.Struct(">BHIHHHBB")
_MANDATORY = b"\x01" + FRAME_END
_HEADER = struct.Struct(">BHIHHQH")
_ACKNOWLEDGE_MANY = struct.Struct(">BHIHHQBB")
_LENGTH = struct.Struct(">I")

_BASIC = 60
_PERSISTENT = b"\x02"
_HAS_CONTENT_TYPE, _HAS_HEADERS, _HAS_DELIVERY_MODE = 1 << 15, 1 << 13, 1 << 12
_HAS_CORRELATION_ID, _HAS_MESSAGE_ID, _HAS_TYPE = 1 << 10, 1 << 7, 1 << 5
_FLAGS = _HAS_CONTENT_TYPE | _HAS_DELIVERY_MODE | _HAS_MESSAGE_ID | _HAS_TYPE
_SHORT_BYTES_MAX = 255


class Message(NamedTuple):
    """One persistent publication: to the first queue, with the others as blind copies; header values are UTF-8."""

    queues: tuple[str, ...]
    body: bytes
    message_id: str
    message_type: str
    content_type: str
    correlation_id: str = ""
    headers: Mapping[str, bytes] = MappingProxyType({})


def publication(channel: int, message: Message, frame_bytes_max: int) -> list[bytes]:
    """Return the frames of a mandatory publication through the default exchange, in pieces to be written in this order.

    Raises ValueError for what no frame can hold: a name or an id above 255 bytes, a header above frame_bytes_max.
    """
    body_bytes = len(message.body)
    key = _short(message.queues[0])
    header = _properties(message)
    # Before the properties lie the class, a weight, the body's size and the flags.
    header_bytes = 14 + len(header)
    if header_bytes + FRAME_COST_BYTES > frame_bytes_max:
        raise ValueError(f"header of {header_bytes} bytes in frames of {frame_bytes_max}")
    flags = _FLAGS
    if message.correlation_id:
        flags |= _HAS_CORRELATION_ID
    if message.headers or len(message.queues) > 1:
        flags |= _HAS_HEADERS
    head = b"".join((
        _PUBLISH.pack(METHOD, channel, 8 + len(key), _BASIC, 40, 0, 0, key[0]),
        key[1:],
        _MANDATORY,
        _HEADER.pack(HEADER, channel, header_bytes, _BASIC, 0, body_bytes, flags),
        header,
        FRAME_END,
    ))  # fmt: skip
    room = frame_bytes_max - FRAME_COST_BYTES
    if 0 < body_bytes <= room:
        return [head + FRAME_START.pack(BODY, channel, body_bytes), message.body, FRAME_END]
    pieces = [head]
    for start in range(0, body_bytes, room):
        piece = message.body[start : start + room]
        pieces += (FRAME_START.pack(BODY, channel, len(piece)), piece, FRAME_END)
    return pieces


def acknowledgement(channel: int, tag: int) -> bytes:
    """Return the frame that acknowledges a delivery and all before it."""
    return _ACKNOWLEDGE_MANY.pack(METHOD, channel, 13, _BASIC, 80, tag, 1, FRAME_END[0])


def _properties(message: Message) -> bytes:
    """Encode in the order that the protocol gives the properties."""
    parts = [_known(message.content_type)]
    if message.headers or len(message.queues) > 1:
        parts.append(_headers(message))
    parts.append(_PERSISTENT)
    if message.correlation_id:
        parts.append(_short(message.correlation_id))
    parts += (_short(message.message_id), _known(message.message_type))
    return b"".join(parts)


def _headers(message: Message) -> bytes:
    fields = []
    if len(message.queues) > 1:
        names = [name.encode() for name in message.queues[1:]]
        array = b"".join([b"S" + _LENGTH.pack(len(name)) + name for name in names])
        fields += [b"\x03BCCA", _LENGTH.pack(len(array)), array]
    for name, value in message.headers.items():
        fields += [_known(name), b"S", _LENGTH.pack(len(value)), value]
    table = b"".join(fields)
    return _LENGTH.pack(len(table)) + table


def _short(text: str) -> bytes:
    octets = text.encode()
    if len(octets) > _SHORT_BYTES_MAX:
        raise ValueError(f"{len(octets)} bytes in a short string")
    return bytes((len(octets),)) + octets


@lru_cache(maxsize=64)
def _known(text: str) -> bytes:
    """Encode one of the few names of the contract."""
    return _short(text)
