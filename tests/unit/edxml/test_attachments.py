import unicodedata
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.domain.envelope import Attachment, BlobReference
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.attachments import NAME_BYTES, UnpackedFile, safe_name, unpack
from docaxis.edxml.limits import Limits


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def attachment(content: bytes, name: str = "Công văn.pdf") -> Attachment:
    return Attachment("1", name, "application/pdf", "", content)


def test_a_zip_of_one_file_is_opened_under_the_attachments_own_name():
    outcome = unpack(attachment(zipped(("../../0b7e.pdf", b"%PDF-1.7"))))
    assert outcome == UnpackedFile("Công văn.pdf", b"%PDF-1.7")


@pytest.mark.parametrize("content", [b"%PDF-1.7", zipped(("a", b"1"), ("b", b"2")), zipped()])
def test_other_content_is_kept_as_it_is(content):
    assert unpack(attachment(content)) == UnpackedFile("Công văn.pdf", content)


def test_formats_that_are_zips_are_not_opened():
    content = zipped(("word/document.xml", b"x"))
    assert unpack(attachment(content, "Tờ trình.docx")) == UnpackedFile("Tờ trình.docx", content)


def test_a_bomb_is_refused():
    outcome = unpack(attachment(zipped(("a", b"\0" * (8 << 20)))))
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_LIMIT_EXCEEDED
    outcome = unpack(attachment(zipped(("a", b"abcd" * 300))), Limits(unpacked_bytes=1000))
    assert isinstance(outcome, Rejection)


def test_a_broken_zip_is_refused():
    whole = zipped(("a", b"x" * 1000))
    for content in (whole[:40], whole[:-10], whole[:30] + b"b" + whole[31:], b"PK\x03\x04" + bytes(100)):
        outcome = unpack(attachment(content))
        assert isinstance(outcome, Rejection)
        assert outcome.code is Reason.PKG_ATTACHMENT_DAMAGED


@given(st.binary(max_size=200), st.integers(0, 150), st.binary(max_size=4))
def test_a_mutated_zip_never_raises(content, at, patch):
    whole = zipped(("a", b"hello" * 20))
    unpack(attachment(whole[:at] + patch + whole[at + len(patch) :]))
    unpack(attachment(b"PK\x03\x04" + content))


def test_a_reference_is_not_here():
    outcome = unpack(Attachment("1", "a", blob=BlobReference("sha256:" + "0" * 64, 1)))
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.PKG_ATTACHMENT_MISSING


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Công văn 7816.pdf", "Công văn 7816.pdf"),
        (unicodedata.normalize("NFD", "Tiếng Việt.pdf"), "Tiếng Việt.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.doc", "a.doc"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\n\0b.pdf", "ab.pdf"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("LPT¹.tar.gz", "_LPT¹.tar.gz"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a. . ", "a"),
        ("a:b*c?.pdf", "a_b_c_.pdf"),
        ("", "attachment"),
        ("...", "attachment"),
        ("/", "attachment"),
        ("\u200b", "attachment"),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_every_name_is_safe_and_stable(name):
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= NAME_BYTES
    assert not set(safe) & set('/\\:*?"<>|\0')
    assert safe[0] not in ".-~ "
    assert safe[-1] not in ". "
    assert unicodedata.is_normalized("NFC", safe)
    assert all(unicodedata.category(character)[0] != "C" for character in safe)
    assert safe_name(safe) == safe
