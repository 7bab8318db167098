"""The development authority: what it writes is what the hub's trust, OpenSSL and TLS accept."""

import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from docaxis.cli.pki import app
from docaxis.domain.verdict import Reason, Rejection
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.certificate import Signer, load_trust, verify_signer

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def authority(tmp_path: Path) -> DevelopmentAuthority:
    return DevelopmentAuthority(tmp_path / "pki", lambda: AT).create()


def verdict(directory: Path, certificate: x509.Certificate, at: datetime = AT) -> str:
    trust = load_trust(directory / "anchors", directory / "intermediates", directory / "crls")
    assert trust.problems == ()
    found = verify_signer(certificate, [], trust, at)
    return "accepted" if isinstance(found, Signer) else str(found.code)


@pytest.mark.parametrize("key", ["p256", "rsa2048"])
def test_issued_certificates_are_trusted_until_revoked(tmp_path: Path, key: str) -> None:
    authority = DevelopmentAuthority(tmp_path, lambda: AT).create(key=key)
    issued = authority.issue("000.00.00.G22", person="Trần Thị B", usage="nonRepudiation")
    assert verdict(tmp_path, issued.certificate) == "accepted"
    authority.revoke(issued.certificate, reason="certificateHold")
    assert verdict(tmp_path, issued.certificate) == Reason.SIG_REVOKED
    assert verdict(tmp_path, authority.issue("H41").certificate) == "accepted"
    authority.revoke(authority.issuing, reason="cACompromise")
    assert verdict(tmp_path, authority.issue("H41").certificate) == Reason.SIG_REVOKED


def test_lists_have_increasing_numbers_and_survive_a_restart(authority: DevelopmentAuthority) -> None:
    def number() -> int:
        crl = x509.load_der_x509_crl((authority.directory / "crls" / "issuing.crl").read_bytes())
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number

    first, second = authority.issue("H41").certificate, authority.issue("H42").certificate
    authority.revoke(first)
    again = DevelopmentAuthority(authority.directory, lambda: AT + SECOND)
    again.revoke(second, reason="superseded")
    again.write_crls(days=1)
    assert number() == 4
    assert verdict(authority.directory, first, AT + SECOND) == Reason.SIG_REVOKED
    assert verdict(authority.directory, second, AT + SECOND) == Reason.SIG_REVOKED
    assert (
        verdict(authority.directory, again.issue("H43").certificate, AT + timedelta(days=1, hours=1))
        == Reason.SIG_TRY_LATER
    )


def test_keys_are_for_the_owner_only(authority: DevelopmentAuthority, tmp_path: Path) -> None:
    key, certificate = authority.issue("H41").write(tmp_path / "out" / "h41")
    assert (key.name, certificate.name) == ("h41.key.pem", "h41.cert.pem")
    private = authority.directory / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (key, *private.iterdir())} == {0o600}
    assert len(x509.load_pem_x509_certificates(certificate.read_bytes())) == 2


def test_an_authority_is_never_overwritten(authority: DevelopmentAuthority) -> None:
    with pytest.raises(FileExistsError):
        DevelopmentAuthority(authority.directory).create()


def test_strangers_and_unknown_reasons(authority: DevelopmentAuthority, tmp_path: Path) -> None:
    stranger = DevelopmentAuthority(tmp_path / "other", lambda: AT).create()
    with pytest.raises(ValueError, match="not a certificate"):
        authority.revoke(stranger.issue("H41").certificate)
    with pytest.raises(ValueError, match="because"):
        authority.revoke(authority.issue("H41").certificate, reason="because")


def test_sixty_certificates_take_no_time(authority: DevelopmentAuthority) -> None:
    codes = {f"H{number:02}" for number in range(1, 61)}
    named = {authority.issue(code).certificate.subject.rfc4514_string() for code in codes}
    assert len(named) == 60


