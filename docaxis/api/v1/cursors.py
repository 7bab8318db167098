"""Where a page of a list ended, as an opaque word that only this hub can have made, for this client and this question."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from docaxis.api.v1.problems import ApiProblem, ProblemCode

_TAG_BYTES = 16
Place = TypeVar("Place")


class Cursors:
    """Signs with a key of this process's choice; a cursor of another process with the same key works too."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, place: tuple[object, ...], question: str) -> str:
        """Return the word for a place in a list (moments, keys, texts, numbers); question: client and filters."""
        octets = json.dumps([_plain(one) for one in place], ensure_ascii=False, separators=(",", ":")).encode()
        return urlsafe_b64encode(self._tag(octets, question) + octets).decode().rstrip("=")

    def read(self, word: str, question: str, place: type[Place]) -> Place:
        """Return the place, a named tuple of this type; raises ApiProblem for a word that was not made for this question."""
        try:
            octets = urlsafe_b64decode(word + "=" * (-len(word) % 4))
        except (Base64Error, ValueError):
            raise ApiProblem(ProblemCode.CURSOR_INVALID) from None
        tag, octets = octets[:_TAG_BYTES], octets[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(octets, question)):
            raise ApiProblem(ProblemCode.CURSOR_INVALID)
        kinds = place.__annotations__
        held = zip(kinds, json.loads(octets), strict=True)
        return place(**{name: _read(one, kinds[name]) for name, one in held})

    def _tag(self, octets: bytes, question: str) -> bytes:
        return hmac.new(self._key, question.encode() + b"\x00" + octets, hashlib.sha256).digest()[:_TAG_BYTES]


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, str | int):
        return value
    raise TypeError(f"a place holds no {type(value).__name__}")


def _read(value: str | int, kind: type) -> object:
    if kind is datetime:
        return datetime.fromisoformat(str(value))
    if kind is UUID:
        return UUID(str(value))
    return value
