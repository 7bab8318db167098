"""What an event says, also where its octets were altered."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from docaxis.hub.views.documents import EventView


def event(canonical: bytes) -> EventView:
    return EventView(UUID(int=1), "person:reminded", datetime(2026, 1, 5, tzinfo=UTC), None, canonical, b"", 0)


def test_the_body_is_what_the_octets_say() -> None:
    assert event(b'{"at":"x","body":{"code":"03"},"kind":"k"}').body == {"code": "03"}


@pytest.mark.parametrize(
    "canonical",
    [b"", b"{", b"\xff", b"[]", b"3", b"{}", b'{"body":[1]}', b'{"body":null}', b"[" * 200_000],
    ids=["nothing", "broken", "no text", "a list", "a number", "no body", "a list in it", "null", "deep"],
)
def test_octets_that_cannot_be_read_say_nothing(canonical: bytes) -> None:
    assert event(canonical).body == {}
