"""A channel whose publications the broker confirms: a round is written as a whole and waits once for all its confirmations."""

import asyncio
import struct
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from docaxis.backends.contents import BASIC_ACK, BASIC_NACK, Content, ContentReader
from docaxis.backends.frames import Message, publication
from docaxis.backends.line import Line

log = structlog.get_logger(__name__)

PORTION_BYTES = 1_048_576
"""How much is written before the socket is waited for, so that a large round does not lie in memory as frames."""
_CONFIRMATION = struct.Struct(">QB")


class Round:
    """Messages on their way together, and which of them the broker has confirmed so far."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.confirmed = [False] * len(messages)
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = len(messages)

    def settle(self, place: int, confirmed: bool) -> None:
        """Note what became of one message; each place once."""
        self.confirmed[place] = confirmed
        self._open -= 1
        if not self._open and not self.over.done():
            self.over.set_result(None)

    def break_off(self, reason: str) -> None:
        """End the wait with a ConnectionError."""
        if not self.over.done():
            self.over.set_exception(ConnectionError(reason))
            # Looked at once, so that it is not reported as forgotten where the writing failed first.
            self.over.exception()


class ConfirmedChannel(ContentReader):
    """One open channel in confirm mode, on which nobody else publishes: the broker's tags are counted here."""

    def __init__(self, line: Line, number: int, frame_bytes_max: int) -> None:
        super().__init__()
        self._line = line
        self._number = number
        self._frame_bytes_max = frame_bytes_max
        self._last_tag = 0
        self._waiting: OrderedDict[int, tuple[Round, int]] = OrderedDict()
        line.attach(number, self)

    @property
    def idle(self) -> bool:
        """Whether no message waits for its confirmation."""
        return not self._waiting

    async def publish(self, messages: Round) -> None:
        """Write a round and return when the broker has confirmed, refused or returned each; raises ConnectionError.

        What was confirmed is in the round also when this raises or is cancelled.
        """
        if not messages.messages:
            return
        pieces: list[bytes] = []
        size_bytes = 0
        for place, message in enumerate(messages.messages):
            try:
                frames = publication(self._number, message, self._frame_bytes_max)
            except ValueError as error:
                log.warning("cannot be published", message_id=message.message_id, error=str(error))
                messages.settle(place, confirmed=False)
                continue
            if self.closed:
                raise ConnectionError(self.closed)
            # The tag is the broker's own count, so what has one is written before anything else can happen.
            self._last_tag += 1
            self._waiting[self._last_tag] = messages, place
            pieces += frames
            size_bytes += sum(map(len, frames))
            if size_bytes >= PORTION_BYTES:
                self._line.write(pieces)
                pieces, size_bytes = [], 0
                await self._line.drain()
        if pieces:
            self._line.write(pieces)
            await self._line.drain()
        await messages.over

    def end(self, reason: str) -> None:
        """Break off every round: what was not confirmed is not known to be there."""
        super().end(reason)
        waiting, self._waiting = self._waiting, OrderedDict()
        for one, _ in waiting.values():
            one.break_off(self.closed)

    def _take_method(self, method: int, octets: bytes, at: int) -> bool:
        if method not in (BASIC_ACK, BASIC_NACK):
            return False
        tag, multiple = _CONFIRMATION.unpack_from(octets, at)
        confirmed = method == BASIC_ACK
        if not multiple & 1:
            self._settle(tag, confirmed=confirmed)
            return True
        while self._waiting and ((first := next(iter(self._waiting))) <= tag or not tag):
            self._settle(first, confirmed=confirmed)
        return True

    def _settle(self, tag: int, *, confirmed: bool) -> None:
        if found := self._waiting.pop(tag, None):
            found[0].settle(found[1], confirmed)

    def _arrived(self, content: Content) -> None:
        """Take a returned message: its acknowledgement comes too, later, and must not count.

        A return names no tag. Returns come in the order of publishing, so it is the oldest such message that still waits.
        """
        for tag, (round_, place) in self._waiting.items():
            message = round_.messages[place]
            if (message.queues[0], message.message_id) == (content.routing_key, content.properties.message_id):
                self._settle(tag, confirmed=False)
                return
        # Its acknowledgement would count as the confirmation of a message that reached nobody.
        self.end("a message came back that was not sent")
