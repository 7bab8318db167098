"""An act of the hub as the log keeps it: canonical octets (RFC 8785) and the leaf hash over them (RFC 6962, 2.1)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

INTEGER_MAX: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8785, 3.2.2.3)."""

SALT_SIZE_BYTES: Final = 16

_SORTED, _AS_GIVEN = (
    json.JSONEncoder(
        sort_keys=is_sorted, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
    )
    for is_sorted in (True, False)
)
_PLAIN_TYPES: Final = frozenset({str, bool, type(None)})
_ARRAY_TYPES: Final = (list, tuple)


@dataclass(frozen=True, slots=True)
class Event:
    """One act: kind is `noun:verb`, at is aware UTC, body holds digests, codes and organ ids, never content."""

    event_id: str
    kind: str
    at: datetime
    body: Mapping[str, Json]


def canonical(event: Event) -> bytes:
    """Return the octets that are hashed and stored; ValueError for a value outside the subset or a naive time."""
    if event.at.tzinfo is None:
        raise ValueError("an event needs an aware time")
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return canonical_json({"at": at, "body": event.body, "event_id": event.event_id, "kind": event.kind})


def canonical_json(value: Json) -> bytes:
    """Return RFC 8785 JSON: text, integers of 53 bits, booleans, null, arrays, objects; ValueError else."""
    plain = _check(value)
    if not plain:
        value = _in_utf16_order(value)
    # The C encoder sorts by code point, which is the order of UTF-16 units for the keys that _check lets pass as plain.
    return (_SORTED if plain else _AS_GIVEN).encode(value).encode()


def leaf_hash(record: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the record, so that no leaf can pass for a node."""
    return hashlib.sha256(b"\x00" + record).digest()


def commitment(salt: bytes, value: str) -> str:
    """Return `sha256:<hex>` of salt and value (UTF-8): opened by showing both; without the salt nobody can guess it.

    The salt has 16 octets always, so that where it ends is never in question; ValueError otherwise.
    """
    if len(salt) != SALT_SIZE_BYTES:
        raise ValueError(f"a salt has {SALT_SIZE_BYTES} octets")
    return "sha256:" + hashlib.sha256(salt + value.encode()).hexdigest()


def _check(value: object) -> bool:
    """Refuse what is outside the subset; tells whether code point order is UTF-16 order for all keys."""
    plain = True
    left: list[object] = [value]
    while left:
        one = left.pop()
        if isinstance(one, int):
            if not -INTEGER_MAX <= one <= INTEGER_MAX:
                raise ValueError("not of the canonical subset: an integer of more than 53 bits")
        elif isinstance(one, _ARRAY_TYPES):
            left += [held for held in one if type(held) not in _PLAIN_TYPES]
        elif isinstance(one, dict):
            for key in one:
                if not isinstance(key, str):
                    raise ValueError("a key is text")  # noqa: TRY004 (the value is at fault, not its caller's types)
                plain = plain and key.isascii()
            left += [held for held in one.values() if type(held) not in _PLAIN_TYPES]
        elif one is not None and not isinstance(one, str):
            raise ValueError(f"not of the canonical subset: {type(one).__name__}")
    return plain


def _in_utf16_order(value: Json) -> Json:
    if isinstance(value, Mapping):
        # RFC 8785, 3.2.3: keys are sorted by UTF-16 code units, where U+10000 comes before U+E000.
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(one) for one in value]
    return value
