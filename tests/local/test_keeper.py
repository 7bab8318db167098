import os
import signal
import time
from pathlib import Path

import pytest

from docaxis.local.ports import free_ports
from docaxis.local.service import Service, ServiceError, kept_secret
from tests.waiting import PATIENCE_S

DAEMON = "(setsid sleep 300 & echo $! > daemon) ; "


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def start(folder: Path, script: str, stop_after_s: float = 5.0) -> Service:
    service = Service(folder)
    service.start(
        ["/bin/sh", "-c", script],
        {"PATH": os.environ["PATH"]},
        console=folder / "console.log",
        stop_signal=signal.SIGTERM,
        stop_after_s=stop_after_s,
    )
    return service


def awaited(path: Path) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if path.exists() and path.read_text().strip():
            return path.read_text().strip()
        time.sleep(0.02)
    raise AssertionError(path)


def test_stop_is_polite_and_takes_daemons_along(tmp_path: Path):
    service = start(
        tmp_path, DAEMON + "trap 'echo asked > asked; exit 0' TERM; echo up > up; while :; do sleep 0.05; done"
    )
    daemon = int(awaited(tmp_path / "daemon"))
    awaited(tmp_path / "up")
    service.stop()

    assert (tmp_path / "asked").read_text() == "asked\n"
    assert not alive(daemon)
    assert not service.running


def test_who_does_not_listen_is_ended_in_time(tmp_path: Path):
    service = start(tmp_path, "trap '' TERM; echo up > up; while :; do sleep 0.05; done", stop_after_s=0.3)
    awaited(tmp_path / "up")
    begun = time.monotonic()
    service.stop()

    assert time.monotonic() - begun >= 0.3
    assert not service.running


def test_kill_asks_nobody(tmp_path: Path):
    service = start(tmp_path, DAEMON + "trap 'echo asked > asked' TERM; echo up > up; while :; do sleep 0.05; done")
    daemon = int(awaited(tmp_path / "daemon"))
    awaited(tmp_path / "up")
    service.kill()

    assert not (tmp_path / "asked").exists()
    assert not alive(daemon)


def test_a_service_that_ends_by_itself_leaves_no_daemon(tmp_path: Path):
    service = start(tmp_path, DAEMON + "exit 3")
    daemon = int(awaited(tmp_path / "daemon"))
    until = time.monotonic() + PATIENCE_S
    while service.running and time.monotonic() < until:
        time.sleep(0.02)

    assert not service.running
    assert not alive(daemon)
    service.stop()


def test_the_scratch_path_is_kept_and_never_followed_into_another_folder(tmp_path: Path):
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    copy.mkdir()
    service = Service(first)
    scratch = service.make_scratch({"node": first})
    service.stop()
    assert not scratch.exists()

    again = Service(first)
    assert again.make_scratch({"node": first}) == scratch
    (copy / "scratch").write_text(f"{scratch}\n")
    with pytest.raises(ServiceError, match="copy"):
        Service(copy).make_scratch({"node": copy})
    again.stop()


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path):
    secret = kept_secret(tmp_path / "password")

    assert kept_secret(tmp_path / "password") == secret
    assert (tmp_path / "password").stat().st_mode & 0o777 == 0o600


def test_free_ports_differ():
    assert len(set(free_ports(8))) == 8
