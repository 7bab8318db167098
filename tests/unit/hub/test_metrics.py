"""What an operator sees: every code from the start, ages in seconds, and what others keep, read when somebody looks."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest

from docaxis.backends.memory import MemoryStore
from docaxis.domain.verdict import Reason
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import Pending, StoreUnavailable
from docaxis.hub.sequencer import Sequencer
from docaxis.hub.watch import Watch
from docaxis.hub.watched import COUNTERS, GAUGES

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
NOTHING = Pending(NOW, 0, None, None, 0, 0, None)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(name, labels)
    assert found is not None, name
    return found


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_every_refusal_is_counted_from_zero() -> None:
    metrics = Metrics()
    assert {value(metrics, "docaxis_submissions_total", outcome="rejected", code=one.value) for one in Reason} == {0.0}


def test_ages_are_told_in_seconds_and_fall_to_zero() -> None:
    metrics = Metrics()
    metrics.pending(Pending(NOW, 4, ago(90), ago(86_400), 3, 5, ago(2)), NOW + timedelta(seconds=31.5))
    assert value(metrics, "docaxis_outbox_rows") == 4
    assert value(metrics, "docaxis_outbox_oldest_seconds") == 90
    assert value(metrics, "docaxis_copies_waiting_oldest_seconds") == 86_400
    assert value(metrics, "docaxis_submissions_deferred") == 3
    assert value(metrics, "docaxis_events_pending") == 5
    assert value(metrics, "docaxis_events_pending_oldest_seconds") == 2
    assert value(metrics, "docaxis_clock_offset_seconds") == 31.5
    metrics.pending(NOTHING, NOW)
    assert value(metrics, "docaxis_outbox_oldest_seconds") == value(metrics, "docaxis_clock_offset_seconds") == 0


def test_a_clock_that_went_back_makes_no_negative_age() -> None:
    metrics = Metrics()
    metrics.pending(replace(NOTHING, outbox=1, outbox_at=ago(-7200)), ago(60))
    assert value(metrics, "docaxis_outbox_oldest_seconds") == 0
    assert value(metrics, "docaxis_clock_offset_seconds") == -60


def test_what_others_keep_is_asked_for_whenever_somebody_looks() -> None:
    metrics, kept = Metrics(), [1.0]
    metrics.watch({"docaxis_broker_blocked": lambda: kept[0], "docaxis_redeliveries": lambda: kept[0]})
    assert value(metrics, "docaxis_broker_blocked") == value(metrics, "docaxis_redeliveries_total") == 1
    kept[0] = 0.0
    assert value(metrics, "docaxis_broker_blocked") == 0


def test_nobody_keeps_it_yet() -> None:
    metrics = Metrics()
    assert value(metrics, "docaxis_broker_connected") == 0
    assert isnan(value(metrics, "docaxis_seal_not_after_timestamp_seconds"))
    assert {value(metrics, f"{name}_total") for name in COUNTERS} == {0.0}


def test_a_reader_that_fails_costs_its_own_value_only() -> None:
    metrics = Metrics()

    def failing() -> float:
        raise OSError

    metrics.watch({"docaxis_state_available_bytes": failing, "docaxis_broker_connected": lambda: True})
    assert isnan(value(metrics, "docaxis_state_available_bytes"))
    assert value(metrics, "docaxis_broker_connected") == 1


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="docaxis_broker_conected"):
        Metrics().watch({"docaxis_broker_conected": lambda: 1.0})
    assert not GAUGES.keys() & COUNTERS.keys()


async def test_the_clocks_are_compared_at_the_middle_of_the_question() -> None:
    class Slow(MemoryStore):
        async def pending(self) -> Pending:
            return replace(NOTHING, database_at=NOW + timedelta(seconds=4), outbox=1, outbox_at=NOW)

    metrics, times = Metrics(), iter((NOW, NOW + timedelta(seconds=8), NOW + timedelta(seconds=8)))
    await Watch(Slow(), lambda: next(times), metrics).look()
    assert value(metrics, "docaxis_clock_offset_seconds") == 0
    assert value(metrics, "docaxis_outbox_oldest_seconds") == 4


async def test_the_last_figures_stay_while_the_store_is_away() -> None:
    looks: list[int] = []

    class Away(MemoryStore):
        async def pending(self) -> Pending:
            looks.append(len(looks))
            if len(looks) == 2:
                raise StoreUnavailable("away")
            if len(looks) == 3:
                raise RuntimeError
            return replace(NOTHING, outbox=len(looks))

    metrics = Metrics()
    task = asyncio.create_task(Watch(Away(), lambda: NOW, metrics, 0.001).run())
    seen = []
    while len(looks) < 4:
        seen.append(value(metrics, "docaxis_outbox_rows"))
        await asyncio.sleep(0)
    task.cancel()
    assert set(seen) == {0, 1}
    assert value(metrics, "docaxis_outbox_rows") == 4


async def test_one_process_leads_the_log() -> None:
    store, both = MemoryStore(), (Metrics(), Metrics())
    first, second = (Sequencer(store, f"hub-{i}", lambda: NOW, one) for i, one in enumerate(both))
    await first.append()
    await second.append()
    assert [value(one, "docaxis_sequencer_leading") for one in both] == [1, 0]
    later = Sequencer(store, "hub-1", lambda: NOW + timedelta(minutes=1), both[1])
    await later.append()
    await first.append()
    assert [value(one, "docaxis_sequencer_leading") for one in both] == [0, 1]
