"""What the API for systems reads and keeps: keys of endpoints, answers that were given, copies that wait, uploads in parts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from docaxis.hub.views.documents import DocumentView

KeyKind = Literal["token", "certificate"]


@dataclass(frozen=True, slots=True)
class ClientKey:
    """What an endpoint shows itself by.

    key_id is `sha256:<hex>` of public_key: the SubjectPublicKeyInfo (kind token) or the certificate, in DER both.
    """

    key_id: str
    endpoint: str
    kind: KeyKind
    public_key: bytes
    name: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What an endpoint was answered under a key of its own choice; request is `sha256:<hex>` of what it had asked."""

    key: str
    request: str
    status: int
    content: str
    answered_at: datetime


class Place(NamedTuple):
    """A copy's place in the line of its endpoint: 0 urgent, 1 normal, then the sequence number."""

    turn: int
    sequence: int


@dataclass(frozen=True, slots=True)
class WaitingCopy:
    """A copy that was put into an endpoint's inbox and that it has not acknowledged: for which of its agencies."""

    document: DocumentView
    lane: str
    sequence: int
    organ_ids: tuple[str, ...]
    place: Place


class Parties(NamedTuple):
    """Whether an endpoint sent a document, and for which addressees a copy of it has left the hub for the endpoint."""

    sent: bool
    addressees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartialUpload:
    """An upload in parts: which octets (`sha256:<hex>`) are to come, and how many have come so far."""

    upload_id: str
    endpoint: str
    length_bytes: int
    digest: str
    began_at: datetime
    ends_at: datetime
    offset_bytes: int = 0


class Checksum(NamedTuple):
    """What a part of an upload is compared with; algorithm is sha1 (tus wants it) or sha256."""

    algorithm: str
    digest: bytes


class UploadTooLong(Exception):
    """More octets came than were announced; none of this part was kept."""


class UploadMismatch(Exception):
    """A part has another checksum; none of it was kept."""


class UploadBusy(Exception):
    """Somebody else is writing to this upload at this moment."""


class UploadGone(Exception):
    """The octets that had come so far are not there any more."""


@dataclass(frozen=True, slots=True)
class OwnEndpoint:
    """An endpoint as it sees itself."""

    endpoint_id: str
    name: str
    created_at: datetime
    organ_ids: tuple[str, ...]
    keys: tuple[ClientKey, ...]
