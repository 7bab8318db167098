"""`endpoint web`: registered, its key made and kept, its certificate installed."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from docaxis.cli.trouble import ExitCode
from docaxis.desk.endpoint import read_endpoint
from tests.cli.conftest import CONFIG, Run

NO_BROKER = '[broker]\nurl = "amqp://hub@127.0.0.1:1/"\n'


@pytest.fixture
def ready(configured: Run, pki: Path, tmp_path: Path) -> Run:
    (tmp_path / "certs").mkdir()
    shutil.copy(pki / "hub.cert.pem", tmp_path / "certs")
    (tmp_path / "config.toml").write_text(CONFIG + NO_BROKER)
    return configured


def test_a_request_is_written_and_the_certificate_installed(ready: Run, tmp_path: Path, pki: Path) -> None:
    result = ready("endpoint", "web", "add", "nghe-an", "--agency", "000.00.00.H41")
    assert result.exit_code == 0, result.stderr
    folder = tmp_path / "web-endpoints" / "nghe-an"
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    request = x509.load_pem_x509_csr((folder / "agency.csr.pem").read_bytes())
    (code,) = request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    assert (code.value, request.is_signature_valid) == ("H41", True)
    (row,) = ready("endpoint", "web", "list", "--json").stdout.splitlines()
    assert json.loads(row)["trouble"] == "no certificate yet"
    # Another key's certificate is refused.
    stranger = ready("endpoint", "web", "install", "nghe-an", pki / "h41.cert.pem")
    assert stranger.exit_code == ExitCode.REFUSED
    assert "another key" in stranger.stderr
    assert ready("endpoint", "web", "install", "other", pki / "h41.cert.pem").exit_code == ExitCode.NOT_FOUND


def test_the_development_authority_issues_at_once(ready: Run, tmp_path: Path, pki: Path) -> None:
    add = ("endpoint", "web", "add", "nghe-an", "--agency", "H41", "--authority", pki)
    assert ready(*add).exit_code == 0
    folder = tmp_path / "web-endpoints" / "nghe-an"
    endpoint = read_endpoint(folder)
    assert (endpoint.organ_id, endpoint.settings.id) == ("H41", "nghe-an")
    # The same certificate again is installed as a newer one would be.
    copy = tmp_path / "again.pem"
    shutil.copy(folder / "agency.cert.pem", copy)
    assert ready("endpoint", "web", "install", "nghe-an", copy).exit_code == 0
    assert read_endpoint(folder).version != endpoint.version
    (row,) = ready("endpoint", "web", "list", "--json").stdout.splitlines()
    assert (json.loads(row)["agency"], json.loads(row)["trouble"]) == ("H41", None)
    assert "nghe-an" in ready("endpoint", "web", "list").stdout
    assert ready(*add).exit_code == ExitCode.REFUSED


def test_what_cannot_be_added(ready: Run, tmp_path: Path) -> None:
    add = ("endpoint", "web", "add")
    assert ready(*add, "x", "--agency", "NOBODY").exit_code == ExitCode.NOT_FOUND
    assert ready(*add, "-x-", "--agency", "H41").exit_code == ExitCode.USAGE
    assert ready(*add, "x", "--agency", "H41", "--authority", tmp_path / "none").exit_code == ExitCode.NOT_FOUND
    (tmp_path / "broken.pem").write_text("no certificate")
    assert ready(*add, "x", "--agency", "H41").exit_code == 0
    assert ready("endpoint", "web", "install", "x", tmp_path / "broken.pem").exit_code == ExitCode.REFUSED
