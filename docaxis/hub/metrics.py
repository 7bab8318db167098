"""What operators and their alerts see of a hub process; never a label per agency or document."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.context_managers import Timer

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._submissions = Counter(
            "docaxis_submissions",
            "Submissions by outcome and refusal code",
            ["outcome", "code"],
            registry=self.registry,
        )
        self._deciding = Histogram(
            "docaxis_decide_duration_seconds", "Pure decision of one arrival", buckets=SECONDS, registry=self.registry
        )
        self._committing = Histogram(
            "docaxis_commit_duration_seconds", "One transaction of a batch", buckets=SECONDS, registry=self.registry
        )
        self._copies = Counter("docaxis_copies_dispatched", "Copies confirmed by the broker", registry=self.registry)
        self._fetched = Counter(
            "docaxis_copies_fetched", "Copies acknowledged by their endpoint", registry=self.registry
        )
        self._quarantined = Counter(
            "docaxis_quarantined", "Messages kept aside because they made the hub fail", registry=self.registry
        )
        self._unreadable = Counter(
            "docaxis_acknowledgements_unreadable",
            "Transport acknowledgements that could not be read",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "docaxis_copies_waiting", "Copies that wait for room in an inbox window", registry=self.registry
        )
        self._unfetched = Gauge(
            "docaxis_copies_unfetched", "Copies in the broker, not yet fetched", registry=self.registry
        )
        self._connected = Gauge("docaxis_broker_connected", "1 while the hub consumes", registry=self.registry)
        self._sequenced = Counter(
            "docaxis_events_sequenced", "Events given their place in the log", registry=self.registry
        )

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

    def fetched(self, copies: int) -> None:
        """Count acknowledged copies."""
        self._fetched.inc(copies)

    def quarantined(self) -> None:
        """Count a message kept aside."""
        self._quarantined.inc()

    def unreadable(self) -> None:
        """Count an acknowledgement that could not be read."""
        self._unreadable.inc()

    def sequenced(self, events: int) -> None:
        """Count events that got their place in the log."""
        self._sequenced.inc(events)

    def backlog(self, waiting: int, unfetched: int) -> None:
        """Set how many copies wait in the store, and how many stand in the broker."""
        self._waiting.set(waiting)
        self._unfetched.set(unfetched)

    def watch_broker(self, consuming: Callable[[], bool]) -> None:
        """Take whether the hub consumes from here, whenever somebody looks."""
        self._connected.set_function(lambda: float(consuming()))
