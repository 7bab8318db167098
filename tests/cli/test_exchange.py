"""`send`, `inbox` and `receipts` against a hub that runs as its own process on a real broker."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docaxis.cli.trouble import ExitCode
from tests.cli.conftest import START_S, Run, docaxis

DOCUMENT = "G22,2026/01/05,12/QĐ-TTg"

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def test_there_and_back(exchange: Path, letter: Path, unsigned: Path) -> None:
    sent = docaxis(exchange, "send", letter, "--settings", "g22/endpoint.toml", "--json")
    assert sent.returncode == 0, sent.stderr
    answer = json.loads(sent.stdout)
    assert answer["outcome"] == "accepted"
    assert {one["organ_id"] for one in answer["addressees"]} == {"H41", "G12"}

    refused = docaxis(exchange, "send", unsigned, "--settings", "g22/endpoint.toml")
    assert refused.returncode == ExitCode.REFUSED
    assert "SIG.MISSING" in refused.stdout

    fetched = docaxis(exchange, "inbox", "--settings", "h41/endpoint.toml", "--json")
    assert fetched.returncode == 0, fetched.stderr
    folder = exchange / json.loads(fetched.stdout)["folder"]
    assert (folder / "package.edxml").read_bytes() == letter.read_bytes()
    assert (folder / "Quyết định.pdf").read_bytes() == b"%PDF-1.7 text"
    assert docaxis(exchange, "inbox", "--settings", "h41/endpoint.toml", "--json").stdout == ""

    states = {}
    for _ in range(50):
        told = json.loads(docaxis(exchange, "receipts", DOCUMENT, "--json").stdout)
        states = {one["organ_id"]: one["transport"] for one in told["deliveries"]}
        if states["H41"] == "fetched":
            break
    assert states == {"H41": "fetched", "G12": "dispatched"}
    assert [one["outcome"] for one in told["submissions"]] == ["accepted", "rejected"]


def test_following_ends_cleanly(exchange: Path) -> None:
    verb = [sys.executable, "-m", "docaxis", "inbox", "--settings", "h41/endpoint.toml", "--follow"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen(
        verb, cwd=exchange, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        until = time.monotonic() + START_S
        while not (exchange / "h41" / "state" / "journal.sqlite3").exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=START_S)
    assert process.returncode == 130, told
    assert b"Traceback" not in told


def test_without_a_broker(run: Run, pki: Path, letter: Path, tmp_path: Path) -> None:
    shutil.copy(pki / "hub.cert.pem", tmp_path)
    (tmp_path / "password").write_text("x")
    (tmp_path / "endpoint.toml").write_text("""
endpoint = { id = "g22", queue_token = "0" }
broker = { url = "amqp://g22@127.0.0.1:1/", password_file = "password" }
hub = { url = "http://127.0.0.1:1", certificate_file = "hub.cert.pem" }
state = { dir = "state" }
""")
    done = docaxis(tmp_path, "send", letter, "--deadline", "1")
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "not confirmed" in done.stderr
    assert done.stderr.count("\n") == 1
    assert docaxis(tmp_path, "send", letter, "--settings", "nowhere.toml").returncode == ExitCode.NOT_FOUND
