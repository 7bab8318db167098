"""What is made of the figures: rates and ages, the sentence at the head, the chart, who is silent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.backends.operator.broker import kind_of
from docaxis.backends.operator.figures import percentile
from docaxis.backends.operator.history import KEPT, History, Look
from docaxis.backends.operator.traffic import SPANS, Traffic, begin_of
from docaxis.hub.views.operating import Board, BrokerView, CertificateEnd, Disk, EndpointView, QueueView, TrafficPoint
from docaxis.web.operator.charts import chart, top_of
from docaxis.web.operator.concerns import concerns, ending, silent

NOW = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)


def history(*looks: Look) -> History:
    made = History()
    for look in looks:
        made.add(look)
    return made


def test_rates_are_those_of_the_counters_over_five_minutes():
    made = history(*(Look(60.0 * n, 10, 100 * n, 60 * n) for n in range(10)))
    rates = made.rates()
    assert [rates.came, rates.left, rates.span_s] == pytest.approx([100 / 60, 1.0, 300.0])


def test_one_look_has_no_rate_and_no_counters_no_rate_either():
    assert history(Look(0, 5, 1, 1)).rates().came is None
    rates = history(Look(0, 5), Look(100, 25)).rates()
    assert (rates.came, rates.left, rates.growth) == (None, None, 0.2)


def test_counters_that_began_anew_make_no_negative_rate():
    made = history(Look(0, 5, 1000, 1000), Look(60, 5, 1060, 1060), Look(120, 0, 3, 3), Look(180, 0, 9, 9))
    assert made.rates().came == pytest.approx(0.1)


def test_age_of_the_oldest_is_bounded_by_when_it_cannot_have_been_there():
    made = history(Look(0, 0, 0, 0), Look(60, 4, 4, 0), Look(120, 4, 6, 2), Look(180, 2, 6, 4))
    # Four have left: the first in line is the fifth, which came after the look at 60.
    assert made.oldest_s() == (120.0, True)
    assert history(Look(0, 3), Look(60, 3)).oldest_s() == (60.0, False)
    assert history(Look(0, 0), Look(60, 3), Look(120, 3)).oldest_s() == (120.0, True)
    assert history(Look(0, 0)).oldest_s() == (0.0, True)
    assert History().oldest_s() is None


@given(st.lists(st.tuples(st.floats(0.1, 500), st.integers(0, 10**6)), max_size=300))
def test_history_is_bounded_and_in_order(steps: list[tuple[float, int]]):
    made, at = History(), 0.0
    for step, depth in steps:
        at += step
        made.add(Look(at, depth))
    assert len(made.depths()) <= KEPT + 1
    if steps:
        assert made.depths()[-1] == steps[-1][1]


def test_percentile_is_the_nearest_rank():
    assert percentile([], 0.95) is None
    assert percentile([7.0], 0.95) == 7.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0


async def test_past_half_hours_are_counted_once_a_few_at_a_time():
    asked: list[datetime] = []

    async def count(first: datetime, end: datetime) -> int:
        asked.append(first)
        return 3

    async def none(first: datetime, end: datetime) -> int:
        return 0

    traffic = Traffic(count, none)
    now = begin_of(NOW) + timedelta(minutes=10)
    for _ in range(8):
        await traffic.look(now)
    points = traffic.points()
    assert len(points) == SPANS
    assert points == tuple(sorted(points, key=lambda one: one.at))
    assert (points[-1].span_s, points[0].span_s) == (600.0, 1800.0)
    # The running one at each look, each past one once.
    assert len(asked) == 8 + SPANS - 1
    await traffic.look(now + timedelta(minutes=30))
    assert len(traffic.points()) == SPANS


@given(st.floats(0, 1e9))
def test_the_top_of_a_chart_is_above_all_and_not_far(most: float):
    top = top_of(most)
    assert top >= most
    assert top == 4 or top <= most * 2.0000001
    assert (top / 4).is_integer() or top < 40


def test_chart_has_a_zero_base_and_needs_two_points():
    points = [TrafficPoint(NOW + timedelta(minutes=30 * n), 1800, 1800 * n, n) for n in range(3)]
    drawn = chart(points)
    assert drawn
    assert drawn.per_s
    assert (drawn.rows[0].value, drawn.rows[0].at) == (0, drawn.bottom)
    assert drawn.accepted.split()[0].endswith(f",{drawn.bottom}") or drawn.accepted.split()[0].endswith(".0")
    assert chart(points[:1]) is None
    slow = chart([TrafficPoint(one.at, 1800, 5, 0) for one in points])
    assert slow
    assert not slow.per_s


def board(**changed) -> Board:
    return Board(NOW, NOW, BrokerView(is_own=True), **changed)


def test_nothing_is_a_concern_where_all_flows():
    queues = (QueueView("ingress", "i", "normal", 0, "flowing"), QueueView("inbox", "inbox.a", "a", 3, "flowing"))
    assert concerns(board(queues=queues, quarantined=0, disk=Disk(10, 90)), NOW) == []


def test_what_is_stuck_comes_first_and_the_rest_is_named_or_counted():
    queues = (
        QueueView("deferred", "deferred", "", 7, "held"),
        QueueView("ingress", "i", "normal", 5, "standing", oldest_s=400),
        *(QueueView("inbox", f"inbox.{n}", str(n), 1000, "full", waiting=9) for n in range(3)),
        QueueView("inbox", "inbox.s", "s", 4, "standing"),
    )
    certificates = (
        CertificateEnd("signer", "a", NOW + timedelta(days=6)),
        CertificateEnd("signer", "b", NOW + timedelta(days=20)),
        CertificateEnd("crl", "c", NOW + timedelta(days=3)),
        CertificateEnd("anchor", "d", NOW - timedelta(days=1)),
    )
    found = concerns(
        board(queues=queues, quarantined=3, certificates=certificates, disk=Disk(90, 10), missing=("broker",)), NOW
    )
    assert [(one.kind, one.count) for one in found] == [
        ("broker", 1), ("standing", 1), ("full", 3), ("unfetched", 1), ("quarantine", 3), ("certificate-ended", 1),
        ("certificate-soon", 1), ("held", 7), ("disk", 1),
    ]  # fmt: skip
    assert [one.is_stuck for one in found] == [True, True, *[False] * 7]
    assert [one.subject for one in ending(certificates, NOW)] == ["d", "a", "b"]


def endpoint(name: str, seen_ago: timedelta | None, unfetched: int = 0, *, disabled: bool = False) -> EndpointView:
    seen = NOW - seen_ago if seen_ago is not None else None
    return EndpointView(
        name, name, (), NOW - timedelta(days=90), NOW if disabled else None, fetched_at=seen, unfetched=unfetched
    )


def test_silent_is_who_lets_copies_lie_or_is_away_for_a_day():
    found = silent(
        [
            endpoint("quick", timedelta(minutes=5), 9),
            endpoint("lets-lie", timedelta(minutes=58), 9),
            endpoint("late", timedelta(hours=3), 9),
            endpoint("quiet", timedelta(hours=3)),
            endpoint("away", timedelta(hours=52)),
            endpoint("never", None),
            endpoint("shut-out", timedelta(days=9), disabled=True),
        ],
        NOW,
    )
    assert [(one.endpoint.endpoint_id, one.is_late) for one in found] == [
        ("never", True), ("away", True), ("late", True), ("lets-lie", False),
    ]  # fmt: skip
    assert found[0].since is None


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("amqp://u:p@127.0.0.1:5672/%2F", BrokerView(is_own=True)),
        ("amqp://localhost/", BrokerView(is_own=True)),
        ("amqps://u:p@[::1]:5671/", BrokerView(is_own=True)),
        ("amqps://u:p@one.example:5671,two.example,[fd00::3]:5673/axis", BrokerView(is_own=False, nodes=3)),
        ("amqp://127.0.0.1,two.example/", BrokerView(is_own=False, nodes=2)),
    ],
)
def test_a_broker_on_the_hubs_machine_is_its_own(url: str, seen: BrokerView):
    assert kind_of(url) == seen
