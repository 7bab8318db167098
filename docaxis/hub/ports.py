"""What the hub needs of the world, as small protocols; backends fulfil them, `backends.memory` is their twin for unit tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from docaxis.hub.rows import Batch, EventRow


class Subject(NamedTuple):
    """An earlier document that a package speaks of, by its sender and id, and who speaks.

    organ_id names the one addressee whose copy is meant; empty: the document with all its copies.
    """

    sender: str
    document_id: str
    author: str
    organ_id: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """What one arrival is looked up by; sender and document_id are empty where the package could not be read."""

    endpoint: str
    message_id: str
    digest: str
    sender: str = ""
    document_id: str = ""
    blobs: tuple[str, ...] = ()
    number_key: str = ""
    subjects: tuple[Subject, ...] = ()
    is_order: bool = False
    """Whether document_id is that of a recall order, which is no document of its own."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An earlier submission: what it was and the receipt that was given."""

    submission_id: UUID
    digest: str
    outcome: str
    receipt: bytes


class KnownDelivery(NamedTuple):
    """An addressee's copy: statuses is the mask of `domain.status`, state as the table keeps it."""

    organ_id: str
    endpoint: str
    lane: str
    sequence: int
    state: str
    statuses: int
    is_fetched: bool = False


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """An earlier document that a package speaks of; deliveries holds those asked for (one addressee's, or all).

    by_order: the package named it by the id of a recall order; is_authors: whether the author is its sender (else he is
    one of its addressees, or nothing would be told to him).
    """

    document_key: UUID
    sender: str
    document_id: str
    endpoint: str
    state: str
    business_type: int
    deliveries: tuple[KnownDelivery, ...] = ()
    by_order: bool = False
    is_authors: bool = True


