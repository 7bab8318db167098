"""One development authority a session, signed letters, and a way to run the command line without a process of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from docaxis.cli import app
from docaxis.local.pki import DevelopmentAuthority

Run = Callable[..., Result]

CONFIG = """
[store]
url = "sqlite+aiosqlite:///db/docaxis.db"
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `docaxis ARGS…` in an empty folder; an exception of the program fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def call(*args: object, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin, catch_exceptions=False)

    return call


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and keys and certificates g22 (RSA), h41 (ECDSA), hub."""
    folder = tmp_path_factory.mktemp("pki")
    authority = DevelopmentAuthority(folder).create()
    authority.issue("G22", key="rsa2048").write(folder / "g22")
    authority.issue("H41").write(folder / "h41")
    authority.issue(kind="hub").write(folder / "hub")
    return folder


@pytest.fixture
def unsigned(run: Run, tmp_path: Path) -> Path:
    """An unsigned letter of G22 to H41 and G12 with one attachment."""
    attachment = tmp_path / "Quyết định.pdf"
    attachment.write_bytes(b"%PDF-1.7 text")
    file = tmp_path / "unsigned.edxml"
    result = run(
        "package", "build", "--from", "G22", "--to", "H41", "--to", "G12", "--subject", "Về việc thử",
        "--number", "12", "--notation", "QĐ-TTg", "--date", "2026-01-05", "--attach", attachment, "--out", file,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return file


@pytest.fixture
def letter(run: Run, unsigned: Path, pki: Path, tmp_path: Path) -> Path:
    """The letter, signed by G22."""
    file = tmp_path / "letter.edxml"
    key, certificate = pki / "g22.key.pem", pki / "g22.cert.pem"
    result = run("package", "sign", unsigned, "--key", key, "--cert", certificate, "--out", file)
    assert result.exit_code == 0, result.stderr
    return file


@pytest.fixture
def configured(run: Run, tmp_path: Path) -> Run:
    """Run commands beside a `config.toml` whose database holds the shipped directory."""
    (tmp_path / "config.toml").write_text(CONFIG)
    result = run("agency", "import", "--shipped", "vietnam-2025")
    assert result.exit_code == 0, result.stderr
    return run
