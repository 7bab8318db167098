"""Identifiers that sort by time (UUID version 7, RFC 9562), so that indexes grow at their end."""

import os
from datetime import datetime
from uuid import UUID

_VERSION_7 = 7 << 76
_VARIANT = 2 << 62
_RANDOM_BITS = (1 << 12) - 1, (1 << 62) - 1


def new_id(at: datetime) -> UUID:
    """Return a fresh identifier for an act at an aware instant; 74 of its bits are random."""
    entropy = int.from_bytes(os.urandom(10))
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    high, low = (entropy >> 62) & _RANDOM_BITS[0], entropy & _RANDOM_BITS[1]
    return UUID(int=milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low)
