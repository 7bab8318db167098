"""Identifiers that sort by time (UUID version 7, RFC 9562), so that indexes grow at their end."""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

_FIXED = 7 << 76 | 2 << 62
"""Version 7, and the variant."""
_RANDOM_BITS = (1 << 12) - 1 << 64 | (1 << 62) - 1
_TIME_SHIFT = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def new_id(at: datetime) -> UUID:
    """Return a fresh identifier for an act at an aware instant; 74 of its bits are random."""
    return UUID(int=_time_bits(at) | _FIXED | int.from_bytes(os.urandom(10)) & _RANDOM_BITS)


def first_id(at: datetime) -> UUID:
    """Return the bound below every identifier of this millisecond, above every earlier one; an aware instant."""
    return UUID(int=_time_bits(at))


def time_of_id(made: UUID) -> datetime:
    """Return the millisecond that an identifier was made in; the end of time for what is no such identifier."""
    try:
        return _EPOCH + (made.int >> _TIME_SHIFT) * _MILLISECOND
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _time_bits(at: datetime) -> int:
    # Whole numbers: of a floating-point time some milliseconds come out one too low.
    return max(0, (at - _EPOCH) // _MILLISECOND) << _TIME_SHIFT
