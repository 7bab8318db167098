"""What the hub writes is its own canonical form, whatever stands in it, and reads back as it was."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from docaxis.domain.receipt import DeliveryNote, Effect, NoteAddressee, NoteEndpoint, Notice, Receipt, ReceiptAddressee
from docaxis.domain.verdict import Reason
from docaxis.local.issuing import generate_key
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.receipts import (
    read_note,
    read_notice,
    read_receipt,
    write_note,
    write_notice,
    write_receipt,
)
from docaxis.trust.seal import Seal
from docaxis.trust.sealed import NotSealed

AT = datetime(2026, 11, 21, 8, 0, 0, 120, tzinfo=UTC)
awkward = st.text("<>&\"'\r\n\t a]đ\U0001f600", max_size=8)
words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=8) | awkward

addressees = st.builds(ReceiptAddressee, words, words, words, words, words, words, words)
effects = st.builds(Effect, *[words] * 5, sequence=st.integers(0, 2**53 - 1), code=words, document_id=words)
receipts = st.builds(
    Receipt,
    *[words] * 6,
    received_at=st.just(AT),
    decided_at=st.just(AT),
    event_hash=words,
    sender=words,
    document_id=words,
    reason=words,
    code=st.sampled_from(["", Reason.PKG_NAMESPACE.value]),
    detail=words,
    retry_at=st.none() | st.just(AT),
    addressees=st.lists(addressees, max_size=4).map(tuple),
    notified=st.lists(words, max_size=2).map(tuple),
    effects=st.lists(effects, max_size=3).map(tuple),
)
# An endpoint has one copy of a document, so its id stands there once, as every `id` in a signed document must.
endpoints = st.builds(
    NoteEndpoint,
    words.filter(bool),
    st.integers(1, 9),
    st.lists(st.builds(NoteAddressee, *[words] * 4), max_size=3).map(tuple),
)
notes = st.builds(
    DeliveryNote,
    *[words] * 3,
    size_bytes=st.integers(0, 10**9),
    sender=words,
    document_id=words,
    lane=words,
    accepted_at=st.just(AT),
    endpoints=st.lists(endpoints, max_size=3, unique_by=lambda one: one.endpoint).map(tuple),
)
notices = st.builds(
    Notice,
    *[words] * 6,
    addressees=st.lists(words, max_size=2).map(tuple),
    accepted_at=st.just(AT),
    rule=words,
    digest=words,
)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    issued = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create().issue(kind="hub")
    return Seal(issued.key, issued.chain)


def is_canonical(octets: bytes) -> bool:
    return etree.tostring(etree.fromstring(octets), method="c14n", exclusive=True, with_comments=False) == octets


@given(receipts)
def test_a_receipt(seal: Seal, receipt: Receipt) -> None:
    octets = write_receipt(receipt, seal)
    assert is_canonical(octets)
    expected = receipt if receipt.code else _without_refusal(receipt)
    assert read_receipt(octets, seal.certificate) == expected


def _without_refusal(receipt: Receipt) -> Receipt:
    values = {name: getattr(receipt, name) for name in Receipt.__slots__}
    return Receipt(**values | {"detail": "", "place": ""})


@given(notes)
def test_a_note(seal: Seal, note: DeliveryNote) -> None:
    octets = write_note(note, seal)
    assert is_canonical(octets)
    assert read_note(octets, seal.certificate) == note


@given(notices)
def test_a_notice(seal: Seal, notice: Notice) -> None:
    octets = write_notice(notice, seal)
    assert is_canonical(octets)
    assert read_notice(octets, seal.certificate) == notice


def test_effects_on_several_copies_of_one_document_are_read(seal: Seal) -> None:
    copies = tuple(
        Effect(organ, "asked", organ, "k-1", "normal", 1, "", "G22,2026/11/20,1/QĐ") for organ in ("H01", "H05")
    )
    receipt = Receipt("r", "hub", "e", "m", "d", "accepted", AT, AT, "h", effects=copies)
    assert read_receipt(write_receipt(receipt, seal), seal.certificate) == receipt


def test_addressees_of_one_endpoint_rule_and_state_stand_in_one_route(seal: Seal) -> None:
    some = [ReceiptAddressee(f"H0{n}", "south" if n < 3 else "west", "r") for n in range(1, 5)]
    receipt = Receipt("1", "hub", "e", "m", "d", "accepted", AT, AT, "h", addressees=tuple(some))
    written = write_receipt(receipt, seal).decode()
    assert re.findall(r"<Route[^>]*>(.*?)</Route>", written) == [
        "<OrganId>H01</OrganId><OrganId>H02</OrganId>",
        "<OrganId>H03</OrganId><OrganId>H04</OrganId>",
    ]


def test_what_another_key_signed_is_not_read(seal: Seal, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = DevelopmentAuthority(tmp_path_factory.mktemp("other")).create().issue(kind="hub", key=generate_key("p256"))
    octets = write_note(DeliveryNote("1", "hub", "d", 1, "s", "id", "normal", AT, ()), Seal(other.key, other.chain))
    with pytest.raises(NotSealed):
        read_note(octets, seal.certificate)
