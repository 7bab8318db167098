"""Metrics whose values others keep: broker links, the database, the snapshot, the seal, the disk."""

from collections.abc import Callable, Iterator, Mapping
from math import nan
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

GAUGES: Final = {
    "docaxis_broker_connected": ("1 while the hub consumes", 0.0),
    "docaxis_broker_blocked": ("1 while the broker reads nothing that we publish", 0.0),
    "docaxis_ingress_ready": ("Messages in the hub's own queues that are in no process's hands", 0.0),
    "docaxis_deadlines_behind_seconds": ("Since a look after which no deadline was left unnoticed", nan),
    "docaxis_snapshot_age_seconds": ("Since registry and trust folders were read whole", nan),
    "docaxis_trust_problems": ("Trust files that cannot be used", nan),
    "docaxis_crl_next_update_timestamp_seconds": ("When the first CRL runs out", nan),
    "docaxis_seal_not_after_timestamp_seconds": ("When the certificate of the seal runs out", nan),
    "docaxis_state_available_bytes": ("Free for us in the folder of the blobs", nan),
    "docaxis_state_available_inodes": ("The same for files", nan),
}
"""Name → meaning, and the value until somebody keeps one; nan fulfils no alert's condition."""

COUNTERS: Final = {
    "docaxis_broker_connections": "Connections made for consuming and publishing",
    "docaxis_redeliveries": "Messages that the broker had delivered before",
    "docaxis_store_unavailable": "Transactions that found the database out of use",
}
"""Name without `_total` → meaning."""


class Watched(Collector):
    """Asks the readers whenever somebody looks; one that fails costs its own value and no other."""

    def __init__(self) -> None:
        self._readers: dict[str, Callable[[], float]] = {}

    def watch(self, readers: Mapping[str, Callable[[], float]]) -> None:
        """Read these values from here on; KeyError for a name that is none of ours."""
        if unknown := readers.keys() - GAUGES.keys() - COUNTERS.keys():
            raise KeyError(*sorted(unknown))
        self._readers.update(readers)

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Yield every metric with its value of this moment."""
        for name, (meaning, before) in GAUGES.items():
            yield GaugeMetricFamily(name, meaning, value=self._read(name, before))
        for name, meaning in COUNTERS.items():
            yield CounterMetricFamily(name, meaning, value=self._read(name, 0.0))

    def _read(self, name: str, before: float) -> float:
        try:
            return float(self._readers[name]()) if name in self._readers else before
        except Exception:
            log.exception("metric not read", metric=name)
            return nan
