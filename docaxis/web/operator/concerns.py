"""Is anything stuck, and what wants an eye: the sentence at the head of the board, made of its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from docaxis.hub.views.operating import Board, CertificateEnd, EndpointView, QueueView

CERTIFICATE_SOON = timedelta(days=7)
CERTIFICATE_SHOWN = timedelta(days=30)
LIST_SHOWN = timedelta(days=1)
"""A revocation list is renewed so often that only its last day says anything."""
DISK_SHARE = 0.8
SILENT_WITH_COPIES = timedelta(minutes=30)
LATE_WITH_COPIES = timedelta(hours=1)
SILENT = timedelta(hours=24)
LATE = timedelta(hours=48)
NAMED = 2
"""So many full inboxes are named in the sentence; more of them are counted."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing of the sentence: what it is about, how many of it there are, which one where it is one.

    kind: broker, store, standing, unseen (these are stuck); full, unfetched, quarantine, certificate-ended,
    certificate-soon, held, disk, trust.
    """

    kind: str
    count: int = 1
    queue: QueueView | None = None
    left: timedelta | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether documents stand still because of it."""
        return self.kind in {"broker", "store", "standing", "unseen"}


@dataclass(frozen=True, slots=True)
class Silent:
    """An endpoint that was not seen for a while (None: never), and whether that is long for what waits for it."""

    endpoint: EndpointView
    since: timedelta | None
    is_late: bool


def concerns(board: Board, now: datetime) -> Sequence[Concern]:
    """Return everything that the head of the board names, what is stuck first."""
    found = [Concern(name) for name in ("broker", "store") if name in board.missing]
    hub_queues = [queue for queue in board.queues if queue.kind != "inbox"]
    found += [Concern("standing", queue=queue) for queue in hub_queues if queue.state == "standing"]
    if "broker" not in board.missing:
        found += [Concern("unseen", queue=queue) for queue in hub_queues if queue.state == "unseen"]
    inboxes = [queue for queue in board.queues if queue.kind == "inbox"]
    full = [queue for queue in inboxes if queue.state == "full"]
    found += [Concern("full", queue=queue) for queue in full] if len(full) <= NAMED else [Concern("full", len(full))]
    unfetched = sum(queue.state == "standing" for queue in inboxes)
    found += [Concern("unfetched", unfetched)] if unfetched else []
    found += [Concern("quarantine", board.quarantined)] if board.quarantined else []
    found += _of_certificates(board.certificates, now)
    found += [Concern("held", queue.depth or 0) for queue in hub_queues if queue.state == "held"]
    if board.disk and board.disk.share >= DISK_SHARE:
        found.append(Concern("disk"))
    return found


def ending(certificates: Sequence[CertificateEnd], now: datetime) -> Sequence[CertificateEnd]:
    """Return the certificates that end within 30 days or have ended, the most urgent first."""
    return sorted((one for one in certificates if one.ends_at - now <= _shown(one)), key=lambda one: one.ends_at)


def next_to_end(certificates: Sequence[CertificateEnd], now: datetime) -> CertificateEnd | None:
    """Return the one that ends first of those that last longer; revocation lists are none, None where nothing is known."""
    later = [one for one in certificates if one.kind != "crl" and one.ends_at - now > _shown(one)]
    return min(later, key=lambda one: one.ends_at, default=None)


def silent(endpoints: Sequence[EndpointView], now: datetime) -> Sequence[Silent]:
    """Return who was not seen for long, the longest first; one for whom nothing waits may be quiet for a day."""
    found = []
    for one in endpoints:
        if one.disabled_at is not None:
            continue
        since = now - (one.seen_at or one.created_at)
        has_copies = one.unfetched > 0
        if since >= (SILENT_WITH_COPIES if has_copies else SILENT):
            is_late = since >= (LATE_WITH_COPIES if has_copies else LATE)
            found.append(Silent(one, since if one.seen_at else None, is_late))
    return sorted(found, key=lambda one: (one.endpoint.seen_at or one.endpoint.created_at, one.endpoint.endpoint_id))


def _of_certificates(certificates: Sequence[CertificateEnd], now: datetime) -> list[Concern]:
    ended = [one for one in certificates if one.ends_at <= now]
    soon = [one.ends_at - now for one in certificates if now < one.ends_at <= now + min(CERTIFICATE_SOON, _shown(one))]
    found = [Concern("certificate-ended", len(ended))] if ended else []
    return [*found, Concern("certificate-soon", len(soon), left=min(soon))] if soon else found


def _shown(certificate: CertificateEnd) -> timedelta:
    return LIST_SHOWN if certificate.kind == "crl" else CERTIFICATE_SHOWN
