"""The demonstration, whole: played on a fresh folder, stopped by signals, played again on what they left."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from docaxis.local.rabbitmq import find_rabbitmq
from tests.services import DOWNLOADS, needed
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.broker, pytest.mark.slow]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space and Vietnamese letters, whose broker is fetched already where the tests' own is."""
    needed("RabbitMQ", lambda: find_rabbitmq(DOWNLOADS))
    home = tmp_path_factory.mktemp("trục văn bản")
    (home / "debian").symlink_to(DOWNLOADS)
    return home / "demo"


def start(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """Start a demonstration without a terminal, in a session of its own, marked by an environment variable."""
    return subprocess.Popen(
        [sys.executable, "-m", "docaxis", "demo", "--folder", str(folder), *options],
        cwd=ROOT,
        env=os.environ | {"DOCAXIS_TEST_MARK": str(folder), "PYTHONUTF8": "1", "TERM": "dumb"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left_behind(folder: Path) -> list[str]:
    """Return the command lines of living processes that a demonstration in this folder has started."""
    mark = f"DOCAXIS_TEST_MARK={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and int(entry.name) != os.getpid()
                and (
                    mark in (entry / "environ").read_bytes()
                    or str(folder).encode() in (entry / "cmdline").read_bytes()
                    or (entry / "cwd").resolve().is_relative_to(folder)
                )
            ):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def ports_of(folder: Path) -> Iterator[int]:
    """Yield the ports that the configuration of the last run names."""
    for line in (folder / "config.toml").read_text().splitlines():
        key, _, value = line.partition(" = ")
        if key in {"port", "metrics_port"}:
            yield int(value)
        elif key == "url" and value.startswith('"amqp'):
            yield int(value.rpartition(":")[2].partition("/")[0])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_all_is_as_expected_and_nothing_is_left(folder: Path):
    demo = start(folder, "--once", "--json")
    out, said = demo.communicate(timeout=200)
    assert demo.returncode == 0, said
    summary = json.loads(out)
    assert summary["as_expected"] is True
    assert (
        summary["sent"]
        == 24
        == (summary["accepted"] + sum(summary["rejected"].values()) + summary["repeated"] + summary["deferred"])
    )
    assert summary["delivered"] == summary["fetched"] == 64
    assert summary["receipts"] == 25  # the deferred one was answered twice
    assert summary["rejected"]["SIG.REVOKED"] == 1
    assert len(summary["flows"]) == 9
    assert all(summary["flows"].values())
    assert summary["pages"] == 5
    assert left_behind(folder) == []
    assert not any(map(listens, ports_of(folder)))


@pytest.mark.parametrize(
    ("word", "number", "code"),
    [
        ("starting the private", signal.SIGINT, 130),
        ("connecting", signal.SIGHUP, 130),
        ("Ctrl-C ends it", signal.SIGTERM, 0),
        ("starting the hub", signal.SIGKILL, -9),
    ],
)
def test_a_signal_leaves_nothing(folder: Path, word: str, number: signal.Signals, code: int):
    demo = start(folder)
    assert demo.stdout is not None
    for line in demo.stdout:
        if word in line:
            break
    demo.send_signal(number)
    demo.stdout.read()
    assert demo.wait(PATIENCE_S) == code
    patience = time.monotonic() + (PATIENCE_S if number is signal.SIGKILL else 0)
    while left_behind(folder) and time.monotonic() < patience:
        time.sleep(0.1)
    assert left_behind(folder) == []


def test_after_all_those_signals_it_still_plays_and_two_can_run_side_by_side(folder: Path):
    both = [start(folder, "--once", "--json") for _ in range(2)]
    for demo in both:
        out, said = demo.communicate(timeout=200)
        assert demo.returncode == 0, said
        assert json.loads(out)["as_expected"] is True
    assert (folder.with_name("demo-2") / "config.toml").exists()
    assert left_behind(folder.parent) == []
