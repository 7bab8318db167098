"""One development authority a session, signed letters, and a way to run the command line without a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner, Result

from docaxis.cli import app
from docaxis.local.pki import DevelopmentAuthority
from docaxis.local.ports import free_ports
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.waiting import PATIENCE_S

Run = Callable[..., Result]
START_S = 180

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


def docaxis(folder: Path, *args: object) -> subprocess.CompletedProcess[str]:
    verb = [sys.executable, "-m", "docaxis", *map(str, args)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "LANG": "C.UTF-8"}
    return subprocess.run(
        verb, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=2 * PATIENCE_S
    )


@pytest.fixture
def exchange(run: Run, rabbitmq: PrivateRabbitMQ, vhost: str, pki: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with a serving hub and the endpoints g22 and h41."""
    port, metrics_port = free_ports(2)
    management = rabbitmq.management_url.replace("://", f"://{rabbitmq.user}:{rabbitmq.password}@")
    (tmp_path / "config.toml").write_text(f"""
[broker]
url = "{vhost}"
management_url = "{management}"
[store]
url = "sqlite:///db/docaxis.db"
[trust]
anchors_dir = "{pki / "anchors"}"
crls_dir = "{pki / "crls"}"
[intake]
deferred_retry_s = 1
[http]
port = {port}
metrics_port = {metrics_port}
""")
    (tmp_path / "certs").mkdir()
    for name in ("hub.cert.pem", "hub.key.pem"):
        shutil.copy(pki / name, tmp_path / "certs")
    for step in (
        ("agency", "import", "--shipped", "vietnam-2025"),
        ("endpoint", "add", "g22", "--agency", "G22", "--out", "g22"),
        ("endpoint", "add", "h41", "--agency", "H41", "--out", "h41"),
        ("endpoint", "add", "g12", "--agency", "G12", "--out", "g12"),
    ):
        done = run(*step)
        assert done.exit_code == 0, done.stderr
    verb = [sys.executable, "-m", "docaxis", "hub", "serve"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with (
        (tmp_path / "hub.log").open("w") as log,
        subprocess.Popen(verb, cwd=tmp_path, stderr=log, env=environment) as hub,
    ):
        try:
            _await_ready(f"http://127.0.0.1:{metrics_port}/readyz")
            yield tmp_path
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait(PATIENCE_S)


def _await_ready(address: str) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            assert time.monotonic() < until, "the hub did not become ready"
        time.sleep(0.2)
