"""What a portion of the log says, and what is known of the documents that it speaks of."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place in the log, its body read from the canonical octets; event_hash is the leaf hash in hex."""

    leaf_index: int
    kind: str
    at: datetime
    event_hash: str
    document_key: UUID | None
    body: Mapping[str, Any]


class Origin(NamedTuple):
    """A document as its parties know it, and the endpoint that sent it."""

    document_key: UUID
    endpoint: str
    sender: str
    document_id: str


class Standing(NamedTuple):
    """One addressee's copy as it stands when the log is read."""

    document_key: UUID
    organ_id: str
    endpoint: str
    lane: str
    sequence: int
    state: str


class Range(NamedTuple):
    """Sequence numbers of an endpoint's lane, both ends included."""

    endpoint: str
    lane: str
    first: int
    last: int


class Facts:
    """What the entries of a portion speak of, as far as one of `endpoints` sent or received it."""

    def __init__(self, endpoints: Iterable[str], origins: Iterable[Origin], copies: Iterable[Standing]) -> None:
        self.endpoints = frozenset(endpoints)
        self._origins = {one.document_key: one for one in origins}
        self._copies: dict[UUID, list[Standing]] = {}
        self._lanes: dict[tuple[str, str], list[Standing]] = {}
        for copy in sorted(set(copies)):
            self._copies.setdefault(copy.document_key, []).append(copy)
            self._lanes.setdefault((copy.endpoint, copy.lane), []).append(copy)
        for lane in self._lanes.values():
            lane.sort(key=_sequence)

    def origin(self, document_key: UUID | None) -> Origin | None:
        """Return a document, None where no endpoint of ours has to do with it."""
        return self._origins.get(document_key) if document_key else None

    def copies(self, document_key: UUID) -> Sequence[Standing]:
        """Return the copies of a document."""
        return self._copies.get(document_key, ())

    def within(self, wanted: Range) -> Sequence[Standing]:
        """Return the copies that a range of sequence numbers means."""
        lane = self._lanes.get((wanted.endpoint, wanted.lane), [])
        return lane[bisect_left(lane, wanted.first, key=_sequence) : bisect_right(lane, wanted.last, key=_sequence)]


def _sequence(copy: Standing) -> int:
    return copy.sequence
