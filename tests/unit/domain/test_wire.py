"""What endpoints tell the hub in JSON: copies fetched, copies given back unread; and which lane a status travels in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.domain import wire
from docaxis.domain.status import StatusCode

sequences = st.dictionaries(st.sampled_from(wire.LANES), st.lists(st.integers(1, 60), min_size=1))


def numbers(ranges: wire.Ranges) -> dict[str, set[int]]:
    """Return the numbers that ranges cover."""
    return {
        lane: {number for first, last in pairs for number in range(first, last + 1)} for lane, pairs in ranges.items()
    }


@given(sequences)
def test_what_is_written_is_read(told: dict[str, list[int]]) -> None:
    expected = {lane: set(of) for lane, of in told.items()}
    fetched = wire.parse_fetched(wire.write_fetched(told))
    assert (numbers(fetched.fetched), fetched.withdrawn) == (expected, {})
    given_back = wire.parse_fetched(wire.write_withdrawn(told))
    assert (given_back.fetched, numbers(given_back.withdrawn)) == ({}, expected)


def test_one_message_may_tell_both() -> None:
    said = wire.parse_fetched(b'{"normal": [[1, 2]], "withdrawn": {"urgent": [[3, 3]]}}')
    assert said == wire.Acknowledged({"normal": [(1, 2)]}, {"urgent": [(3, 3)]})
    assert wire.parse_fetched(b"{}") == wire.Acknowledged({}, {})


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"withdrawn": []}', b'{"withdrawn": null}', b'{"withdrawn": 1}',
     b'{"withdrawn": {"other": [[1, 1]]}}', b'{"withdrawn": {"normal": [[2, 1]]}}', b'{"withdrawn": {"normal": [[0, 1]]}}',
     b'{"withdrawn": {"normal": [1]}}', b'{"withdrawn": {"normal": {}}}', b'{"withdrawn": {"withdrawn": {}}}',
     b'{"withdrawn": {"normal": [[1, 9007199254740992]]}}', b'{"withdrawn": {"normal": [[1.0, 2]]}}', b"{" * 100_000],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.parse_fetched(body)


def test_too_many_ranges_are_refused() -> None:
    ranges = ",".join(["[1,1]"] * (wire.RANGES_MAX + 1))
    with pytest.raises(wire.WireError):
        wire.parse_fetched(f'{{"withdrawn": {{"normal": [{ranges}]}}}}'.encode())


@pytest.mark.parametrize("code", [*(code.written for code in StatusCode), "99", ""])
def test_only_the_wish_to_take_back_is_urgent(code: str) -> None:
    assert wire.lane_of_status(code) == ("urgent" if code == "13" else "normal")
