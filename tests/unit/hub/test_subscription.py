"""Messages about changes: bounded, in order, leading on from one another."""

import json
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from docaxis.hub.notifier import RETRY_MOST_S, retry_s
from docaxis.hub.subscription import (
    CHANGES_MOST,
    MESSAGE_BYTES_MOST,
    Place,
    Subscription,
    place_of,
    portions,
    write_message,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_message_says_from_where_to_where() -> None:
    one = Subscription(UUID(int=5), "nghe-an", "webhook", "https://x/", 12, 10, NOW)
    change = place_of({"leaf_index": 12, "type": "status:accepted", "note": "Nghệ An"})
    message = json.loads(write_message("trục", one, [change.written], 20, NOW))
    assert message == {
        "form": "urn:docaxis:changes:1",
        "hub": "trục",
        "subscription": UUID(int=5).hex,
        "endpoint": "nghe-an",
        "sent_at": "2026-11-22T08:00:00+00:00",
        "first": 10,
        "next": 20,
        "changes": [{"leaf_index": 12, "type": "status:accepted", "note": "Nghệ An"}],
    }
    assert json.loads(write_message("trục", one, [], 10, NOW))["changes"] == []


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([10, 9_000, 300_000])), max_size=400))
def test_portions_hold_everything_once_in_order_and_are_bounded(steps: list[tuple[int, int]]) -> None:
    index, places = 0, []
    for step, size in steps:
        index += step
        places.append(Place(index, "x" * size))
    cut = list(portions(places, index + 1))
    assert [written for changes, _ in cut for written in changes] == [place.written for place in places]
    before = 0
    at = 0
    for changes, next_index in cut:
        assert 0 < len(changes) <= CHANGES_MOST
        assert len(changes) == 1 or sum(map(len, changes)) <= MESSAGE_BYTES_MOST
        assert next_index >= before
        # Nothing that is still to be told lies before it.
        at += len(changes)
        assert all(place.leaf_index >= next_index for place in places[at:])
        before = next_index
    assert not cut or cut[-1].next_index == index + 1


def test_waits_double_from_a_second_to_an_hour_and_are_spread() -> None:
    assert 0.5 <= retry_s(0) <= 1
    assert 4 <= retry_s(3) <= 8
    assert all(RETRY_MOST_S / 2 <= retry_s(many) <= RETRY_MOST_S for many in (12, 13, 10_000))
    assert len({retry_s(5) for _ in range(20)}) > 1
