"""How a batch is put together from two lanes."""

from collections import deque

import pytest

from docaxis.backends.amqp import Broker
from docaxis.backends.consume import Consumer, Delivered, Frontier
from docaxis.backends.contents import NO_PROPERTIES, Content


def consumer_with(urgent: int, normal: int) -> Consumer:
    """Return a consumer in whose hands so many deliveries are."""
    consumer = Consumer(Broker("amqp://nowhere/"), "test", {"urgent": 10, "normal": 10})
    for queue, count in (("urgent", urgent), ("normal", normal)):
        consumer._waiting[queue] = deque(
            Delivered(queue, Content(tag, False, "", NO_PROPERTIES, b""), Frontier(print)) for tag in range(count)
        )
    return consumer


@pytest.mark.parametrize(
    ("waiting", "taken"),
    [
        ((0, 500), (0, 100)),
        ((500, 0), (100, 0)),
        ((500, 500), (80, 20)),
        ((1, 500), (1, 20)),
        ((90, 5), (80, 5)),
        ((3, 2), (3, 2)),
    ],
)
def test_urgent_goes_first_in_a_short_batch_and_normal_keeps_a_fifth(
    waiting: tuple[int, int], taken: tuple[int, int]
) -> None:
    batch = [one.queue for one in consumer_with(*waiting)._pick(100)]
    assert batch == ["urgent"] * taken[0] + ["normal"] * taken[1]


def test_batch_of_one_is_urgent_first() -> None:
    assert [one.queue for one in consumer_with(1, 1)._pick(1)] == ["urgent"]