class GivenBack(NamedTuple):
    """One addressee's copy that was asked back and is given back unread."""

    document: KnownDocument
    delivery: KnownDelivery


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of one arrival.

    same_message: same endpoint, message_id and digest; same_document: the accepted document with this sender and document_id;
    same_number: the one with this number in this year; standing: where its copies are, if either is another document;
    missing_blobs: digests of attachments by reference that are not in the blob store; subjects: in the key's order.
    """

    same_message: Recorded | None = None
    same_document: Recorded | None = None
    same_number: Recorded | None = None
    missing_blobs: tuple[str, ...] = ()
    subjects: tuple[KnownDocument | None, ...] = ()
    standing: KnownDocument | None = None


class LaneLoad(NamedTuple):
    """An endpoint's load: copies and bytes dispatched and not yet fetched, and how many copies wait in the store."""

    unfetched: int
    unfetched_bytes: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A publication to make: the package to `targets`, the receipt to `sender_endpoint`, notices to control queues."""

    outbox_id: UUID
    submission_id: UUID
    document_key: UUID | None
    sender_endpoint: str
    message_id: str
    lane: str
    digest: str
    size_bytes: int
    body: bytes | None
    note: bytes
    targets: tuple[str, ...]
    receipt: bytes | None
    notices: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left of a publication after a try; nothing left means that the broker confirmed all of it."""

    outbox_id: UUID
    targets: tuple[str, ...] = ()
    notices: tuple[tuple[str, bytes], ...] = ()
    with_receipt: bool = False

    @property
    def done(self) -> bool:
        """Whether the outbox row can be forgotten."""
        return not (self.targets or self.notices or self.with_receipt)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A submission whose time has come to be decided again."""

    submission_id: UUID
    endpoint: str
    message_id: str
    lane: str
    digest: str
    body: bytes | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """What has not come to its end yet: how many there are, and the moment of the oldest (None where there is none).

    database_at: the database's own time; outbox: publications without confirmation; waiting: copies without room in a window;
    events: without a place in the log.
    """

    database_at: datetime
    outbox: int
    outbox_at: datetime | None
    waiting_at: datetime | None
    deferred: int
    events: int
    events_at: datetime | None


@dataclass(frozen=True, slots=True)
class FetchRange:
    """A transport acknowledgement: an endpoint has durably written the deliveries first to last (both included)."""

    endpoint: str
    lane: str
    first: int
    last: int


class LeaseLost(Exception):
    """Another process holds the lease now; whoever catches it stops what the lease was for."""


class StoreUnavailable(Exception):
    """The database cannot be used now (down, unreachable, full, too slow): wait and call again; nothing was half written."""


class BlobsUnavailable(StoreUnavailable):
    """The blob store cannot be used now (full, read-only, away): the same, nothing was half written."""


class StoreRefused(Exception):
    """The database refused what it was given: our own fault, the same call fails again."""


class Store(Protocol):
    """The writing half of the audit store; every method is one transaction and safe to repeat."""

    async def commit(
        self,
        keys: Sequence[SubmissionKey],
        compose: Callable[[Sequence[Known]], Batch],
    ) -> Batch:
        """Load what is known of the keys, write what compose makes of it, and commit; composes anew when it lost a race."""

    async def sequences(self, wanted: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
        """Reserve numbers for (endpoint, lane): returns the first of each block; blocks may leave gaps, never overlap."""

    async def loads(self) -> Mapping[str, LaneLoad]:
        """Return the use of every endpoint's window (both lanes together)."""

    async def pending(self) -> Pending:
        """Return what has not come to its end yet, for those who watch over it."""

    async def published(self, outbox_ids: Sequence[UUID], event: EventRow | None) -> None:
        """Forget outbox rows whose publications the broker has confirmed, and record the dispatch (None: only receipts)."""

    async def narrow(self, remainders: Sequence[Remainder], event: EventRow | None) -> None:
        """Keep in the outbox only what is left, and record the dispatch of what went out (None: no package did)."""

    async def fetched(
        self, ranges: Sequence[FetchRange], at: datetime, record: Callable[[Sequence[FetchRange]], EventRow]
    ) -> Sequence[FetchRange]:
        """Record acknowledgements; returns the parts that were new, for which (if any) record makes the event."""

    async def given_back(
        self,
        ranges: Sequence[FetchRange],
        at: datetime,
        compose: Callable[[Sequence[GivenBack], Sequence[FetchRange]], Batch],
    ) -> None:
        """Record copies that an endpoint gives back unread: compose makes the rows of those that were asked back."""

    async def take_outbox(self, holder: str, now: datetime, lease_s: float, limit: int) -> Sequence[Outgoing]:
        """Lease publications whose lease ran out, oldest first, urgent before normal (SKIP LOCKED)."""

    async def release_waiting(
        self, holder: str, now: datetime, lease_s: float, endpoint: str, copies: int, size_bytes: int
    ) -> Sequence[Outgoing]:
        """Turn at most so many waiting copies of an endpoint into leased publications, urgent first."""

    async def take_unfetched(
        self, holder: str, now: datetime, lease_s: float, endpoint: str, limit: int
    ) -> Sequence[Outgoing]:
        """Make leased publications, oldest first, of dispatched and unfetched copies of an endpoint that no outbox row holds."""

    async def take_deferred(self, now: datetime, lease_s: float, limit: int) -> Sequence[Deferred]:
        """Return deferred submissions that are due, pushing their retry_at by the lease so that others leave them alone."""

    async def quarantine(
        self, origin: str, endpoint: str, message_id: str, body: bytes, reason: str, event: EventRow
    ) -> None:
        """Keep a message that made us fail, with its origin and reason."""

    async def take_lease(self, name: str, holder: str, now: datetime, lease_s: float) -> int | None:
        """Take or renew a named lease; returns its fence (grows with every new holder), or None while another holds it."""

    async def append_log(self, fence: int, limit: int) -> int:
        """Give committed events their place in the log; returns how many; raises LeaseLost when the fence is not the newest."""


class BlobStore(Protocol):
    """Content-addressed octets, `sha256:<hex>`; every method raises BlobsUnavailable."""

    async def read(self, digest: str) -> bytes | None:
        """Return a blob whole, or None; for packages by claim check, which are bounded by the package limit."""

    async def write(self, digest: str, body: bytes) -> None:
        """Keep octets under their digest, durably."""

    async def size_bytes(self, digest: str) -> int | None:
        """Return the size, or None when the blob is not there."""


class Publisher(Protocol):
    """The publishing half of the broker; each call returns when the broker has confirmed, or raises."""

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        """Publish and return what is left of each; what is left stays leased and is tried again later."""


class Inboxes(Protocol):
    """What can be seen of the endpoints' queues."""

    async def short_of(self, unfetched: Mapping[str, int]) -> Sequence[str]:
        """Return the endpoints whose inbox lost copies: missing, or fewer than unfetched and no consumer to hold them."""
