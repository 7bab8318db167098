"""Identifiers that sort by time (UUID version 7, RFC 9562), so that indexes grow at their end."""

import os
from datetime import datetime
from uuid import UUID

_FIXED = 7 << 76 | 2 << 62
"""Version 7, and the variant."""
_RANDOM_BITS = (1 << 12) - 1 << 64 | (1 << 62) - 1


def new_id(at: datetime) -> UUID:
    """Return a fresh identifier for an act at an aware instant; 74 of its bits are random."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    return UUID(int=milliseconds << 80 | _FIXED | int.from_bytes(os.urandom(10)) & _RANDOM_BITS)
