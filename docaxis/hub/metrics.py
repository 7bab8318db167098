"""What operators and their alerts see of a hub process; never a label per agency or document.

What happens here is counted by a call; what others keep (`hub.watched`) is asked for whenever somebody looks.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.context_managers import Timer

from docaxis import __version__
from docaxis.domain.report import Cause
from docaxis.domain.verdict import Reason
from docaxis.hub.ports import Pending
from docaxis.hub.watched import Watched

# When each counter began is of no use to anybody, and would be as many series again.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._submissions = Counter(
            "docaxis_submissions", "Arrivals by outcome and refusal code", ["outcome", "code"], registry=self.registry
        )
        self._deciding = self._histogram("docaxis_decide_duration_seconds", "Pure decision of one arrival")
        self._committing = self._histogram("docaxis_commit_duration_seconds", "One transaction of a batch")
        self._copies = self._counter("docaxis_copies_dispatched", "Copies confirmed by the broker")
        self._fetched = self._counter("docaxis_copies_fetched", "Copies acknowledged by their endpoint")
        self._quarantined = self._counter("docaxis_quarantined", "Messages kept aside because they made the hub fail")
        self._unreadable = self._counter(
            "docaxis_acknowledgements_unreadable", "Transport acknowledgements that could not be read"
        )
        self._unconfirmed = self._counter(
            "docaxis_publications_unconfirmed", "Tries that left something of a publication in the outbox"
        )
        self._short = self._counter("docaxis_inboxes_short", "Inboxes found missing or holding too little")
        self._republished = self._counter("docaxis_copies_republished", "Copies published again for short inboxes")
        self._blobs_away = self._counter("docaxis_blobs_unavailable", "Arrivals that met a blob store out of use")
        self._missed = Counter(
            "docaxis_deadlines_missed", "Deadlines missed, by cause", ["cause"], registry=self.registry
        )
        self._sequenced = self._counter("docaxis_events_sequenced", "Events given their place in the log")
        self._leading = self._gauge("docaxis_sequencer_leading", "1 while this process gives events their place")
        self._waiting = self._gauge("docaxis_copies_waiting", "Copies that wait for room in an inbox window")
        self._waiting_age = self._gauge("docaxis_copies_waiting_oldest_seconds", "Age of the longest waiting copy")
        self._unfetched = self._gauge("docaxis_copies_unfetched", "Copies in the broker, not yet fetched")
        self._outbox = self._gauge("docaxis_outbox_rows", "Publications committed and not yet confirmed")
        self._outbox_age = self._gauge("docaxis_outbox_oldest_seconds", "Age of the oldest unconfirmed publication")
        self._deferred = self._gauge("docaxis_submissions_deferred", "Submissions that are to be decided again")
        self._events = self._gauge("docaxis_events_pending", "Events without a place in the log")
        self._events_age = self._gauge("docaxis_events_pending_oldest_seconds", "Age of the oldest of them")
        self._clock_offset = self._gauge("docaxis_clock_offset_seconds", "This machine's clock minus the database's")
        self._told = self._counter("docaxis_changes_told", "Changes that subscribers have taken")
        self._not_told = self._counter("docaxis_notifications_failed", "Messages that subscribers did not take")
        self._gave_up = self._counter(
            "docaxis_subscriptions_given_up", "Subscriptions disabled after failing for too long"
        )
        self._behind = self._gauge(
            "docaxis_notifications_behind_entries", "Entries of the log before the last subscriber"
        )
        self._behind_age = self._gauge("docaxis_notifications_behind_seconds", "Age of the first of them")
        version = Gauge("docaxis_build_info", "The version that runs", ["version"], registry=self.registry)
        version.labels(__version__).set(1)
        # A counter that first appears with 1 shows no increase: an alert would miss the first of its kind.
        for code in Reason:
            self._submissions.labels("rejected", code.value)
        for cause in filter(None, get_args(Cause)):
            self._missed.labels(cause)
        self._watched = Watched()
        self.registry.register(self._watched)
        ProcessCollector(registry=self.registry)

    def deciding(self) -> Timer:
        """Time one decision."""
        return self._deciding.time()

    def committing(self) -> Timer:
        """Time one transaction."""
        return self._committing.time()

    def decided(self, outcome: str, code: str) -> None:
        """Count a committed outcome."""
        self._submissions.labels(outcome, code).inc()

    def published(self, copies: int) -> None:
        """Count confirmed copies."""
        self._copies.inc(copies)

    def unconfirmed(self) -> None:
        """Count a try that left something of a publication in the outbox."""
        self._unconfirmed.inc()

    def fetched(self, copies: int) -> None:
        """Count acknowledged copies."""
        self._fetched.inc(copies)

    def quarantined(self) -> None:
        """Count a message kept aside."""
        self._quarantined.inc()

    def unreadable(self) -> None:
        """Count an acknowledgement that could not be read."""
        self._unreadable.inc()

    def blobs_unavailable(self) -> None:
        """Count an arrival that the blob store could not take or give."""
        self._blobs_away.inc()

    def inbox_short(self, copies: int) -> None:
        """Count an inbox that lost copies, and how many are published again."""
        self._short.inc()
        self._republished.inc(copies)

    def missed(self, cause: str) -> None:
        """Count a deadline that an addressee has missed."""
        self._missed.labels(cause).inc()

    def sequenced(self, events: int) -> None:
        """Count events that got their place in the log."""
        self._sequenced.inc(events)

    def leading(self, *, leading: bool) -> None:
        """Set whether this process gives events their place."""
        self._leading.set(leading)

    def told(self, changes: int) -> None:
        """Count changes that a subscriber has taken."""
        self._told.inc(changes)

    def not_told(self) -> None:
        """Count a message that was not taken."""
        self._not_told.inc()

    def gave_up(self) -> None:
        """Count a subscription that was disabled for failing."""
        self._gave_up.inc()

    def behind(self, entries: int, age_s: float) -> None:
        """Set how far the last subscriber is behind the log; 0 in processes that do not tell."""
        self._behind.set(entries)
        self._behind_age.set(age_s)

    def backlog(self, waiting: int, unfetched: int) -> None:
        """Set how many copies wait in the store, and how many stand in the broker."""
        self._waiting.set(waiting)
        self._unfetched.set(unfetched)

    def pending(self, pending: Pending, now: datetime) -> None:
        """Set what has not come to its end; `now` is the time of this machine at the moment of these figures."""

        def age_s(at: datetime | None) -> float:
            return max(0.0, (pending.database_at - at).total_seconds()) if at else 0.0

        self._outbox.set(pending.outbox)
        self._outbox_age.set(age_s(pending.outbox_at))
        self._waiting_age.set(age_s(pending.waiting_at))
        self._deferred.set(pending.deferred)
        self._events.set(pending.events)
        self._events_age.set(age_s(pending.events_at))
        self._clock_offset.set((now - pending.database_at).total_seconds())

    def watch(self, readers: Mapping[str, Callable[[], float]]) -> None:
        """Read these metrics from here, whenever somebody looks; KeyError for a name that `hub.watched` lacks."""
        self._watched.watch(readers)

    def _counter(self, name: str, meaning: str) -> Counter:
        return Counter(name, meaning, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        return Histogram(name, meaning, buckets=SECONDS, registry=self.registry)
