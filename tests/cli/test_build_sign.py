"""Building and signing: what options and TOML say is what `show` reads back, and the signature is of the profile."""

import json
from pathlib import Path
from subprocess import run as run_program
from typing import Any

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from docaxis.cli.trouble import ExitCode
from docaxis.local.xmlsec import Program
from tests.cli.conftest import Run

TOML = """
[header]
subject = "Báo cáo"
to = ["G12", { organ_id = "G22", organ_name = "Văn phòng Chính phủ" }]
from = "H41"
[header.code]
code_number = "7"
code_notation = "BC-UBND"
[header.promulgation_info]
promulgation_date = 2026-02-03
[header.other_info]
priority = 2
appendixes = ["Phụ lục I"]
[business]
doc_type = 2
document_id = "H41,2026/01/01,6/BC-UBND"
receivers = [{ organ_id = "G12", receiver_type = "1" }]
"""


def shown(run: Run, file: Path) -> dict[str, Any]:
    result = run("package", "show", file, "--json")
    assert result.exit_code == 0, result.stderr
    about: dict[str, Any] = json.loads(result.stdout)
    return about


def test_options_stand_in_the_package(run: Run, unsigned: Path) -> None:
    about = shown(run, unsigned)
    assert about["kind"] == "document"
    assert about["signature"]["code"] == "SIG.MISSING"
    header = about["header"]
    assert header["from"]["organ_id"] == "G22"
    assert [to["organ_id"] for to in header["to"]] == ["H41", "G12"]
    assert header["document_id"] == "G22,2026/01/05,12/QĐ-TTg"
    assert header["promulgation_info"]["promulgation_date"] == "2026-01-05"
    attachment = about["attachments"][0]
    assert attachment["attachment_name"] == "Quyết định.pdf"
    assert attachment["sniffed_type"] == "application/zip"
    assert attachment["file"]["sniffed_type"] == "application/pdf"
    assert attachment["file"]["size_bytes"] == 13


def test_toml_and_options_together(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.toml").write_text(TOML, encoding="utf-8")
    result = run("package", "build", "--from-toml", "letter.toml", "--subject", "Báo cáo quý I", "--out", "x.edxml")
    assert result.exit_code == 0, result.stderr
    about = shown(run, tmp_path / "x.edxml")
    assert about["header"]["subject"] == "Báo cáo quý I"
    assert about["header"]["to"][1]["organ_name"] == "Văn phòng Chính phủ"
    assert about["header"]["other_info"] == about["header"]["other_info"] | {"priority": 2, "appendixes": ["Phụ lục I"]}
    assert about["business"]["receivers"] == [{"organ_id": "G12", "receiver_type": "1"}]


def test_a_status_package(run: Run, tmp_path: Path) -> None:
    (tmp_path / "status.toml").write_text(
        '[status]\nfrom = "H41"\nstatus_code = "03"\nresponse_for = { organ_id = "G22", document_id = "1" }\n'
    )
    assert run("package", "build", "--from-toml", "status.toml", "--out", "s.edxml").exit_code == 0
    about = shown(run, tmp_path / "s.edxml")
    assert about["kind"] == "status"
    assert about["status"]["status_code"] == "03"
    assert about["status"]["response_for"]["organ_id"] == "G22"


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[header]\nform = 1", "header.form: unknown"),
        ('[header]\nfrom = "G22"\nto = ["H41"]', "header.subject: missing"),
        ('[header]\nfrom = "G22"\nsubject = "x"\nto = "H41"', "header.to: a list expected"),
        ('[header]\nfrom = 3\nsubject = "x"\nto = ["H41"]', "header.from: a table expected"),
        ("[haeder]", "haeder: unknown"),
        ("[header", "letter.toml"),
        ('[header]\nfrom="G22"\nto=["H41"]\nsubject="x"\nother_info={priority=9}', "a whole number from 0 to 4"),
        ('[header]\nfrom="G22"\nto=["H41"]\nsubject="a\\u0001"', "no XML can carry"),
        ('[header]\nfrom="G22"\nto=["H41", "H41"]\nsubject="x"', "PKG.REPEATED_ADDRESSEE"),
    ],
)
def test_a_wrong_description_names_its_key(run: Run, tmp_path: Path, toml: str, told: str) -> None:
    (tmp_path / "letter.toml").write_text(toml, encoding="utf-8")
    result = run("package", "build", "--from-toml", "letter.toml")
    assert result.exit_code != 0
    assert told in result.stderr
    assert result.stdout == ""


