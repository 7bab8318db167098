"""docaxis under measure: real `docaxis hub serve` processes with a configuration of their own."""

import re
import signal
import tomllib
from pathlib import Path

import aiohttp

from docaxis.local.ports import free_ports
from tests.bench.corpus import Corpus
from tests.bench.programs import Programs
from tests.bench.services import Place

WINDOW_COPIES = 10_000_000
WINDOW_BYTES = 1 << 40
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_STEP = re.compile(r"docaxis_(\w+)_(?:duration_seconds_sum|cpu_seconds_total) ([0-9.e+-]+)$", re.MULTILINE)


class Hubs(Programs):
    """One or several hub processes on the same broker and database; of several the first is profiled."""

    def __init__(self, place: Place, corpus: Corpus, count: int, profile: Path | None = None) -> None:
        folders = [place.folder / f"hub-{number}" for number in range(count)]
        super().__init__(folders)
        self._configs = [folder / "config.toml" for folder in folders]
        self._metrics: list[str] = []
        self._profile = profile
        self._held = False
        for config in self._configs:
            port, metrics_port = free_ports(2)
            config.touch(mode=0o600)
            config.write_text(_config(place, corpus, port, metrics_port), encoding="utf-8")
            self._metrics.append(f"http://127.0.0.1:{metrics_port}")

    def words(self, number: int) -> list[str]:
        """Return `-m docaxis hub serve`, under the profiler where that is asked for."""
        program = ["docaxis"]
        if self._profile and not number:
            program = ["tests.bench.profiled", str(self._profile.absolute())]
        return ["-m", *program, "hub", "serve", "--config", str(self._configs[number])]

    def let_go(self) -> None:
        """Let them go on, and the profile begin."""
        super().let_go()
        if self._profile and self._held:
            self.signal(signal.SIGUSR1, self._services[:1])
        self._held = False

    def hold(self) -> None:
        """Stop them where they stand."""
        self._held = True
        super().hold()

    async def is_ready(self, number: int) -> bool:
        """Ask `/readyz`."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(f"{self._metrics[number]}/readyz") as answer,
            ):
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def steps(self) -> dict[str, float]:
        """Return the sums of the hubs' own histograms and clocks, in seconds by step."""
        sums: dict[str, float] = {}
        async with aiohttp.ClientSession() as session:
            for address in self._metrics:
                async with session.get(f"{address}/metrics") as answer:
                    for name, seconds in _STEP.findall(await answer.text()):
                        sums[name] = sums.get(name, 0.0) + float(seconds)
        return sums

    def warns(self, line: str) -> bool:
        """Return whether a line stands above `info`."""
        return '"level": "info"' not in line


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
