"""A tap on a cable to the broker that sees whole frames of AMQP, and can let some of them vanish."""

import struct
from collections.abc import Callable

from tests.cable import Direction

_START, _END_BYTES = struct.Struct(">BHI"), 1
_METHOD = 1
BASIC_ACK = struct.pack(">HH", 60, 80)


class FrameTap:
    """Made for one connection; `vanishes` says of each method that comes from the broker whether it gets lost."""

    def __init__(self, vanishes: Callable[[bytes], bool]) -> None:
        """Take the question; a method is given by its class and number, four octets."""
        self._vanishes = vanishes
        self._rest = b""

    def __call__(self, direction: Direction, octets: bytes) -> bytes:
        """Return what goes on; the beginning of a frame waits for its end."""
        if direction == "out":
            return octets
        octets = self._rest + octets
        passed, at = [], 0
        while len(octets) - at >= _START.size:
            kind, _, length = _START.unpack_from(octets, at)
            end = at + _START.size + length + _END_BYTES
            if end > len(octets):
                break
            method = octets[at + _START.size : at + _START.size + 4]
            if kind != _METHOD or not self._vanishes(method):
                passed.append(octets[at:end])
            at = end
        self._rest = octets[at:]
        return b"".join(passed)
