"""How a publication is split into messages: no group too large, none with somebody who is not known any more."""

from uuid import UUID

import pytest

from docaxis.backends.messages import BCC_HEADER_BYTES_MAX, FIELD_OVERHEAD_BYTES, Messages
from docaxis.domain import wire
from docaxis.hub.ports import Outgoing

TOKEN = "ab" * 16
KEY = UUID(int=1)
LONG = "-with-a-name-as-long-as-may-be-here"


def outgoing(targets: tuple[str, ...], note: bytes = b"{}", key: UUID | None = KEY) -> Outgoing:
    """Return a publication."""
    return Outgoing(
        UUID(int=2), UUID(int=3), key, "e-sender", "m-1", "normal", "sha256:0", 4, b"body", note, targets, None, ()
    )


def messages(known: str = "") -> Messages:
    return Messages(lambda one: TOKEN if one.startswith(known) else None, 256 * 1024)


@pytest.mark.parametrize(
    ("count", "name", "note_bytes"),
    [(0, "e", 0), (1, "e", 0), (500, "e", 0), (501, "e", 0), (1_250, "e", 6_000), (1_000, LONG, 32_768), (700, LONG, 40_000)],
)  # fmt: skip
def test_groups_are_small_enough_and_hold_everybody_in_order(count: int, name: str, note_bytes: int) -> None:
    targets = tuple(f"{number}{name}" for number in range(count))
    found = list(messages().deliveries(outgoing(targets, b"n" * note_bytes), targets))
    assert tuple(one for endpoints, _ in found for one in endpoints) == targets
    for endpoints, message in found:
        assert message.queues == tuple(wire.inbox_queue(one, TOKEN, "normal") for one in endpoints)
        assert len(endpoints) <= 500
        header_bytes = sum(len(queue) + FIELD_OVERHEAD_BYTES for queue in message.queues)
        assert header_bytes + min(note_bytes, wire.NOTE_HEADER_BYTES_MAX) <= BCC_HEADER_BYTES_MAX
    # None is smaller than it must be.
    assert len(found) <= 1 + count // 250


def test_each_alone() -> None:
    found = list(messages().deliveries(outgoing(("e-1", "e-2")), ("e-1", "e-2"), most=1))
    assert [endpoints for endpoints, _ in found] == [("e-1",), ("e-2",)]


def test_who_is_not_known_any_more_gets_no_message_and_spoils_none() -> None:
    some = messages("e-")
    found = list(some.deliveries(outgoing(("x-0", "e-1", "x-2", "e-3")), ("x-0", "e-1", "x-2", "e-3")))
    assert [endpoints for endpoints, _ in found] == [("e-1", "e-3")]
    assert list(some.deliveries(outgoing(("x-0",)), ("x-0",))) == []
    assert some.notice("x-0", b"") is None
    assert messages("x-").receipt(outgoing(())) is None


def test_what_is_no_document_goes_to_the_control_queues_with_its_note() -> None:
    ((endpoints, message),) = messages().deliveries(outgoing(("e-1", "e-2"), b"receipt", key=None), ("e-1", "e-2"))
    assert endpoints == ("e-1", "e-2")
    assert message.queues == tuple(wire.inbox_queue(one, TOKEN, "control") for one in endpoints)
    assert message.message_type == wire.PACKAGE_TYPE
    assert message.message_id == UUID(int=3).hex
    assert message.headers == {wire.DIGEST_HEADER: b"sha256:0", wire.NOTE_HEADER: b"receipt"}


def test_there_is_no_message_of_a_receipt_that_is_not_there() -> None:
    assert messages().receipt(outgoing(())) is None