def test_our_signature_holds(run: Run, letter: Path) -> None:
    signature = shown(run, letter)["signature"]
    assert signature["holds"]
    assert signature["certificate"]["subject"].endswith("C=VN")


def test_signing_twice_needs_a_signature_that_does_not_hold(run: Run, letter: Path, pki: Path, tmp_path: Path) -> None:
    with_key = ("--key", pki / "g22.key.pem", "--cert", pki / "g22.cert.pem")
    again = run("package", "sign", letter, *with_key)
    assert again.exit_code == ExitCode.VERIFICATION_FAILED
    assert "--replace-legacy" in again.stderr
    assert run("package", "sign", letter, *with_key, "--replace-legacy").exit_code == ExitCode.REFUSED
    (tmp_path / "broken.edxml").write_bytes(letter.read_bytes().replace("thử".encode(), "hủy".encode()))
    mended = run("package", "sign", "broken.edxml", *with_key, "--replace-legacy", "--out", "mended.edxml")
    assert mended.exit_code == 0, mended.stderr
    assert shown(run, tmp_path / "mended.edxml")["signature"]["holds"]


def test_key_and_certificate_must_belong_together(run: Run, unsigned: Path, pki: Path) -> None:
    result = run("package", "sign", unsigned, "--key", pki / "g22.key.pem", "--cert", pki / "h41.cert.pem")
    assert result.exit_code == ExitCode.FAILED
    assert "is not that of" in result.stderr


@pytest.mark.parametrize(("organ", "method"), [("g22", "rsa-sha256"), ("g22", "rsa-sha512"), ("h41", "ecdsa-sha256")])
def test_a_template_signed_by_xmlsec1_is_accepted(
    run: Run, xmlsec1: Program, pki: Path, tmp_path: Path, organ: str, method: str
) -> None:
    build = ("package", "build", "--from", organ.upper(), "--to", "G12", "--subject", "Thử", "--template", method)
    assert run(*build, "--out", "template.edxml").exit_code == 0
    key = f"{pki / organ}.key.pem,{pki / organ}.cert.pem"
    sign = [*xmlsec1.argv, "--sign", "--privkey-pem", key, "--output", "signed.edxml", "template.edxml"]
    done = run_program(sign, cwd=tmp_path, env=xmlsec1.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    verdict = run("package", "verify", "signed.edxml", "--anchors", pki / "anchors", "--directory", "vietnam-2025")
    assert verdict.exit_code == 0, verdict.stdout


def test_a_package_signed_by_signxml_is_accepted(run: Run, unsigned: Path, pki: Path, tmp_path: Path) -> None:
    root = etree.fromstring(unsigned.read_bytes())
    header = next(root.iter("{*}edXMLHeader"))
    etree.SubElement(header, "{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder")
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    chain = (pki / "g22.cert.pem").read_text()
    signed = signer.sign(root, key=(pki / "g22.key.pem").read_bytes(), cert=chain)
    (tmp_path / "signxml.edxml").write_bytes(etree.tostring(signed))
    verdict = run("package", "verify", "signxml.edxml", "--anchors", pki / "anchors", "--directory", "vietnam-2025")
    assert verdict.exit_code == 0, verdict.stdout


def test_an_unknown_template_is_wrong_use(run: Run) -> None:
    result = run("package", "build", "--from", "G22", "--to", "H41", "--subject", "x", "--template", "rsa-sha1")
    assert result.exit_code == ExitCode.USAGE
    assert "ecdsa-sha256" in result.stderr
