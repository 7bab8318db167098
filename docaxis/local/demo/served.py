"""The hub and the pages as real processes of their own, which end when this one does, however this one ends."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import aiohttp

import docaxis
from docaxis.config import ENVIRONMENT_PREFIX
from docaxis.local.service import Service, ServiceError, tail

_STOP_AFTER_S = 15.0
_READY_S = 60.0


class Served:
    """`docaxis NOUN serve` under a keeper, as `hub` or `web`; its log goes to a file."""

    def __init__(self, noun: str, folder: Path, config: Path, log: Path, health_url: str) -> None:
        self._noun = noun
        self._service = Service(folder)
        self._config = config
        self._log = log
        self._health_url = health_url

    @property
    def running(self) -> bool:
        """Whether it is alive."""
        return self._service.running

    def start(self) -> None:
        """Start it; raises ServiceError where another one runs in this folder."""
        self._log.unlink(missing_ok=True)
        # What the caller's environment says of another hub is none of this one's business.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(ENVIRONMENT_PREFIX)}
        root = str(Path(docaxis.__file__).resolve().parent.parent)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH", ""))))
        environment["PYTHONUTF8"] = "1"
        self._service.start(
            [sys.executable, "-m", "docaxis", self._noun, "serve", "--config", str(self._config)],
            environment,
            console=self._log,
            stop_signal=signal.SIGTERM,
            stop_after_s=_STOP_AFTER_S,
        )

    async def ready(self) -> None:
        """Return when it is ready; raises ServiceError with its last words when it ended or took too long."""
        until = time.monotonic() + _READY_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while time.monotonic() < until:
                if not self.running:
                    raise ServiceError(f"the {self._noun} process ended; its log is {self._log}\n{tail(self._log)}")
                try:
                    async with session.get(f"{self._health_url}/readyz") as answer:
                        if answer.ok:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    pass  # it does not listen yet
                await asyncio.sleep(0.05)
        waited = f"the {self._noun} process was not ready within {_READY_S:.0f} s"
        raise ServiceError(f"{waited}; its log is {self._log}\n{tail(self._log)}")

    def stop(self) -> None:
        """Let it drain and end."""
        self._service.stop()
