"""What an operator sees of the exchange: depths, rates, ages, and who is silent; never the content of a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

QueueKind = Literal["ingress", "fetched", "trial", "outbox", "log", "deferred", "inbox"]
QueueState = Literal["flowing", "standing", "full", "held", "unseen"]
CertificateKind = Literal["seal", "anchor", "intermediate", "crl", "signer", "client"]


@dataclass(frozen=True, slots=True)
class QueueView:
    """A place where something waits, at the last look.

    name: as the broker or the database calls it; label: the endpoint of an inbox, the lane of an ingress queue.
    oldest_s: age of the oldest in seconds, None where it is not known, `oldest_is_bound` where it is that much at most.
    Rates are per second over `rate_s` seconds; None: not measured. history: depth minute by minute, the oldest first.
    waiting: copies outside that have no room in the inbox; resumes_at: when what is held is tried again.
    """

    kind: QueueKind
    name: str
    label: str
    depth: int | None
    state: QueueState
    oldest_s: float | None = None
    oldest_is_bound: bool = False
    in_rate: float | None = None
    out_rate: float | None = None
    rate_s: float = 0.0
    redelivered: int | None = None
    history: tuple[int, ...] = ()
    waiting: int = 0
    consumers: int | None = None
    resumes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CertificateEnd:
    """When a certificate (or, for `crl`, a revocation list) runs out; subject is the name in it, organ_id whose it is."""

    kind: CertificateKind
    subject: str
    ends_at: datetime
    fingerprint: str = ""
    organ_id: str = ""


@dataclass(frozen=True, slots=True)
class EndpointView:
    """A connected system: when it last sent or fetched, what stands in its inbox, what waits outside.

    oldest_s: age of its oldest unfetched copy in seconds, None where nothing is unfetched or it is not known.
    """

    endpoint_id: str
    name: str
    organ_ids: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    sent_at: datetime | None = None
    fetched_at: datetime | None = None
    unfetched: int = 0
    waiting: int = 0
    oldest_s: float | None = None
    certificate_ends_at: datetime | None = None
    keys: int = 0

    @property
    def seen_at(self) -> datetime | None:
        """When it last did anything that the hub records, None: never."""
        return max((at for at in (self.sent_at, self.fetched_at) if at), default=None)


@dataclass(frozen=True, slots=True)
class TrafficPoint:
    """Documents accepted and submissions refused in a span that begins at `at` and lasts `span_s` seconds."""

    at: datetime
    span_s: float
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class LevelShare:
    """How many agencies of a level in force have an endpoint of their own, and of how many that endpoint did something lately."""

    level: str
    agencies: int
    connected: int
    active: int


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of the hub's files."""

    used_bytes: int
    free_bytes: int

    @property
    def share(self) -> float:
        """Return the used part of what can be used, 0 to 1."""
        whole = self.used_bytes + self.free_bytes
        return self.used_bytes / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class BrokerView:
    """What kind of broker carries the exchange: the hub's own on its machine or one that the organisation runs; its nodes.

    Where it is, and who may enter, stands on no page.
    """

    is_own: bool
    nodes: int = 1


@dataclass(frozen=True, slots=True)
class Board:
    """The whole exchange at one look; figures that were not measured yet are None, lists are empty.

    since: when this process began to measure; looked_at: when it last did. accepted_rate and dispatched_rate are per
    second over rate_s seconds; latency_p95_s is from reception to dispatch, of latency_base documents.
    missing: what could not be read at the last look (broker, store).
    """

    since: datetime
    looked_at: datetime
    broker: BrokerView
    accepted_rate: float | None = None
    dispatched_rate: float | None = None
    rate_s: float = 0.0
    latency_p95_s: float | None = None
    latency_base: int = 0
    log_at: datetime | None = None
    log_size: int = 0
    disk: Disk | None = None
    quarantined: int | None = None
    queues: tuple[QueueView, ...] = ()
    endpoints: tuple[EndpointView, ...] = ()
    certificates: tuple[CertificateEnd, ...] = ()
    signers_seen: int = 0
    traffic: tuple[TrafficPoint, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxLook:
    """What the broker said of one queue of an endpoint just now; depth None: the queue is not there."""

    kind: str
    depth: int | None
    consumers: int


class NotReleased(Exception):
    """The broker did not take a message that was to be released; it still waits in quarantine."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message in quarantine, without its octets.

    releasable: whether handing it to the hub again can change anything; times: how often it was set aside.
    """

    event_id: str
    origin: str
    endpoint: str
    message_id: str
    size_bytes: int
    reason: str
    quarantined_at: datetime
    releasable: bool
    times: int = 1


@dataclass(frozen=True, slots=True)
class SetAsideEnd:
    """What became of a message in quarantine: released or discarded, by whom, why."""

    event_id: str
    endpoint: str
    message_id: str
    outcome: str
    reason: str
    login: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class ConfigurationSection:
    """A table of the effective configuration: key, value, and whether it was masked."""

    name: str
    rows: Sequence[tuple[str, str, bool]]
