"""What an outbox row becomes on the broker: deliveries to groups of inboxes, the receipt, notices."""

from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

from docaxis.backends.frames import Message
from docaxis.domain import wire
from docaxis.hub.ports import Outgoing

BCC_TARGETS_MAX = 500
BCC_HEADER_BYTES_MAX = 64 * 1024
FIELD_OVERHEAD_BYTES = 8


class Messages:
    """Makes messages; `token_of` gives the random part of an endpoint's queue names, None: no such endpoint."""

    def __init__(self, token_of: Callable[[str], str | None], inline_limit_bytes: int) -> None:
        self._token_of = token_of
        self._inline_limit_bytes = inline_limit_bytes

    def deliveries(
        self, outgoing: Outgoing, targets: Sequence[str], most: int = BCC_TARGETS_MAX
    ) -> Iterator[tuple[tuple[str, ...], Message]]:
        """Yield endpoints and the package, or the claim to it, for their inboxes; who is not known any more is left out.

        A group has at most so many endpoints, and its BCC header and note stay far under the broker's frame limit.
        What is no document (a status, a recall) goes to the control queues: it must be read before the inbox is.
        """
        kind_of_queue = outgoing.lane if outgoing.document_key else "control"
        body, kind, content_type = outgoing.body, wire.PACKAGE_TYPE, "application/xml"
        if body is None or len(body) > self._inline_limit_bytes:
            body = wire.write_claim(wire.Claim(outgoing.digest, outgoing.size_bytes))
            kind, content_type = wire.CLAIM_TYPE, "application/json"
        message_id = (outgoing.document_key or outgoing.submission_id).hex
        headers = {wire.DIGEST_HEADER: outgoing.digest.encode(), **_note_header(outgoing.note)}
        room = BCC_HEADER_BYTES_MAX - min(len(outgoing.note), wire.NOTE_HEADER_BYTES_MAX)
        endpoints: list[str] = []
        queues: list[str] = []
        used = 0
        for endpoint in targets:
            if (queue := self._queue(endpoint, kind_of_queue)) is None:
                continue
            cost = len(queue) + FIELD_OVERHEAD_BYTES
            if queues and (len(queues) == most or used + cost > room):
                yield tuple(endpoints), Message(tuple(queues), body, message_id, kind, content_type, headers=headers)
                endpoints, queues, used = [], [], 0
            endpoints.append(endpoint)
            queues.append(queue)
            used += cost
        if queues:
            yield tuple(endpoints), Message(tuple(queues), body, message_id, kind, content_type, headers=headers)

    def receipt(self, outgoing: Outgoing) -> Message | None:
        """Return the receipt to the sender, or None where the sender is not known any more."""
        queue = self._queue(outgoing.sender_endpoint, "receipts")
        if queue is None or outgoing.receipt is None:
            return None
        return Message(
            (queue,),
            outgoing.receipt,
            message_id=f"receipt-{outgoing.outbox_id.hex}",
            message_type=wire.RECEIPT_TYPE,
            content_type="application/xml",
            correlation_id=outgoing.message_id,
        )

    def notice(self, endpoint: str, body: bytes) -> Message | None:
        """Return a notice to an endpoint's control queue, or None where it is not known any more."""
        queue = self._queue(endpoint, "control")
        if queue is None:
            return None
        return Message(
            (queue,), body, message_id=uuid4().hex, message_type=wire.NOTICE_TYPE, content_type="application/xml"
        )

    def _queue(self, endpoint: str, kind: str) -> str | None:
        token = self._token_of(endpoint)
        return wire.inbox_queue(endpoint, token, kind) if token else None


def _note_header(note: bytes) -> dict[str, bytes]:
    """Return the header that carries the note, or names it where it is too large: then the client gets it as a blob."""
    if len(note) <= wire.NOTE_HEADER_BYTES_MAX:
        return {wire.NOTE_HEADER: note}
    return {wire.NOTE_DIGEST_HEADER: wire.digest_of(note).encode()}
