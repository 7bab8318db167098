"""A hub as a real child process: started, killed, asked to stop, and asked how it is."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from docaxis.config import load_config
from tests.waiting import PATIENCE_S, eventually, fetch


class Process(Protocol):
    """A child process: as much of Popen as is used here."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


Start = Callable[[Path, Mapping[str, str], Path], Process]
"""Starts a hub with a configuration file and an environment; what it says goes to the second file."""


def start_python(
    config_file: Path, environment: Mapping[str, str], log_file: Path, within: Sequence[str] = ()
) -> Process:
    """Start a hub as everybody does; `within`: by a command that becomes it, as `nsenter … --` does."""
    argv = [*within, sys.executable, "-m", "docaxis", "hub", "serve", "--config", str(config_file)]
    with log_file.open("wb") as log:
        return subprocess.Popen(argv, env=environment, stdout=log, stderr=log)


class HubChild:
    """A hub as a child process; whatever is left of it ends with the block."""

    def __init__(
        self,
        config_file: Path,
        failpoint: str = "",
        start: Start = start_python,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.config = load_config(config_file, {})
        self.config_file = config_file
        self.log_file = config_file.with_suffix(".log")
        self._start = start
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCAXIS_")}
        self._environment |= {"DOCAXIS_FAILPOINT": failpoint, **(environment or {})}
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self._process = self._start(self.config_file, self._environment, self.log_file)
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if error is not None:
            print(self.log[-4000:])

    @property
    def process(self) -> Process:
        """Return the running process."""
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        """Return what it has said so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    async def ended(self, patience_s: float = PATIENCE_S) -> int:
        """Wait for its end and return the exit code, -9 after SIGKILL."""
        return await asyncio.to_thread(self.process.wait, patience_s)

    async def terminate(self, patience_s: float = PATIENCE_S) -> int:
        """Ask it to stop by SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(patience_s)

    async def ready(self) -> None:
        """Wait until it says that it can do its work."""

        async def is_ready() -> bool:
            assert self.process.poll() is None, self.log[-4000:]
            return (await self.get("/readyz"))[0] == 200

        await eventually("ready", is_ready)

    async def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a path on the loopback port; status 0 while nobody listens."""
        return await fetch(f"http://127.0.0.1:{self.config.http.metrics_port}{path}")
