from pathlib import Path

import pytest

from docaxis.domain.envelope import Envelope, StatusEnvelope
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml import reader, safety
from docaxis.edxml.status_writer import write_status
from tests.vectors import packages

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples" / "edxml"
MALFORMED = {"edoc.edxml", "edoc_new.edxml"}


def read(body: bytes | str) -> object:
    parsed = safety.parse(body if isinstance(body, bytes) else body.encode())
    return parsed if isinstance(parsed, Rejection) else reader.read_envelope(parsed)


def changed(old: str, new: str, body: bytes | None = None) -> object:
    text = (body or packages.unsigned()).decode()
    assert old in text
    return read(text.replace(old, new, 1))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real samples are not part of the project")
@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.edxml")) or ["none"])
def test_real_samples_are_read(name):
    outcome = read((SAMPLES / name).read_bytes())
    if name in MALFORMED:
        assert isinstance(outcome, Rejection)
    else:
        assert isinstance(outcome, StatusEnvelope if name.startswith("status") else Envelope), outcome


def test_order_and_prefix_do_not_matter():
    text = packages.unsigned().decode()
    subject = text[text.index("<edXML:Subject>") : text.index("</edXML:Subject>") + 16]
    moved = text.replace(subject, "").replace("<edXML:From>", subject + "<edXML:From>")
    prefixed = moved.replace("<edXML:", "<e:").replace("</edXML:", "</e:").replace("xmlns:edXML", "xmlns:e")
    assert read(prefixed) == packages.DOCUMENT


def test_a_package_without_business_is_read():
    text = packages.unsigned().decode()
    cut = text[: text.index("<edXML:Bussiness>")] + text[text.index("</edXML:Bussiness>") + 18 :]
    outcome = read(cut)
    assert isinstance(outcome, Envelope)
    assert outcome.business is None


def test_an_impossible_day_inside_a_document_id_is_only_text():
    outcome = changed("2026/09/30,7816/VPCP", "2014/02/30,7816/VPCP")
    assert isinstance(outcome, Envelope)


def test_empty_answered_documents_are_left_out():
    empty = "<edXML:ResponseFor><edXML:OrganId/><edXML:Code/><edXML:PromulgationDate/></edXML:ResponseFor>"
    outcome = changed("<edXML:SteeringType>", empty + "<edXML:SteeringType>")
    assert outcome == packages.DOCUMENT


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        (">1</edXML:Priority>", ">5</edXML:Priority>", Reason.PKG_VALUE, "/Priority"),
        (">1</edXML:Priority>", ">khẩn</edXML:Priority>", Reason.PKG_VALUE, "/Priority"),
        (">2026/10/15<", ">2026/02/30<", Reason.PKG_VALUE, "/DueDate"),
        (">2026/10/15<", ">15/10/2026<", Reason.PKG_VALUE, "/DueDate"),
        (">22</edXML:PageAmount>", ">-1</edXML:PageAmount>", Reason.PKG_VALUE, "/PageAmount"),
        (">1</edXML:SteeringType>", ">7</edXML:SteeringType>", Reason.PKG_VALUE, "/SteeringType"),
        (">2</edXML:BussinessDocType>", ">4</edXML:BussinessDocType>", Reason.PKG_VALUE, "/BussinessDocType"),
        (">H14.02<", ">" + "A" * 36 + "<", Reason.PKG_VALUE, "/To[2]/OrganId"),
        (">H14.02<", "><", Reason.PKG_VALUE, "/To[2]/OrganId"),
        (">H14.02<", ">000.00.00.h41<", Reason.PKG_REPEATED_ADDRESSEE, "/To[2]"),
        (">V/v", ">" + "x" * 500 + "V/v", Reason.PKG_VALUE, "/Subject"),
        ("<edXML:Subject>", "<edXML:Subject>a</edXML:Subject><edXML:Subject>", Reason.PKG_SCHEMA, "/Subject[2]"),
        ("<edXML:Subject>", "<edXML:Loại/><edXML:Subject>", Reason.PKG_SCHEMA, "/Loại"),
        ("<edXML:Subject>", '<Subject xmlns="urn:x"/><edXML:Subject>', Reason.PKG_NAMESPACE, "/Subject[1]"),
        ("<edXML:Subject>V/v", "<edXML:Subject>V/<!-- -->v", Reason.PKG_HIDDEN_CONTENT, "/Subject"),
        ("cid:209</edXML:ContentId>", "cid:210</edXML:ContentId>", Reason.PKG_MANIFEST_MISMATCH, "/Reference[1]"),
        ("<ContentId>cid:209", "<ContentId>210", Reason.PKG_MANIFEST_MISMATCH, "/Reference[1]"),
        ("JVBERi0x", "JVBERi0!", Reason.PKG_ATTACHMENT_DAMAGED, "/ContentTransferEncoded"),
        ("JVBERi0x", "JVBER", Reason.PKG_ATTACHMENT_DAMAGED, "/ContentTransferEncoded"),
        ('sizeBytes="9', 'sizeBytes="-9', Reason.PKG_VALUE, "/BlobReference"),
        ('digest="sha256:a', 'digest="sha1:a', Reason.PKG_VALUE, "/BlobReference"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(old, new, code, path):
    outcome = changed(old, new)
    assert isinstance(outcome, Rejection), outcome
    assert outcome.code is code
    assert outcome.at.path.endswith(path), outcome.at
    assert outcome.at.line > 1


def test_the_vendors_own_priority_table_is_explained():
    outcome = changed(">1</edXML:Priority>", ">5</edXML:Priority>")
    assert isinstance(outcome, Rejection)
    assert "0 thường" in outcome.detail
    assert "5 → 0" in outcome.detail


def test_content_ids_match_without_cid():
    assert changed("<ContentId>cid:209", "<ContentId>209") == packages.DOCUMENT


def test_no_addressee_is_a_reason_of_its_own():
    text = packages.unsigned().decode()
    outcome = read(text[: text.index("<edXML:To>")] + text[text.rindex("</edXML:To>") + 11 :])
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.RTE_NO_ADDRESSEE


@pytest.mark.parametrize("namespace", ["http://www.go.vn/eDoc", "http://www.e-doc.vn/Schema/", "urn:x"])
def test_other_variants_are_refused_by_namespace(namespace):
    outcome = read(f'<edXMLEnvelope xmlns="{namespace}"><MessageHeader/></edXMLEnvelope>')
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_NAMESPACE


def test_a_missing_field_is_named():
    text = packages.unsigned().decode()
    begin, end = text.index("<edXML:Subject>"), text.index("</edXML:Subject>") + 16
    outcome = read(text[:begin] + text[end:])
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_SCHEMA
    assert "Subject" in outcome.detail
    assert outcome.at.path.endswith("/MessageHeader")


@pytest.mark.parametrize(
    ("old", "new"),
    [(">03<", ">3<"), (">03<", ">xx<"), ("2026/10/01 08:08:36", "2026/13/01 08:08:36"), (">000.00.00.G22<", "><")],
)
def test_a_wrong_status_is_refused(old, new):
    outcome = changed(old, new, write_status(packages.STATUS))
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_VALUE


def test_the_largest_text_is_named_as_an_attachment():
    outcome = changed("JVBERi0x", "A" * 10_000_100)
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE
    outcome = changed("JVBERi0x", "AAAA" * 2_450_000 + "JVBERi0x")
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE
