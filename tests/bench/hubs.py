"""The hub under measure: real child processes with a configuration of their own, that can be held and let go."""

import asyncio
import os
import signal
import sys
import time
import tomllib
from pathlib import Path

import aiohttp

from docaxis.config import ENVIRONMENT_PREFIX
from docaxis.local.keeper import descendants
from docaxis.local.ports import free_ports
from docaxis.local.service import Service, ServiceError, tail
from tests.bench.corpus import Corpus
from tests.bench.plan import ROOT
from tests.bench.processes import cpu_s, memory_mib
from tests.bench.services import Place, keeper_pid

_READY_S = 60.0
_STOP_AFTER_S = 30.0
WINDOW_COPIES = 10_000_000
WINDOW_BYTES = 1 << 40


class Hubs:
    """One or several hub processes on the same broker and database."""

    def __init__(self, place: Place, corpus: Corpus, count: int, profile: Path | None = None) -> None:
        self._services: list[Service] = []
        self._metrics: list[str] = []
        self._configs: list[Path] = []
        self._profile = profile
        for number in range(count):
            folder = place.folder / f"hub-{number}"
            folder.mkdir()
            port, metrics_port = free_ports(2)
            self._configs.append(folder / "config.toml")
            self._configs[-1].touch(mode=0o600)
            self._configs[-1].write_text(_config(place, corpus, port, metrics_port), encoding="utf-8")
            self._services.append(Service(folder))
            self._metrics.append(f"http://127.0.0.1:{metrics_port}")

    @property
    def cpu_s(self) -> float:
        """Return the CPU seconds of all of them so far."""
        return sum(cpu_s(keeper_pid(service)) for service in self._services)

    def memory_mib(self, field: str = "VmHWM") -> float:
        """Return the memory of the largest one in MiB."""
        return max(memory_mib(keeper_pid(service), field) for service in self._services)

    async def start(self) -> None:
        """Start one after the other (the first makes the tables); raises ServiceError."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(ENVIRONMENT_PREFIX)}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        for number, (service, config) in enumerate(zip(self._services, self._configs, strict=True)):
            # The first only: each would write the same file.
            program = (
                ["tests.bench.profiled", str(self._profile.absolute())] if self._profile and not number else ["docaxis"]
            )
            service.start(
                [sys.executable, "-m", *program, "hub", "serve", "--config", str(config)],
                environment,
                console=self._log(config),
                stop_signal=signal.SIGTERM,
                stop_after_s=_STOP_AFTER_S,
            )
            await self._ready(number)

    async def stop(self) -> None:
        """Let them drain and end."""
        self.let_go()
        for service in self._services:
            await asyncio.to_thread(service.stop)

    def hold(self) -> None:
        """Stop them where they stand (SIGSTOP), while the ingress is filled."""
        self._signal(signal.SIGSTOP)

    def let_go(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    async def steps(self) -> dict[str, tuple[float, float]]:
        """Return the hubs' own histograms, summed: name → (seconds, count)."""
        sums: dict[str, tuple[float, float]] = {}
        async with aiohttp.ClientSession() as session:
            for address in self._metrics:
                async with session.get(f"{address}/metrics") as answer:
                    found = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if line[:1] != "#")
                for name in ("decide", "commit"):
                    seconds, count = sums.get(name, (0.0, 0.0))
                    full = f"docaxis_{name}_duration_seconds"
                    sums[name] = seconds + float(found[f"{full}_sum"]), count + float(found[f"{full}_count"])
        return sums

    def warnings(self) -> list[str]:
        """Return the log lines above `info`: a run with any of them measured something else."""
        lines = [
            line for config in self._configs for line in self._log(config).read_text(encoding="utf-8").splitlines()
        ]
        return [line for line in lines if '"level": "info"' not in line]

    def _signal(self, number: signal.Signals) -> None:
        for service in self._services:
            if (keeper := keeper_pid(service)) and service.running:
                for pid in descendants(keeper):
                    os.kill(pid, number)

    @staticmethod
    def _log(config: Path) -> Path:
        return config.with_name("hub.log")

    async def _ready(self, number: int) -> None:
        until = time.monotonic() + _READY_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while time.monotonic() < until and self._services[number].running:
                try:
                    async with session.get(f"{self._metrics[number]}/readyz") as answer:
                        if answer.ok:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.05)
        raise ServiceError(f"the hub is not ready\n{tail(self._log(self._configs[number]))}")


def _config(place: Place, corpus: Corpus, port: int, metrics_port: int) -> str:
    key, certificate = corpus.hub
    tables: dict[str, dict[str, str | int]] = {
        "hub": {"name": "bench hub", "state_dir": str(place.folder / "state")},
        "broker": {"url": place.broker_url},
        "store": {"url": place.store_url},
        "seal": {"key_file": str(key), "certificate_file": str(certificate)},
        "trust": {f"{name}_dir": str(corpus.pki / name) for name in ("anchors", "intermediates", "crls")},
        # Nobody receives while the clock runs, so the window must never be what is measured.
        "limits": {"inbox_window": WINDOW_COPIES, "inbox_window_bytes": WINDOW_BYTES},
        "http": {"port": port, "metrics_port": metrics_port},
    }
    lines = []
    for name, values in tables.items():
        lines.append(f"[{name}]")
        lines += [
            f"{key} = '{value}'" if isinstance(value, str) else f"{key} = {value}" for key, value in values.items()
        ]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)  # a folder with an apostrophe in its name would break it here, with its place
    return text
