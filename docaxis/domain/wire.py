"""The contract on the broker, for the hub and every adapter: names, headers and the small JSON bodies.

An endpoint is a connected system; its id is also its broker user and the first word of its routing keys, so the broker
itself proves who sent a message.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from docaxis.domain.envelope import Priority
from docaxis.domain.status import StatusCode

INGRESS_EXCHANGE = "docaxis.ingress.v1"
QUARANTINE_EXCHANGE = "docaxis.quarantine.v1"
QUARANTINE_QUEUE = "docaxis.quarantine.v1"
FETCHED_QUEUE = "docaxis.fetched.v1"
LANES = ("urgent", "normal")
INBOX_KINDS = (*LANES, "receipts", "control")

PACKAGE_TYPE = "package"
CLAIM_TYPE = "claim"
RECEIPT_TYPE = "receipt"
NOTICE_TYPE = "notice"
FETCHED_TYPE = "fetched"
CHANGE_TYPE = "change"
WITHDRAWN = "withdrawn"

NOTE_HEADER = "x-docaxis-note"
NOTE_DIGEST_HEADER = "x-docaxis-note-digest"
DIGEST_HEADER = "x-docaxis-digest"
SIGNATURE_HEADER = "x-docaxis-signature"

ENDPOINT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SEQUENCE_MAX = 2**53 - 1
RANGES_MAX = 10_000
NOTE_HEADER_BYTES_MAX = 32 * 1024
"""A longer delivery note does not travel in the header but lies in the blob store, under the digest in NOTE_DIGEST_HEADER."""


class WireError(ValueError):
    """A message of the contract that cannot be read; the text says what is wrong with it."""


def ingress_queue(lane: str) -> str:
    """Return the name of the hub's queue for a lane."""
    return f"docaxis.ingress.{lane}.v1"


def inbox_queue(endpoint: str, token: str, kind: str) -> str:
    """Return the name of an endpoint's queue; token is 128 random bits in hex, so that a name cannot be guessed."""
    return f"docaxis.inbox.{endpoint}.{token}.{kind}"


def lane_of(priority: Priority) -> str:
    """Return the lane that a document of this urgency travels in."""
    return "normal" if priority is Priority.NORMAL else "urgent"


def lane_of_status(status_code: str) -> str:
    """Return the lane that a status travels in: what takes a document back must overtake others, a report need not."""
    return "urgent" if status_code == StatusCode.RECALL_ASKED.written else "normal"


def routing_key(endpoint: str, verb: str) -> str:
    """Return the only kind of key that an endpoint may publish with; verb is a lane or `fetched`."""
    return f"{endpoint}.{verb}"


def parse_routing_key(key: str) -> tuple[str, str]:
    """Return endpoint and verb of a routing key of the ingress exchange."""
    endpoint, _, verb = key.partition(".")
    return endpoint, verb


def digest_of(octets: bytes) -> str:
    """Return `sha256:<hex>` of some octets."""
    return "sha256:" + hashlib.sha256(octets).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """A package by claim check: the message says where the octets lie, `sha256:<hex>`."""

    digest: str
    size_bytes: int


def write_claim(claim: Claim) -> bytes:
    """Return the body of a claim message."""
    return json.dumps({"digest": claim.digest, "size_bytes": claim.size_bytes}).encode()


def parse_claim(body: bytes) -> Claim:
    """Read the body of a claim message; raises WireError."""
    value = _object(body)
    digest, size_bytes = value.get("digest"), value.get("size_bytes")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise WireError("digest: sha256:<64 hex digits> expected")
    if type(size_bytes) is not int or size_bytes <= 0:
        raise WireError("size_bytes: a positive integer expected")
    return Claim(digest, size_bytes)


Ranges = dict[str, list[tuple[int, int]]]
"""Sequence numbers by lane, as ranges with both ends included."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A transport acknowledgement: what the endpoint has durably written, and what it has given back unread."""

    fetched: Ranges
    withdrawn: Ranges


def write_fetched(sequences: Mapping[str, Iterable[int]]) -> bytes:
    """Return the body of a transport acknowledgement: per lane, the durably written sequence numbers as ranges."""
    return _compact({lane: _ranges(numbers) for lane, numbers in sequences.items()})


def write_fetched_ranges(ranges: Ranges) -> bytes:
    """Return the body of a transport acknowledgement that was told in ranges already."""
    return _compact({lane: [list(pair) for pair in pairs] for lane, pairs in ranges.items()})


def write_withdrawn(sequences: Mapping[str, Iterable[int]]) -> bytes:
    """Return the body of the notice that copies were given back and nobody has read them: per lane, as ranges."""
    return _compact({WITHDRAWN: {lane: _ranges(numbers) for lane, numbers in sequences.items()}})


def parse_fetched(body: bytes) -> Acknowledged:
    """Read a transport acknowledgement or a notice of withdrawal; raises WireError."""
    value = _object(body)
    withdrawn = value.pop(WITHDRAWN, {})
    if not isinstance(withdrawn, dict):
        raise WireError(f"{WITHDRAWN}: a JSON object expected")
    return Acknowledged(_lanes(value), _lanes(withdrawn))


def _lanes(value: dict[str, object]) -> Ranges:
    if not set(value) <= set(LANES):
        raise WireError("lanes: urgent and normal expected")
    result: Ranges = {}
    for lane, ranges in value.items():
        if not isinstance(ranges, list) or len(ranges) > RANGES_MAX:
            raise WireError(f"{lane}: a list of at most {RANGES_MAX} ranges expected")
        result[lane] = [_range(lane, item) for item in ranges]
    return result


def _range(lane: str, item: object) -> tuple[int, int]:
    match item:
        case [int(first), int(last)] if 0 < first <= last <= SEQUENCE_MAX:
            return first, last
        case _:
            raise WireError(f"{lane}: [first, last] with 0 < first <= last expected")


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    ordered = sorted(set(numbers))
    if not ordered:
        return []
    ends = [a for a, b in pairwise(ordered) if b != a + 1] + [ordered[-1]]
    starts = [ordered[0]] + [b for a, b in pairwise(ordered) if b != a + 1]
    return [list(pair) for pair in zip(starts, ends, strict=True)]


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise WireError("not JSON") from None
    if not isinstance(value, dict):
        raise WireError("a JSON object expected")
    return value
