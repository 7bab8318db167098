"""One-time addresses with which somebody signs in to choose a password or make a passkey; no password is ever sent."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

HOLDS = timedelta(hours=24)
_PERSON_OCTETS, _RANDOM_OCTETS, _TIME_OCTETS, _MAC_OCTETS = 16, 12, 6, 32


class Link(NamedTuple):
    """What an address says: for whom, until when; token_id is what marks it as used."""

    person_id: UUID
    ends_at: datetime
    token_id: str


def make_link(key: bytes, person_id: UUID, now: datetime) -> tuple[str, datetime]:
    """Return the last part of an address that lets this person in once, and until when."""
    ends = int((now + HOLDS).timestamp())
    content = person_id.bytes + secrets.token_bytes(_RANDOM_OCTETS) + ends.to_bytes(_TIME_OCTETS)
    return base64.urlsafe_b64encode(content + _mac(key, content)).decode().rstrip("="), _moment(ends, now)


def read_link(key: bytes, text: str, now: datetime) -> Link | None:
    """Return what an address says, None where it is not ours or over."""
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    content, mac = octets[:-_MAC_OCTETS], octets[-_MAC_OCTETS:]
    if len(content) != _PERSON_OCTETS + _RANDOM_OCTETS + _TIME_OCTETS or not hmac.compare_digest(
        mac, _mac(key, content)
    ):
        return None
    ends = int.from_bytes(content[-_TIME_OCTETS:])
    if ends <= now.timestamp():
        return None
    return Link(UUID(bytes=content[:_PERSON_OCTETS]), _moment(ends, now), "link:" + hashlib.sha256(octets).hexdigest())


def _moment(seconds: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(seconds, now.tzinfo)


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, b"sign-in link\0" + content, "sha256")
