"""The smart box: every form is taken for what it is, however it was copied, and no text makes it fail."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from docaxis.hub.views.audit import Found
from docaxis.web.auditor.recognise import TEXT_MAX, recognise

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
AROUND = st.text(" \t\n\r ", max_size=3)


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    meanings = recognise(text).meanings
    assert bool(meanings) == bool(text.replace("\x00", " ").strip())
    assert all(0 < len(held) <= TEXT_MAX for held in meanings.values())


@given(st.text(min_size=1))
def test_what_was_recognised_is_recognised_alike(text: str) -> None:
    for found, held in recognise(text).meanings.items():
        if found in {Found.NUMBER, Found.DOCUMENT_ID, Found.MESSAGE_ID}:
            assert recognise(held).meanings == recognise(text).meanings
        if found is Found.LEAF_INDEX:
            assert int(held) < 2**63
        if found is Found.EVENT_ID:
            UUID(held)
        if found in {Found.DIGEST, Found.LEAF_HASH, Found.FINGERPRINT}:
            assert len(bytes.fromhex(held)) == 32


@given(HEX, st.sampled_from(["", "sha256:", "SHA256:", "sha-256: "]), st.sampled_from(["", ":", " "]), AROUND)
def test_a_digest_in_any_dress(digest: str, prefix: str, between: str, around: str) -> None:
    dressed = between.join(digest[at : at + 2] for at in range(0, 64, 2)).upper()
    meanings = recognise(around + prefix + dressed + around).meanings
    assert meanings == dict.fromkeys((Found.DIGEST, Found.LEAF_HASH, Found.FINGERPRINT), digest)


@given(HEX)
def test_a_digest_in_fours_as_the_pages_show_it(digest: str) -> None:
    shown = " ".join(digest[at : at + 4] for at in range(0, 64, 4))
    assert recognise(shown).meanings[Found.LEAF_HASH] == digest


@given(st.uuids())
def test_an_event_id_with_and_without_strokes(event_id: UUID) -> None:
    for written in (str(event_id), event_id.hex, event_id.hex.upper()):
        assert recognise(written).likeliest is Found.EVENT_ID
        assert UUID(recognise(written).meanings[Found.EVENT_ID]) == event_id


@given(st.integers(2**32, 2**159 - 1), st.sampled_from([":", " ", "-"]))
def test_a_serial_number_in_pairs(serial: int, between: str) -> None:
    written = f"{serial:x}".zfill(len(f"{serial:x}") + len(f"{serial:x}") % 2)
    if len(written) == 32 and between == "-":
        return
    pairs = between.join(written[at : at + 2] for at in range(0, len(written), 2)).upper()
    assert recognise(pairs).meanings == {Found.SERIAL: f"{serial:x}"}


@given(st.integers(0, 10**15))
def test_a_leaf_index_with_and_without_groups(index: int) -> None:
    assert recognise(str(index)).meanings[Found.LEAF_INDEX] == str(index)
    if index >= 1000:
        for sign in ".,":
            grouped = f"{index:,}".replace(",", sign)
            assert recognise(grouped).meanings == {Found.LEAF_INDEX: str(index)}


@given(
    st.integers(1, 99_999),
    st.sampled_from(["QĐ-TTg", "CĐ-BNNMT", "qd ttg", "cv-ubnd", "TB-VPCP", "2026/QĐ-UBND"]),
    st.sampled_from(["/", " ", " / "]),
)
def test_a_document_number(number: int, notation: str, between: str) -> None:
    assert recognise(f"{number}{between}{notation}").likeliest is Found.NUMBER


def test_ids_that_others_gave_are_looked_for_as_they_are() -> None:
    for written in ("G22,2026/11/20,1/QĐ-TTg", "000.00.00.H41,2026/01/05,12", "m-1", "urn:uuid:x"):
        assert recognise(written).likeliest in {Found.DOCUMENT_ID, Found.MESSAGE_ID}
        assert recognise(f"  {written}\n").meanings[Found.DOCUMENT_ID] == written
