"""The web process as it is started: it waits for its database, answers on its own ports, and ends in order."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from docaxis.backends.migrate import upgrade
from docaxis.config import Config, ConfigError
from docaxis.local.ports import free_ports
from docaxis.wiring.web import public_address, read_key, web_process
from tests.waiting import PATIENCE_S
from tests.web.conftest import config_in


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (metrics,) = free_ports(1)
    named = {"STORE__URL": "sqlite+aiosqlite:///docaxis.db", "WEB__PORT": "0", "WEB__METRICS_PORT": str(metrics)}
    return config_in(tmp_path, {f"DOCAXIS__{name}": value for name, value in named.items()})


async def test_waits_for_its_database_and_serves(config: Config) -> None:
    stop, started = asyncio.Event(), asyncio.Event()
    found: list[str | None] = []
    health = f"http://127.0.0.1:{config.web.metrics_port}"

    async def run() -> None:
        async with web_process(config, stop) as address:
            found.append(address)
            started.set()
            await stop.wait()

    process = asyncio.create_task(run())
    async with ClientSession(timeout=ClientTimeout(PATIENCE_S)) as browser:
        for _ in range(100):
            await asyncio.sleep(0.05)
            try:
                async with browser.get(f"{health}/readyz") as answer:
                    assert answer.status == 503, "no schema yet"
                    break
            except OSError:
                continue
        async with browser.get(f"{health}/livez") as answer:
            assert answer.status == 200
        await upgrade(config.store.url.get_secret_value())
        await asyncio.wait_for(started.wait(), PATIENCE_S)
        address = found[0]
        assert address
        async with browser.get(f"{health}/readyz") as answer:
            assert answer.status == 200
        async with browser.get(f"{health}/metrics") as answer:
            assert "process_cpu_seconds_total" in await answer.text()
        async with browser.get(f"{address}/sign-in") as answer:
            assert answer.status == 200
        by_number = address.replace("localhost", "127.0.0.1")
        async with browser.get(f"{by_number}/sign-in?next=/x", allow_redirects=False) as answer:
            assert answer.headers["Location"] == f"{address}/sign-in?next=/x"
    stop.set()
    await asyncio.wait_for(process, PATIENCE_S)


async def test_ends_while_it_waits(config: Config) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    async with asyncio.timeout(PATIENCE_S), web_process(config, stop) as address:
        assert address is None


async def test_address_in_use_is_said(config: Config) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    taken = config.model_copy(update={"web": config.web.model_copy(update={"port": port})})
    with pytest.raises(ConfigError, match=f"web: 127.0.0.1:{port}"):
        async with web_process(taken, asyncio.Event()):
            pass
    server.close()


def test_key_is_made_once_for_nobody_elses_eyes(tmp_path: Path) -> None:
    """v5.0.0-13.3.1: a secret of its own, in a file that only the process's user reads."""
    key = read_key(tmp_path / "var")
    assert len(key) == 32
    assert read_key(tmp_path / "var") == key
    file = tmp_path / "var" / "web.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["web.key"]
    file.write_bytes(b"short")
    with pytest.raises(ConfigError, match=r"web\.key"):
        read_key(tmp_path / "var")


@pytest.mark.parametrize(
    ("host", "public_url", "expected"),
    [
        ("127.0.0.1", "", "http://localhost:8480"),
        ("0.0.0.0", "", "http://localhost:8480"),  # noqa: S104 - a configuration
        ("::1", "", "http://localhost:8480"),
        ("10.0.0.5", "", "http://10.0.0.5:8480"),
        ("fd00::5", "", "http://[fd00::5]:8480"),
        ("10.0.0.5", "https://Truc.example/", "https://truc.example"),
    ],
)
def test_public_address(tmp_path: Path, host: str, public_url: str, expected: str) -> None:
    config = config_in(tmp_path, {"DOCAXIS__WEB__HOST": host, "DOCAXIS__WEB__PUBLIC_URL": public_url})
    assert public_address(config.web, config.web.port) == expected


@pytest.mark.parametrize(
    "wrong", ["truc.example", "ftp://x", "https://u@x", "https://x/pages", "https://x?y", "https://"]
)
def test_public_address_is_an_origin(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match="public_url"):
        config_in(tmp_path, {"DOCAXIS__WEB__PUBLIC_URL": wrong})


def test_demonstration_wants_test_data(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="test_data"):
        config_in(tmp_path, {"DOCAXIS__WEB__UNSAFE_DEMO_SIGN_IN": "true"})
