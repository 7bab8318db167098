"""Child processes under measure: started one after the other, held and let go together, their CPU and memory read."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from docaxis.config import ENVIRONMENT_PREFIX
from docaxis.local.keeper import descendants
from docaxis.local.service import Service, ServiceError, tail
from tests.bench.plan import ROOT
from tests.bench.processes import cpu_s, memory_mib
from tests.bench.services import keeper_pid

_STOP_AFTER_S = 30.0


class Programs:
    """One or several processes that do the same work; a subclass says how they are called and when one is ready."""

    ready_s = 60.0
    """How long one may take until it is at work."""

    def __init__(self, folders: list[Path]) -> None:
        for folder in folders:
            folder.mkdir()
        self._services = [Service(folder) for folder in folders]
        self._logs = [folder / "console.log" for folder in folders]

    def words(self, number: int) -> list[str]:
        """Return the words after the interpreter that start one of them."""
        raise NotImplementedError

    async def is_ready(self, number: int) -> bool:
        """Return whether one of them is at work."""
        raise NotImplementedError

    async def steps(self) -> dict[str, float]:
        """Return the seconds that they say to have spent so far, by step; nothing where they say nothing."""
        return {}

    @property
    def cpu_s(self) -> float:
        """Return the CPU seconds of all of them so far."""
        return sum(cpu_s(keeper_pid(service)) for service in self._services)

    @property
    def running(self) -> bool:
        """Return whether all of them are there."""
        return all(service.running for service in self._services)

    def memory_mib(self, field: str = "VmHWM") -> float:
        """Return the memory of the largest one in MiB."""
        return max(memory_mib(keeper_pid(service), field) for service in self._services)

    async def start(self) -> None:
        """Start one after the other (the first makes the tables); raises ServiceError."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(ENVIRONMENT_PREFIX)}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        for number, (service, log) in enumerate(zip(self._services, self._logs, strict=True)):
            service.start(
                [sys.executable, *self.words(number)],
                environment,
                console=log,
                stop_signal=signal.SIGTERM,
                stop_after_s=_STOP_AFTER_S,
            )
            until = time.monotonic() + self.ready_s
            while not await self.is_ready(number):
                if time.monotonic() > until or not service.running:
                    raise ServiceError(f"{self.words(number)} is not ready\n{tail(log)}")
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Let them end in order."""
        self.let_go()
        for service in self._services:
            await asyncio.to_thread(service.stop)

    def hold(self) -> None:
        """Stop them where they stand (SIGSTOP), while the ingress is filled."""
        self.signal(signal.SIGSTOP, self._services)

    def let_go(self) -> None:
        """Let them go on."""
        self.signal(signal.SIGCONT, self._services)

    def warnings(self) -> list[str]:
        """Return what they said that they should not have had to say: a run with any of it measured something else."""
        return [line for log in self._logs for line in log.read_text(encoding="utf-8").splitlines() if self.warns(line)]

    def warns(self, line: str) -> bool:
        """Return whether a line of a log is a complaint."""
        return line != "ready"

    def said(self) -> str:
        """Return the end of their logs."""
        return "\n".join(tail(log) for log in self._logs)

    @staticmethod
    def signal(number: signal.Signals, services: Sequence[Service]) -> None:
        """Send a signal to all processes of some of them."""
        for service in services:
            if (keeper := keeper_pid(service)) and service.running:
                for pid in descendants(keeper):
                    os.kill(pid, number)
