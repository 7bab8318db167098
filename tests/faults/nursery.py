"""Processes by fork: one that has read all the code starts a hub in a tenth of the time that a new Python takes.

The harness talks to it in lines of JSON: a request to start, and of each child its pid and, once it has ended, its exit code.
It ends with the harness, and its children with it.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from queue import Queue
from typing import Any

from tests.faults.altered import alter
from tests.waiting import PATIENCE_S


class Born:
    """A child of the nursery, with as much of Popen as the harness uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = threading.Event()
        self._code: int | None = None

    def has_ended(self, code: int) -> None:
        """Note its exit code, negative for a signal."""
        self._code = code
        self._ended.set()

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended; raises TimeoutExpired."""
        if not self._ended.wait(timeout) or self._code is None:
            raise subprocess.TimeoutExpired("hub", timeout or 0)
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self._code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The harness's end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._born: Queue[Born] = Queue()
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def start(self, config_file: Path, environment: Mapping[str, str], log_file: Path) -> Born:
        """Start a hub."""
        argv = ["docaxis", "hub", "serve", "--config", str(config_file)]
        return self.run("docaxis.cli", argv, environment, log_file)

    def run(self, module: str, argv: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Born:
        """Start the program whose `main` is in a module."""
        request = {"module": module, "argv": list(argv), "environment": dict(environment), "log": str(log_file)}
        # It may be killed before it has opened it.
        log_file.write_bytes(b"")
        assert self._process.stdin
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return self._born.get(timeout=PATIENCE_S)

    def _read(self) -> None:
        running: dict[int, Born] = {}
        assert self._process.stdout
        for line in self._process.stdout:
            told: dict[str, int] = json.loads(line)
            if "code" in told:
                running.pop(told["pid"]).has_ended(told["code"])
            else:
                running[told["pid"]] = born = Born(told["pid"])
                self._born.put(born)


@cache
def nursery() -> Nursery:
    """Return this process's nursery, started when it is first asked for."""
    return Nursery()


def run() -> None:
    """Be the nursery: start what is asked for, tell who has ended."""
    # All the code of a hub and of an adapter, before the first fork.
    for name in ("docaxis.cli.hub", "docaxis.wiring", "adapters.folder"):
        importlib.import_module(name)
    children: set[int] = set()

    def tell(told: Mapping[str, int]) -> None:
        # Not through a buffer, which cannot be written to by a signal's handler while it is being written to.
        os.write(1, json.dumps(told).encode() + b"\n")

    def reap(*_: Any) -> None:
        for pid in list(children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                children.discard(pid)
                tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap)
    for line in iter(sys.stdin.readline, ""):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            _be_born(json.loads(line))
        children.add(pid)
        tell({"pid": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _be_born(request: Mapping[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for there, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(there, number)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(request["environment"])
    # They read the environment when they were imported.
    for name in ("docaxis.hub.failpoints", "adapters.failpoints"):
        importlib.reload(importlib.import_module(name))
    alter(os.environ)
    sys.argv = request["argv"]
    code: int | str | None = 1
    try:
        code = importlib.import_module(request["module"]).main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter would, to the log
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(bool(code)))


if __name__ == "__main__":
    run()
