"""The pages under measure: a real `docaxis web serve` process with a configuration of its own, and what it costs."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from docaxis.local.ports import free_ports
from tests.bench.corpus import Corpus
from tests.bench.million import ENDPOINTS
from tests.bench.programs import Programs
from tests.bench.services import Place, keeper_pid

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_DAY_MINUTES = 24 * 60


class WebProcess(Programs):
    """One process of the pages; agencies named get a web endpoint, so that their clerks may act."""

    ready_s = 240.0

    def __init__(self, place: Place, corpus: Corpus, agencies: tuple[str, ...] = ()) -> None:
        folder = place.folder / "web"
        super().__init__([folder])
        port, self._metrics_port = free_ports(2)
        self.address = f"http://localhost:{port}"
        shelf = folder / "endpoints"
        for organ_id in agencies:
            _put_endpoint(shelf / organ_id.lower(), place, corpus, organ_id)
        self._config = folder / "config.toml"
        self._config.touch(mode=0o600)
        self._config.write_text(_config(place, corpus, (port, self._metrics_port), shelf), encoding="utf-8")

    @property
    def pid(self) -> int | None:
        """Return the root of its process tree."""
        return keeper_pid(self._services[0])

    def words(self, number: int) -> list[str]:
        """Return `-m docaxis web serve`."""
        del number
        return ["-m", "docaxis", "web", "serve", "--config", str(self._config)]

    async def is_ready(self, number: int) -> bool:
        """Ask `/readyz`."""
        del number
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(f"http://127.0.0.1:{self._metrics_port}/readyz") as answer,
            ):
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    def warns(self, line: str) -> bool:
        """Return whether a line is an error of its own; that a broker is not there is none."""
        return '"level": "error"' in line or line.startswith("Traceback")


def _put_endpoint(folder: Path, place: Place, corpus: Corpus, organ_id: str) -> None:
    """Write the folder of a web endpoint; its key is that of the bench's hub: nobody asks it to sign anything."""
    key, certificate = corpus.hub
    folder.mkdir(parents=True)
    broker = urlsplit(place.broker_url)
    netloc = f"{broker.username}@{broker.hostname}:{broker.port}"
    secret = folder / "broker-password"
    secret.touch(mode=0o600)
    secret.write_text(broker.password or "", encoding="utf-8")
    file = folder / "endpoint.toml"
    file.touch(mode=0o600)
    file.write_text(
        _toml(
            {
                "endpoint": {"id": f"e{int(organ_id[1:]) % ENDPOINTS}", "queue_token": "0" * 32},
                "broker": {"url": urlunsplit(broker._replace(netloc=netloc)), "password_file": str(secret)},
                "hub": {"url": "http://127.0.0.1:9", "certificate_file": str(certificate)},
                "state": {"dir": str(folder / "state")},
                "signing": {"organ_id": organ_id, "key_file": str(key), "certificate_file": str(certificate)},
            }
        ),
        encoding="utf-8",
    )


def _config(place: Place, corpus: Corpus, ports: tuple[int, int], shelf: Path) -> str:
    key, certificate = corpus.hub
    return _toml(
        {
            "hub": {"name": "bench hub", "state_dir": str(place.folder / "web-state")},
            "broker": {"url": place.broker_url},
            "store": {"url": place.store_url},
            "seal": {"key_file": str(key), "certificate_file": str(certificate)},
            "trust": {f"{name}_dir": str(corpus.pki / name) for name in ("anchors", "intermediates", "crls")},
            "http": {"port": 0, "metrics_port": 0},
            "web": {
                "port": ports[0], "metrics_port": ports[1], "idle_minutes": _DAY_MINUTES, "session_hours": 24,
                "endpoints_dir": str(shelf),
            },
        }
    )  # fmt: skip


def _toml(tables: dict[str, dict[str, str | int]]) -> str:
    lines = []
    for name, values in tables.items():
        lines.append(f"[{name}]")
        lines += [
            f"{key} = '{value}'" if isinstance(value, str) else f"{key} = {value}" for key, value in values.items()
        ]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)  # a folder with an apostrophe in its name would break it here, with its place
    return text
