"""Confirmations counted by hand: every message of a round gets its own answer, in whatever order the broker gives them."""

import asyncio
from collections.abc import Sequence

import pytest
from pamqp import frame
from pamqp.commands import Basic, Channel
from pamqp.header import ContentHeader

from docaxis.backends import confirms
from docaxis.backends.confirms import ConfirmedChannel, Round
from docaxis.backends.contents import ContentReader
from docaxis.backends.frames import Message
from docaxis.backends.line import Line


class Paper(Line):
    """A line that keeps what is written; `dry` is set while the socket takes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.drains = 0
        self.dry = asyncio.Event()
        self.dry.set()

    def attach(self, channel: int, reader: ContentReader) -> None:
        assert channel == 1
        self.reader = reader

    def write(self, pieces: Sequence[bytes]) -> None:
        self.written.append(b"".join(pieces))

    async def drain(self) -> None:
        self.drains += 1
        await self.dry.wait()

    def say(self, *parts: Basic.Ack | Basic.Nack | Basic.Return | ContentHeader | Channel.Close) -> None:
        """Let the broker say something."""
        for part in parts:
            octets = frame.marshal(part, 1)
            self.reader.take(octets[0], octets, 7, len(octets) - 1)


@pytest.fixture
async def paper() -> Paper:
    return Paper()


@pytest.fixture
def channel(paper: Paper) -> ConfirmedChannel:
    return ConfirmedChannel(paper, 1, 131_072)


def letter(number: int, queue: str = "", body: bytes = b"body") -> Message:
    return Message((queue or f"q-{number}",), body, f"m-{number}", "package", "application/xml")


async def begun(channel: ConfirmedChannel, *letters: Message) -> tuple[Round, "asyncio.Task[None]"]:
    """Publish, as far as it goes before the broker says something."""
    sent = Round(letters)
    task = asyncio.create_task(channel.publish(sent))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return sent, task


def back(number: int, queue: str = "") -> tuple[Basic.Return, ContentHeader]:
    """Return what the broker says of a message that no queue took."""
    properties = Basic.Properties(message_id=f"m-{number}")
    return Basic.Return(312, "NO_ROUTE", "", queue or f"q-{number}"), ContentHeader(properties=properties)


async def test_round_is_one_write_and_ends_with_the_last_answer(paper: Paper, channel: ConfirmedChannel) -> None:
    sent, task = await begun(channel, *map(letter, range(1, 6)))
    assert (len(paper.written), paper.drains) == (1, 1)
    paper.say(Basic.Ack(3), Basic.Nack(2), Basic.Ack(1))
    assert not task.done()
    paper.say(Basic.Ack(5, multiple=True))
    await asyncio.wait_for(task, 60)
    assert sent.confirmed == [True, False, True, True, True]


async def test_one_answer_for_many_settles_rounds_up_to_its_tag_and_zero_means_all(
    paper: Paper, channel: ConfirmedChannel
) -> None:
    first, one = await begun(channel, *map(letter, range(3)))
    second, other = await begun(channel, *map(letter, range(3)))
    paper.say(Basic.Nack(4, multiple=True))
    await asyncio.wait_for(one, 60)
    assert (first.confirmed, other.done()) == ([False] * 3, False)
    paper.say(Basic.Ack(0, multiple=True))
    await asyncio.wait_for(other, 60)
    assert second.confirmed == [False, True, True]


async def test_returned_message_is_not_confirmed_by_the_acknowledgement_that_follows(
    paper: Paper, channel: ConfirmedChannel
) -> None:
    sent, task = await begun(channel, *map(letter, range(1, 4)))
    paper.say(*back(2), Basic.Ack(3, multiple=True))
    await asyncio.wait_for(task, 60)
    assert sent.confirmed == [True, False, True]


async def test_of_the_same_message_twice_the_older_one_came_back_first(paper: Paper, channel: ConfirmedChannel) -> None:
    sent, task = await begun(channel, letter(1), letter(1, "q-other"), letter(1), letter(1))
    paper.say(*back(1), *back(1), Basic.Ack(4, multiple=True))
    await asyncio.wait_for(task, 60)
    assert sent.confirmed == [False, True, False, True]


async def test_return_that_nobody_can_place_ends_the_channel(paper: Paper, channel: ConfirmedChannel) -> None:
    sent, task = await begun(channel, letter(1))
    paper.say(*back(2), Basic.Ack(1))
    with pytest.raises(ConnectionError, match="not sent"):
        await asyncio.wait_for(task, 60)
    assert sent.confirmed == [False]


async def test_answers_for_unknown_tags_are_passed_over(paper: Paper, channel: ConfirmedChannel) -> None:
    paper.say(Basic.Ack(7), Basic.Nack(9, multiple=True))
    sent, task = await begun(channel, letter(1))
    paper.say(Basic.Ack(7), Basic.Ack(1), Basic.Ack(1))
    await asyncio.wait_for(task, 60)
    assert sent.confirmed == [True]


async def test_closed_channel_breaks_off_with_what_was_confirmed_before(
    paper: Paper, channel: ConfirmedChannel
) -> None:
    sent, task = await begun(channel, letter(1), letter(2))
    paper.say(Basic.Ack(1), Channel.Close(406, "PRECONDITION_FAILED", 60, 40))
    with pytest.raises(ConnectionError, match="406 PRECONDITION_FAILED"):
        await asyncio.wait_for(task, 60)
    assert sent.confirmed == [True, False]
    with pytest.raises(ConnectionError, match="406 PRECONDITION_FAILED"):
        await channel.publish(Round([letter(3)]))
    assert len(paper.written) == 1


async def test_large_round_is_written_in_portions_between_which_others_write(
    paper: Paper, channel: ConfirmedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirms, "PORTION_BYTES", 900)
    paper.dry.clear()
    large, one = await begun(channel, *(letter(number, body=b"x" * 900) for number in range(3)))
    small, other = await begun(channel, letter(9))
    assert len(paper.written) == 2
    paper.dry.set()
    await asyncio.sleep(0.01)
    assert len(paper.written) == 4
    # The tags follow what was written: the small round's message is the second.
    paper.say(Basic.Nack(2))
    await asyncio.wait_for(other, 60)
    paper.say(Basic.Ack(4, multiple=True))
    await asyncio.wait_for(one, 60)
    assert (small.confirmed, large.confirmed) == ([False], [True] * 3)


async def test_channel_that_ends_while_a_portion_drains_takes_no_more(
    paper: Paper, channel: ConfirmedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirms, "PORTION_BYTES", 1)
    paper.dry.clear()
    sent, task = await begun(channel, letter(1), letter(2))
    channel.end("connection lost")
    paper.dry.set()
    with pytest.raises(ConnectionError, match="connection lost"):
        await asyncio.wait_for(task, 60)
    assert (sent.confirmed, len(paper.written)) == ([False, False], 1)


async def test_round_that_nobody_waits_for_any_more_disturbs_nobody(paper: Paper, channel: ConfirmedChannel) -> None:
    gone, task = await begun(channel, letter(1), letter(2))
    paper.say(Basic.Ack(1))
    task.cancel()
    await asyncio.wait([task])
    sent, other = await begun(channel, letter(3))
    paper.say(Basic.Ack(3, multiple=True))
    await asyncio.wait_for(other, 60)
    assert (gone.confirmed, sent.confirmed) == ([True, True], [True])


async def test_message_that_no_frame_can_hold_fails_alone_and_costs_no_tag(
    paper: Paper, channel: ConfirmedChannel
) -> None:
    sent, task = await begun(channel, letter(1, "q" * 256), letter(2), letter(3, "q" * 256))
    paper.say(Basic.Ack(1))
    await asyncio.wait_for(task, 60)
    assert sent.confirmed == [False, True, False]
    nothing, task = await begun(channel, letter(1, "q" * 256))
    await asyncio.wait_for(task, 60)
    await channel.publish(Round([]))
    assert (nothing.confirmed, len(paper.written)) == ([False], 1)
