"""Frames made by hand, judged by pamqp: the same octets as its own, whatever is in the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from docaxis.backends.frames import FRAME_COST_BYTES, Message, acknowledgement, publication

SHORT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
NAMES = st.text("abcxyz-", max_size=30).map("x-".__add__)
MESSAGES = st.builds(
    Message,
    st.lists(SHORT, min_size=1, max_size=12).map(tuple),
    st.binary(max_size=9_000),
    SHORT,
    SHORT,
    SHORT,
    correlation_id=st.just("") | SHORT,
    # Fields go out in the order they are given; pamqp sorts them, and capitals come first.
    headers=st.dictionaries(NAMES, SHORT.map(str.encode), max_size=4).map(lambda found: dict(sorted(found.items()))),
)


def by_pamqp(channel: int, message: Message, frame_bytes_max: int) -> bytes:
    """Return what the library makes of it."""
    headers: dict[str, object] = {name: value.decode() for name, value in message.headers.items()}
    if len(message.queues) > 1:
        headers["BCC"] = list(message.queues[1:])
    properties = Basic.Properties(
        content_type=message.content_type,
        headers=headers or None,  # type: ignore[arg-type]
        delivery_mode=2,
        correlation_id=message.correlation_id or None,
        message_id=message.message_id,
        message_type=message.message_type,
    )
    parts: list[Basic.Publish | ContentHeader | ContentBody] = [
        Basic.Publish(routing_key=message.queues[0], mandatory=True),
        ContentHeader(body_size=len(message.body), properties=properties),
    ]
    room = frame_bytes_max - FRAME_COST_BYTES
    parts += [ContentBody(message.body[at : at + room]) for at in range(0, len(message.body), room)]
    return b"".join(frame.marshal(part, channel) for part in parts)


@given(MESSAGES, st.integers(1, 65_535), st.integers(5_000, 20_000))
def test_publication_is_what_pamqp_makes_of_it(message: Message, channel: int, frame_bytes_max: int) -> None:
    made = b"".join(publication(channel, message, frame_bytes_max))
    assert made == by_pamqp(channel, message, frame_bytes_max)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_body_at_the_edge_of_a_frame_is_split_where_it_must_be(over: int) -> None:
    message = Message(("q",), b"x" * (4096 - FRAME_COST_BYTES + over), "m", "package", "application/xml")
    made = publication(1, message, 4096)
    assert b"".join(made) == by_pamqp(1, message, 4096)
    assert len(made) == (6 + 1 if over > 0 else 3)


@given(st.integers(0, 2**63 - 1), st.integers(1, 65_535))
def test_acknowledgement_is_what_pamqp_makes_of_it(tag: int, channel: int) -> None:
    assert acknowledgement(channel, tag) == frame.marshal(Basic.Ack(delivery_tag=tag, multiple=True), channel)


@pytest.mark.parametrize(
    "message",
    [
        Message(("q" * 256,), b"", "m", "package", "application/xml"),
        Message(("ê" * 128,), b"", "m", "package", "application/xml"),
        Message(("q",), b"", "m" * 256, "package", "application/xml"),
        Message(("q",), b"", "m", "package", "application/xml", headers={"x-docaxis-note": b"n" * 4096}),
        Message(("q",), b"", "\ud800", "package", "application/xml"),
    ],
)
def test_what_no_frame_can_hold_is_refused(message: Message) -> None:
    with pytest.raises(ValueError, match=r"bytes|surrogate"):
        publication(1, message, 4096)
