"""What comes from the broker, read as pamqp reads it; what cannot be read harms nobody."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic, Channel
from pamqp.header import ContentHeader

from docaxis.backends.contents import NO_PROPERTIES, Content, ContentReader, Properties, read_properties

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WHEN = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
INTEGERS = st.integers(-(2**63), 2**63 - 1)
PLAIN = (
    TEXT | INTEGERS | st.booleans() | st.none() | WHEN | st.decimals(-1000, 1000, places=2)
    | st.floats(width=32, allow_nan=False) | st.binary(max_size=9).map(bytearray)
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
PROPERTIES = st.builds(
    Basic.Properties,
    content_type=st.none() | TEXT,
    content_encoding=st.none() | TEXT,
    headers=st.none() | st.dictionaries(TEXT, VALUES, max_size=5),
    delivery_mode=st.none() | st.sampled_from([1, 2]),
    priority=st.none() | st.integers(0, 9),
    correlation_id=st.none() | TEXT,
    reply_to=st.none() | TEXT,
    expiration=st.none() | TEXT,
    message_id=st.none() | TEXT,
    timestamp=st.none() | WHEN,
    message_type=st.none() | TEXT,
    user_id=st.none() | TEXT,
    app_id=st.none() | TEXT,
)


class Kept(ContentReader):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Content] = []

    def _arrived(self, content: Content) -> None:
        self.kept.append(content)


def fed(reader: ContentReader, *parts: Any) -> list[bool]:
    """Feed frames, each with something before and after it; returns which were taken."""
    taken = []
    for part in parts:
        octets = b"before" + frame.marshal(part, 1) + b"after"
        taken.append(reader.take(octets[6], octets, 6 + 7, len(octets) - 5 - 1))
    return taken


@given(PROPERTIES)
def test_properties_are_read_as_pamqp_wrote_them(properties: Basic.Properties) -> None:
    octets = properties.marshal()
    wanted = {
        name.encode(): value if isinstance(value, int) and not isinstance(value, bool) else None
        for name, value in (properties.headers or {}).items()
    }
    found = read_properties(octets)
    assert found == Properties(properties.message_id or "", properties.message_type or "", wanted)


@given(PROPERTIES, st.data())
def test_properties_that_end_early_are_none_or_were_not_looked_at(properties: Basic.Properties, data: Any) -> None:
    octets = properties.marshal()
    cut = octets[: data.draw(st.integers(0, len(octets)))]
    assert read_properties(cut) in (NO_PROPERTIES, read_properties(octets))


@given(st.binary(max_size=80))
def test_no_octets_whatever_make_the_reading_fail(octets: bytes) -> None:
    read_properties(octets)
    read_properties(b"\xff\xfe" + octets)
    # A table that says how long it is, with anything in it.
    read_properties(b"\x20\x00" + len(octets).to_bytes(4, "big") + octets)


def test_id_that_is_no_text_makes_all_properties_none() -> None:
    assert read_properties(b"\x00\xa0\x01\xff\x07package") == NO_PROPERTIES
    assert read_properties(b"\x00\xa0\x01m\x07package") == Properties("m", "package")


@given(TEXT, st.booleans(), st.lists(st.binary(min_size=1, max_size=50), max_size=4))
def test_delivery_is_put_together_from_its_frames(key: str, redelivered: bool, pieces: list[bytes]) -> None:
    reader, body = Kept(), b"".join(pieces)
    header = ContentHeader(body_size=len(body), properties=Basic.Properties(message_id="m", message_type="package"))
    for tag in (1, 2):
        deliver = Basic.Deliver("ctag", tag, redelivered=redelivered, exchange="docaxis.ingress.v1", routing_key=key)
        assert all(fed(reader, deliver, header, *map(ContentBody, pieces)))
    assert reader.kept == [Content(tag, redelivered, key, Properties("m", "package"), body) for tag in (1, 2)]


def test_returned_message_has_no_tag() -> None:
    reader = Kept()
    back = Basic.Return(312, "NO_ROUTE", exchange="", routing_key="docaxis.inbox")
    assert fed(reader, back, ContentHeader(properties=Basic.Properties(message_id="m"))) == [True, True]
    assert reader.kept == [Content(0, False, "docaxis.inbox", Properties("m"), b"")]


def test_routing_key_that_is_no_text_is_read_all_the_same() -> None:
    reader = Kept()
    octets = frame.marshal(Basic.Deliver("c", 1, exchange="", routing_key="xx.normal"), 1).replace(b"xx", b"\xff\xfe")
    assert reader.take(1, octets, 7, len(octets) - 1)
    fed(reader, ContentHeader(properties=Basic.Properties()))
    assert reader.kept[0].routing_key == "\ufffd\ufffd.normal"


def test_other_methods_are_the_librarys_and_a_close_is_noted() -> None:
    reader = Kept()
    assert fed(reader, Basic.ConsumeOk("c"), Basic.CancelOk("c")) == [False, False]
    reasons = [reader.closed]
    assert fed(reader, Channel.Close(404, "NOT_FOUND - no queue", 60, 40)) == [False]
    reasons.append(reader.closed)
    reader.end("connection lost")
    reasons.append(reader.closed)
    # The first reason stays.
    assert reasons == ["", *["channel closed by the broker: 404 NOT_FOUND - no queue"] * 2]
