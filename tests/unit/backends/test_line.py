"""The line under a connection: every octet reaches whom it belongs to, however it is cut into pieces."""

import asyncio
import random

import pytest
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic, Connection
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat
from yarl import URL

from docaxis.backends.line import Line, Tap
from tests.unit.backends.test_contents import Kept

HEARTBEAT = frame.marshal(Heartbeat(), 0)


def delivery(channel: int, tag: int, body: bytes) -> bytes:
    """Return the frames of one delivery."""
    header = ContentHeader(body_size=len(body), properties=Basic.Properties(message_id=f"m-{tag}"))
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    parts: list[Basic.Deliver | ContentHeader | ContentBody] = [Basic.Deliver("c", tag, exchange="", routing_key="k")]
    parts += [header, *map(ContentBody, pieces)]
    return b"".join(frame.marshal(part, channel) for part in parts)


async def read(tap: Tap) -> bytes:
    """Return what lies there for aiormq."""
    tap.feed_eof()
    return await tap.read()


@pytest.mark.parametrize("pieces_up_to", [1, 7, 60, 500, 10_000])
async def test_frames_go_where_they_belong_however_they_come(pieces_up_to: int) -> None:
    """Channel 1 is read here, channel 2 and the connection's own by aiormq."""
    tap, reader, chance = Tap(), Kept(), random.Random(pieces_up_to)
    tap.readers[1] = reader
    theirs = [frame.marshal(Basic.ConsumeOk("c"), 1), delivery(2, 9, b"x" * 250), HEARTBEAT]
    bodies = [chance.randbytes(chance.choice([0, 1, 99, 100, 101, 5_000])) for _ in range(40)]
    stream = b"".join(delivery(1, tag, body) + theirs[tag % 3] for tag, body in enumerate(bodies))
    at = 0
    while at < len(stream):
        size = chance.randint(1, pieces_up_to)
        tap.feed_data(stream[at : at + size])
        at += size
    assert [(one.tag, one.body) for one in reader.kept] == list(enumerate(bodies))
    # Beside what belongs to aiormq only a sign of life.
    passed = await read(tap)
    assert passed.replace(HEARTBEAT, b"") == b"".join(theirs[tag % 3] for tag in range(40)).replace(HEARTBEAT, b"")


async def test_a_sign_of_life_goes_to_aiormq_now_and_then_while_its_frames_are_taken() -> None:
    tap = Tap()
    tap.readers[1] = Kept()
    now = 100.0
    tap._clock = lambda: now
    for now in (100.0, 100.5, 100.9, 101.1, 101.2, 300.0):  # noqa: B007 - the clock reads it
        tap.feed_data(delivery(1, 1, b"body"))
    assert await read(tap) == HEARTBEAT * 3


async def test_octets_that_are_no_frame_are_left_to_aiormq_with_all_that_follow() -> None:
    for broken in (b"AMQP\x00\x00\x09\x01", delivery(1, 2, b"b")[:-1] + b"!" + b"more", b"\x07garbage"):
        tap, reader = Tap(), Kept()
        tap.readers[1] = reader
        tap.feed_data(delivery(1, 1, b"body") + broken)
        tap.feed_data(delivery(1, 3, b"late"))
        assert [one.tag for one in reader.kept] == [1]
        passed = await read(tap)
        assert passed.endswith(broken[-4:] + delivery(1, 3, b"late"))


async def test_what_is_left_of_a_frame_at_the_end_reaches_aiormq() -> None:
    tap, reader = Tap(), Kept()
    tap.readers[1] = reader
    tap.feed_data(delivery(1, 1, b"body")[:-3])
    # The header of the body's frame and two octets of the body, after a sign of life.
    assert await read(tap) == HEARTBEAT + delivery(1, 1, b"body")[-12:-3]
    assert (reader.kept, reader.closed) == ([], "connection lost")


async def test_alarm_of_the_broker_and_its_end_are_seen_and_passed_on() -> None:
    tap = Tap()
    blocked, unblocked = Connection.Blocked("low on memory"), Connection.Unblocked()
    tap.feed_data(frame.marshal(blocked, 0))
    assert tap.blocked
    tap.feed_data(frame.marshal(unblocked, 0))
    seen = [tap.blocked]
    assert seen == [False]
    assert await read(tap) == frame.marshal(blocked, 0) + frame.marshal(unblocked, 0)


async def test_every_channel_hears_of_the_connections_end() -> None:
    closed = frame.marshal(Connection.Close(320, "CONNECTION_FORCED", 0, 0), 0)
    for end, reason in (
        (lambda tap: tap.feed_data(closed), "connection closed by the broker"),
        (lambda tap: tap.feed_eof(), "connection lost"),
        (lambda tap: tap.set_exception(ConnectionResetError()), "connection lost: ConnectionResetError"),
    ):
        tap, readers = Tap(), [Kept(), Kept()]
        tap.readers = {1: readers[0], 2: readers[1]}
        end(tap)
        assert [one.closed for one in readers] == [reason] * 2


async def test_line_that_is_not_up_says_so() -> None:
    line = Line()
    assert not line.blocked
    line.abort()
    with pytest.raises(ConnectionError):
        line.attach(1, Kept())
    with pytest.raises(ConnectionError):
        line.write([b""])
    with pytest.raises(ConnectionError):
        await line.drain()


async def test_line_that_went_down_says_so() -> None:
    async def end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(end, "127.0.0.1", 0)
    async with server:
        line = Line()
        reader, _ = await line.create(URL(f"amqp://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        assert await reader.read() == b""
        with pytest.raises(ConnectionError):
            line.attach(1, Kept())
        line.abort()
        with pytest.raises(ConnectionError):
            line.write([b"x"])