def test_tls_certificates_serve_tls_and_not_documents(tmp_path: Path) -> None:
    authority = DevelopmentAuthority(tmp_path).create()
    now = datetime.now(UTC)
    server, client = authority.issue(kind="tls-server"), authority.issue(kind="tls-client", common_name="h41")
    for issued in (server, client):
        assert verdict(tmp_path, issued.certificate, now) == Reason.SIG_CHAIN_CONSTRAINTS_FAILURE

    def context(side: ssl._SSLMethod | int, name: str) -> ssl.SSLContext:
        issued = server if name == "server" else client
        key, certificate = issued.write(tmp_path / name)
        found = ssl.SSLContext(side)
        found.load_cert_chain(certificate, key)
        found.load_verify_locations(tmp_path / "anchors" / "root.pem")
        found.verify_mode = ssl.CERT_REQUIRED
        return found

    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        context(ssl.PROTOCOL_TLS_SERVER, "server").wrap_bio(to_server, to_client, server_side=True),
        context(ssl.PROTOCOL_TLS_CLIENT, "client").wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
    ]
    done: set[int] = set()
    for _ in range(6):
        for number in (1, 0):
            try:
                ends[number].do_handshake()
                done.add(number)
            except ssl.SSLWantReadError:
                continue
    assert done == {0, 1}
    peer = ends[0].getpeercert()
    assert peer is not None
    assert (("commonName", "h41"),) in peer["subject"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program")
def test_openssl_agrees(tmp_path: Path) -> None:
    authority = DevelopmentAuthority(tmp_path).create(key="rsa2048")
    _, certificate = authority.issue("H41").write(tmp_path / "h41")

    def verify() -> int:
        crls = b"".join(
            x509.load_der_x509_crl(path.read_bytes()).public_bytes(Encoding.PEM)
            for path in (tmp_path / "crls").glob("*.crl")
        )
        (tmp_path / "crls.pem").write_bytes(crls)
        argv = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", str(tmp_path / "crls.pem")]
        argv += [
            "-CAfile",
            str(tmp_path / "anchors" / "root.pem"),
            "-untrusted",
            str(tmp_path / "intermediates" / "issuing.pem"),
        ]
        return subprocess.run([*argv, str(certificate)], capture_output=True, check=False).returncode

    assert verify() == 0
    authority.revoke(x509.load_pem_x509_certificate(certificate.read_bytes()))
    assert verify() != 0


def test_the_command_line(tmp_path: Path) -> None:
    run = CliRunner().invoke
    folder, prefix = str(tmp_path / "pki"), str(tmp_path / "h41")
    assert run(app, ["crl", folder]).exit_code == 2
    made = run(app, ["init", folder])
    assert made.exit_code == 0
    assert "DEVELOPMENT ONLY" in made.stderr
    assert run(app, ["init", folder]).exit_code == 2
    assert run(app, ["issue", folder, "--out", prefix]).exit_code == 2
    argv = ["issue", folder, "--organ", "H41", "--out", prefix, "--person", "Lê Văn C", "--key", "p384", "--days", "10"]
    argv += ["--usage", "nonRepudiation", "--not-before", "2026-01-01"]
    assert run(app, argv).exit_code == 0
    certificate = x509.load_pem_x509_certificate(Path(f"{prefix}.cert.pem").read_bytes())
    assert certificate.not_valid_before_utc == datetime(2026, 1, 1, tzinfo=UTC)
    assert certificate.not_valid_after_utc == datetime(2026, 1, 11, tzinfo=UTC)
    assert run(app, ["revoke", folder, f"{prefix}.cert.pem", "--reason", "keyCompromise"]).exit_code == 0
    assert run(app, ["crl", folder, "--days", "2"]).exit_code == 0
    trust = load_trust(tmp_path / "pki" / "anchors", tmp_path / "pki" / "intermediates", tmp_path / "pki" / "crls")
    refusal = verify_signer(certificate, [], trust, datetime(2026, 1, 5, tzinfo=UTC))
    assert isinstance(refusal, Rejection)
