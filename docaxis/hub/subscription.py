"""Who is told of changes, and the messages that tell: one JSON object with at most a hundred changes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from docaxis.hub.changes import Change

CHANGES_MOST = 100
MESSAGE_BYTES_MOST = 256 * 1024
"""A message grows no further, unless by one change that is longer by itself."""

_FORM = "urn:docaxis:changes:1"


@dataclass(frozen=True, slots=True)
class Subscription:
    """An endpoint's wish to be told: kind is `webhook` (to url) or `amqp` (on its control queue).

    next_index: the first entry of the log that was not looked at for it; told_index: where its last message ended.
    """

    subscription_id: UUID
    endpoint: str
    kind: str
    url: str
    next_index: int
    told_index: int
    created_at: datetime
    disabled_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    last_error: str = ""


class Place(NamedTuple):
    """A change as it is written, and the entry that it comes from."""

    leaf_index: int
    written: str


class Portion(NamedTuple):
    """Changes that go into one message; next_index is where the log is read on once it was taken.

    An entry whose changes are not all in it is read again after a failure: next_index stays at it.
    """

    changes: Sequence[str]
    next_index: int


def place_of(change: Change) -> Place:
    """Return a change as it goes into a message."""
    return Place(change["leaf_index"], json.dumps(change, ensure_ascii=False, separators=(",", ":")))


def portions(places: Sequence[Place], end: int) -> Iterator[Portion]:
    """Cut changes, in the order of the log, into messages; `end` is the first entry that they do not cover."""
    start = size_bytes = 0
    for number, place in enumerate(places):
        length = len(place.written.encode())
        if number > start and (number - start == CHANGES_MOST or size_bytes + length > MESSAGE_BYTES_MOST):
            yield Portion([one.written for one in places[start:number]], place.leaf_index)
            start, size_bytes = number, 0
        size_bytes += length
    if places:
        yield Portion([one.written for one in places[start:]], end)


def write_message(hub: str, to: Subscription, changes: Sequence[str], next_index: int, at: datetime) -> bytes:
    """Return the octets that are signed and sent; `first` is where the message before this one ended."""
    head = {
        "form": _FORM,
        "hub": hub,
        "subscription": to.subscription_id.hex,
        "endpoint": to.endpoint,
        "sent_at": at.isoformat(),
        "first": to.told_index,
        "next": next_index,
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{written[:-1]},"changes":[{",".join(changes)}]}}'.encode()
