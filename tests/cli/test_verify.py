"""`package verify`: one JSON line a file and an exit code, whatever the file is."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.cli.trouble import ExitCode
from docaxis.local.pki import DevelopmentAuthority
from tests.cli.conftest import Run
from tests.vectors.hostile import all_vectors
from tests.vectors.keys import certificate

KEYS = ["verdict", "code", "detail", "at", "signer"]


def verdicts(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_accepted(run: Run, letter: Path, pki: Path) -> None:
    result = run("package", "verify", letter, "--anchors", pki / "anchors", "--crls", pki / "crls", "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    (verdict,) = verdicts(result.stdout)
    assert list(verdict) == KEYS
    assert verdict["verdict"] == "accepted"
    assert verdict["code"] is None
    assert verdict["signer"]["organ_ids"] == ["G22"]
    assert verdict["signer"]["fingerprint"].startswith("sha256:")
    assert int(verdict["signer"]["serial"], 16)


def test_without_any_anchors_nothing_is_accepted(run: Run, letter: Path) -> None:
    result = run("package", "verify", letter)
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    assert verdicts(result.stdout)[0]["code"] == "SIG.NO_CERTIFICATE_CHAIN_FOUND"
    assert "anchors: folder-missing" in result.stderr


def test_the_default_folders_are_those_of_the_configuration(run: Run, letter: Path, pki: Path, tmp_path: Path) -> None:
    (tmp_path / "certs").symlink_to(pki)
    assert run("package", "verify", letter).exit_code == 0


def test_a_changed_body_is_rejected_with_its_place(run: Run, letter: Path, pki: Path, tmp_path: Path) -> None:
    (tmp_path / "x.edxml").write_bytes(letter.read_bytes().replace("thử".encode(), "hủy".encode()))
    result = run("package", "verify", "x.edxml", "--anchors", pki / "anchors")
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    (verdict,) = verdicts(result.stdout)
    assert verdict["code"] == "SIG.HASH_FAILURE"
    assert verdict["at"]["path"].startswith("/edXML/edXMLEnvelope/edXMLHeader/Signature")
    assert verdict["at"]["line"] > 1
    assert verdict["signer"] is None


def test_the_signer_must_be_the_senders_with_and_without_a_directory(run: Run, unsigned: Path, pki: Path) -> None:
    key, certificate = pki / "h41.key.pem", pki / "h41.cert.pem"
    run("package", "sign", unsigned, "--key", key, "--cert", certificate, "--out", "h41.edxml")
    plain = run("package", "verify", "h41.edxml", "--anchors", pki / "anchors")
    assert plain.exit_code == ExitCode.VERIFICATION_FAILED
    assert verdicts(plain.stdout)[0]["code"] == "SIG.SIGNER_MISMATCH"
    judged = run("package", "verify", "h41.edxml", "--anchors", pki / "anchors", "--directory", "vietnam-2025")
    assert judged.exit_code == ExitCode.VERIFICATION_FAILED
    (verdict,) = verdicts(judged.stdout)
    assert verdict["code"] == "SIG.SIGNER_MISMATCH"
    assert verdict["signer"]["organ_ids"] == ["H41"]


def test_with_a_directory_the_addressees_must_be_there(run: Run, letter: Path, pki: Path, tmp_path: Path) -> None:
    csv = "organ_id,name,level,branch,source\nG22,Văn phòng Chính phủ,central,government,demo\n"
    (tmp_path / "one.csv").write_text(csv, encoding="utf-8")
    result = run("package", "verify", letter, "--anchors", pki / "anchors", "--directory", "one.csv")
    assert verdicts(result.stdout)[0]["code"] == "RTE.ADDRESSEE_UNKNOWN"
    (tmp_path / "two.csv").write_text(csv + "H41,x,provincial,government,demo\nG12,y,central,government,demo\n")
    assert run("package", "verify", letter, "--anchors", pki / "anchors", "--directory", "two.csv").exit_code == 0
    assert run("package", "verify", letter, "--directory", "nowhere").exit_code == ExitCode.NOT_FOUND


def test_time_decides_about_certificate_and_lists(run: Run, letter: Path, pki: Path) -> None:
    trust = ("--anchors", pki / "anchors", "--json")
    past = run("package", "verify", letter, *trust, "--at", "2020-01-01T00:00:00Z")
    assert verdicts(past.stdout)[0]["code"] == "SIG.NOT_YET_VALID"
    stale = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    later = run("package", "verify", letter, *trust, "--at", stale)
    (verdict,) = verdicts(later.stdout)
    assert verdict["verdict"] in {"deferred", "rejected"}
    assert verdict["code"] in {"SIG.TRY_LATER", "SIG.REVOCATION_UNKNOWN"}
    assert run("package", "verify", letter, "--at", "yesterday").exit_code == ExitCode.USAGE


def test_without_lists_it_cannot_be_told_yet(run: Run, letter: Path, pki: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    result = run("package", "verify", letter, "--anchors", pki / "anchors", "--crls", "none")
    assert result.exit_code == ExitCode.TRY_LATER
    assert verdicts(result.stdout)[0]["verdict"] == "deferred"


def test_a_revoked_certificate(run: Run, unsigned: Path, tmp_path: Path) -> None:
    authority = DevelopmentAuthority(tmp_path / "own").create()
    issued = authority.issue("G22")
    key, certificate = issued.write(tmp_path / "revoked")
    authority.revoke(issued.certificate, reason="keyCompromise")
    run("package", "sign", unsigned, "--key", key, "--cert", certificate, "--out", "r.edxml")
    result = run("package", "verify", "r.edxml", "--anchors", "own/anchors")
    assert verdicts(result.stdout)[0]["code"] == "SIG.REVOKED"


def test_several_files_the_worst_decides(run: Run, letter: Path, unsigned: Path, pki: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    strange = os.fsdecode(b"\xff.edxml")
    result = run(
        "package", "verify", letter, unsigned, "folder", "empty", "nowhere", strange, "--anchors", pki / "anchors"
    )
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    told = verdicts(result.stdout)
    assert [one["verdict"] for one in told] == ["accepted", *["rejected"] * 5]
    assert [one["code"] for one in told[1:]] == ["SIG.MISSING", *["PKG.EMPTY"] * 4]
    assert told[0]["file"] == str(letter)
    assert "Is a directory" in told[2]["detail"]
    (tmp_path / "none").mkdir()
    mixed = run("package", "verify", letter, letter, "--anchors", pki / "anchors", "--crls", "none")
    assert mixed.exit_code == ExitCode.TRY_LATER


def test_a_gigabyte_is_not_read(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 30)
    result = run("package", "verify", "huge", "/dev/zero")
    assert [one["code"] for one in verdicts(result.stdout)] == ["PKG.TOO_LARGE", "PKG.TOO_LARGE"]


@pytest.mark.parametrize(
    "octets",
    [
        b"\0",
        b"<",
        b"<a/>",
        b"\xff\xfe<\0",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" * 50_000,
        b"\xef\xbb\xbf",
    ],
)
@pytest.mark.parametrize("only", [(), ("--signature-only",)])
def test_no_octets_make_an_exception(run: Run, octets: bytes, only: tuple[str, ...]) -> None:
    result = run("package", "verify", "-", *only, stdin=octets)
    assert result.exit_code == ExitCode.VERIFICATION_FAILED
    assert verdicts(result.stdout)[0]["verdict"] == "rejected"


def test_signature_only_needs_the_signer(run: Run, letter: Path, pki: Path) -> None:
    without = run("package", "verify", letter, "--signature-only")
    assert without.exit_code == ExitCode.VERIFICATION_FAILED
    (verdict,) = verdicts(without.stdout)
    assert verdict["code"] == "SIG.NO_SIGNING_CERTIFICATE_FOUND"
    assert verdict["mathematics_hold"] is True
    right = run("package", "verify", letter, "--signature-only", "--signer", pki / "g22.cert.pem")
    assert right.exit_code == 0
    assert verdicts(right.stdout)[0]["signer"]["organ_ids"] == ["G22"]
    wrong = run("package", "verify", letter, "--signature-only", "--signer", pki / "h41.cert.pem")
    assert verdicts(wrong.stdout)[0]["code"] == "SIG.SIGNER_MISMATCH"
    assert run("package", "verify", letter, "--signer", pki / "h41.cert.pem").exit_code == ExitCode.USAGE


def test_signature_only_tells_when_the_mathematics_fail(run: Run, letter: Path) -> None:
    changed = letter.read_bytes().replace("thử".encode(), "hủy".encode())
    result = run("package", "verify", "-", "--signature-only", stdin=changed)
    assert verdicts(result.stdout)[0]["mathematics_hold"] is False


def test_no_hostile_package_is_accepted_and_each_gets_its_line(run: Run, tmp_path: Path) -> None:
    files = {tmp_path / f"{number:03}.edxml": vector for number, vector in enumerate(all_vectors())}
    for file, vector in files.items():
        file.write_bytes(vector.body)
    (tmp_path / "anchors").mkdir()
    for kind in ("rsa2048", "p256"):
        (tmp_path / "anchors" / f"{kind}.pem").write_bytes(certificate(kind).public_bytes(Encoding.PEM))
    for only in ((), ("--signature-only", "--signer", "anchors/p256.pem")):
        result = run("package", "verify", *files, "--anchors", "anchors", *only)
        told = {Path(one["file"]): one["verdict"] for one in verdicts(result.stdout)}
        assert list(told) == list(files)
        # A signature may well hold over what is no package: that is all that `--signature-only` asks.
        judged = [file for file, vector in files.items() if not (only and vector.name.startswith("schema:"))]
        assert {told[file] for file in judged} == {"rejected"}


def test_as_a_process(letter: Path, pki: Path, tmp_path: Path) -> None:
    verb = [sys.executable, "-m", "docaxis", "package", "verify"]
    good = subprocess.run([*verb, letter, "--anchors", pki / "anchors"], capture_output=True, text=True, check=False)
    assert (good.returncode, json.loads(good.stdout)["verdict"]) == (0, "accepted")
    bad = subprocess.run([*verb, letter], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (bad.returncode, json.loads(bad.stdout)["verdict"]) == (4, "rejected")
    assert "Traceback" not in bad.stderr
