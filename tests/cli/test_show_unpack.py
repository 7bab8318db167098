"""Showing and unpacking, on packages of ours and on the real ones where they are at hand."""

import json
import unicodedata
from pathlib import Path

import pytest
from lxml import etree

from docaxis.cli.plain import from_plain, to_plain
from docaxis.cli.trouble import ExitCode
from docaxis.domain.envelope import Business, Envelope, MessageHeader, StatusEnvelope
from docaxis.domain.sniff import sniff
from docaxis.edxml import reader, safety
from tests.cli.conftest import Run

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "edxml"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MALFORMED = {"edoc.edxml": "PKG.NAMESPACE", "edoc_new.edxml": "PKG.NOT_WELL_FORMED"}


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*.edxml"))


@pytest.mark.skipif(not samples(), reason="the real samples are not at hand")
@pytest.mark.parametrize("file", samples(), ids=lambda file: file.name)
def test_a_real_package_is_shown_whole(run: Run, file: Path) -> None:
    result = run("package", "show", file, "--json")
    about = json.loads(result.stdout)
    if file.name in MALFORMED:
        assert (result.exit_code, about["code"]) == (ExitCode.VERIFICATION_FAILED, MALFORMED[file.name])
        return
    assert result.exit_code == 0
    assert about["signature"]["code"] == "SIG.PROFILE_LEGACY"
    parsed = safety.parse(file.read_bytes())
    assert isinstance(parsed, safety.ParsedXml)
    envelope = reader.read_envelope(parsed)
    if isinstance(envelope, StatusEnvelope):
        assert from_plain(StatusEnvelope, about["status"]) == envelope
        return
    assert isinstance(envelope, Envelope)
    assert from_plain(MessageHeader, about["header"]) == envelope.header
    assert envelope.business is None or from_plain(Business, about["business"]) == envelope.business
    assert [one["attachment_name"] for one in about["attachments"]] == [
        one.attachment_name for one in envelope.attachments
    ]
    assert all(one["sniffed_type"] == "application/zip" and one["file"]["size_bytes"] for one in about["attachments"])
    assert run("package", "show", file).exit_code == 0


@pytest.mark.skipif(not samples(), reason="the real samples are not at hand")
def test_no_real_package_is_accepted(run: Run, pki: Path) -> None:
    result = run("package", "verify", *samples(), "--anchors", pki / "anchors")
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(told) == len(samples())
    assert {one["verdict"] for one in told} == {"rejected"}


@pytest.mark.skipif(not samples(), reason="the real samples are not at hand")
def test_a_real_package_signed_anew_is_accepted(run: Run, pki: Path, tmp_path: Path) -> None:
    old = SAMPLES / "edoc_update.edxml"
    key = ("--key", pki / "g22.key.pem", "--cert", pki / "g22.cert.pem", "--replace-legacy", "--out", "new.edxml")
    assert run("package", "sign", old, *key).exit_code == 0
    verdict = run("package", "verify", "new.edxml", "--anchors", pki / "anchors", "--directory", "vietnam-2025")
    assert verdict.exit_code == 0, verdict.stdout
    before, after = (
        json.loads(run("package", "show", file, "--json").stdout) for file in (old, tmp_path / "new.edxml")
    )
    assert before["header"] == after["header"]
    assert before["attachments"] == after["attachments"]


def test_show_for_people(run: Run, letter: Path) -> None:
    result = run("package", "show", letter)
    assert "Về việc thử" in result.stdout
    assert "Quyết định.pdf (13 application/pdf)" in result.stdout


def test_show_refuses_what_it_cannot_read(run: Run) -> None:
    result = run("package", "show", "-", "--json", stdin=b"<a/>")
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    assert json.loads(result.stdout)["code"] == "PKG.NAMESPACE"
    assert "QCVN 102:2016" in result.stderr


def test_unpack_writes_safe_names_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    decomposed = tmp_path / unicodedata.normalize("NFD", "Phụ lục.txt")
    decomposed.write_text("một")
    other = tmp_path / "b" / "Phụ lục.txt"
    other.parent.mkdir()
    other.write_text("hai")
    attach = ("--attach", decomposed, "--attach", other)
    assert (
        run("package", "build", "--from", "G22", "--to", "H41", "--subject", "x", *attach, "--out", "x.edxml").exit_code
        == 0
    )
    result = run("package", "unpack", "x.edxml", "--into", "out", "--json")
    assert result.exit_code == 0, result.stderr
    written = [Path(json.loads(line)["file"]) for line in result.stdout.splitlines()]
    assert [file.name for file in written] == ["Phụ lục.txt", "Phụ lục (2).txt"]
    assert [file.read_text() for file in written] == ["một", "hai"]
    raw = run("package", "unpack", "x.edxml", "--into", "raw", "--raw", "--json")
    assert Path(json.loads(raw.stdout.splitlines()[0])["file"]).read_bytes().startswith(b"PK")


def test_unpack_tells_what_lies_elsewhere(run: Run, unsigned: Path, tmp_path: Path) -> None:
    parsed = safety.parse(unsigned.read_bytes())
    assert isinstance(parsed, safety.ParsedXml)
    reference = next(parsed.root.iter("{*}Reference"))
    blob = reference.makeelement("{urn:docaxis:blob:1}BlobReference", digest="sha256:" + "0" * 64, sizeBytes="9")
    reference.append(blob)
    encoded = next(parsed.root.iter("{*}AttachmentEncoded"))
    parsed.root.remove(encoded)
    (tmp_path / "r.edxml").write_bytes(etree.tostring(parsed.root, encoding="UTF-8", xml_declaration=True))
    shown = json.loads(run("package", "show", "r.edxml", "--json").stdout)
    assert shown["attachments"][0]["by_reference"] is True
    result = run("package", "unpack", "r.edxml", "--into", "out")
    assert result.exit_code == ExitCode.FAILED
    assert "sha256:" + "0" * 64 in result.stderr


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (
            b"PK\x03\x04....[Content_Types].xml...word/document.xml",
            DOCX,
        ),
        (b"PK\x03\x04xx", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        ("Việt Nam".encode(), "text/plain"),
        (b"\x00\x01", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_sniff(octets: bytes, kind: str) -> None:
    assert sniff(octets) == kind


def test_plain_values_come_back(letter: Path) -> None:
    parsed = safety.parse(letter.read_bytes())
    assert isinstance(parsed, safety.ParsedXml)
    envelope = reader.read_envelope(parsed)
    assert isinstance(envelope, Envelope)
    assert from_plain(MessageHeader, json.loads(json.dumps(to_plain(envelope.header)))) == envelope.header
