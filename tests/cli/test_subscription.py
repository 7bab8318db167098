"""`subscription`: who is told, and whether he takes it; what would lead inside is refused."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from docaxis.cli.trouble import ExitCode
from tests.cli.conftest import CONFIG, Run
from tests.subscriber import Subscriber, subscribed

SECTIONS = """
[broker]
url = "amqp://hub@127.0.0.1:1/"
[webhooks]
allowed_hosts = ["127.0.0.1", "van-ban.example"]
"""


@pytest.fixture
def ready(configured: Run, pki: Path, tmp_path: Path) -> Run:
    seal = f'[seal]\nkey_file = "{pki / "hub.key.pem"}"\ncertificate_file = "{pki / "hub.cert.pem"}"\n'
    (tmp_path / "config.toml").write_text(CONFIG + SECTIONS + seal)
    result = configured("endpoint", "add", "nghe-an", "--out", "out")
    assert result.exit_code == 0, result.stderr
    return configured


@contextmanager
def listening(pki: Path) -> Iterator[Subscriber]:
    """Let a subscriber listen on a loop of its own, since the commands have theirs."""
    certificates = x509.load_pem_x509_certificates((pki / "hub.cert.pem").read_bytes())
    up = threading.Event()
    found: list[tuple[Subscriber, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        async with subscribed(certificates) as subscriber:
            found.append((subscriber, asyncio.get_running_loop(), asyncio.Event()))
            up.set()
            await found[0][2].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(10)
    subscriber, loop, stop = found[0]
    yield subscriber
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def listed(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("subscription", "list", "--json").stdout.splitlines()]


def test_added_tried_disabled_enabled_removed(ready: Run, pki: Path) -> None:
    with listening(pki) as subscriber:
        added = ready("subscription", "add", "nghe-an", "--webhook", subscriber.url)
        assert added.exit_code == 0, added.stderr
        name = added.stdout.strip()
        assert ready("subscription", "test", name[:30]).exit_code == 0
        assert subscriber.taken[0]["subscription"] == name
        assert subscriber.taken[0]["changes"] == []
        subscriber.status = 503
        failed = ready("subscription", "test", name)
        assert failed.exit_code == ExitCode.UNAVAILABLE
        assert "HTTP 503" in failed.stderr
    assert ready("subscription", "disable", name).exit_code == 0
    (one,) = listed(ready)
    assert (one["id"], one["endpoint"], one["kind"], one["failures"]) == (name, "nghe-an", "webhook", 0)
    assert one["disabled_at"]
    assert ready("subscription", "enable", name, "--from", "0").exit_code == 0
    assert listed(ready)[0]["disabled_at"] is None
    assert ready("subscription", "enable", name, "--from", "7").exit_code == ExitCode.USAGE
    assert name in ready("subscription", "list").stdout
    assert ready("subscription", "remove", name).exit_code == 0
    assert listed(ready) == []
    assert ready("subscription", "remove", name).exit_code == ExitCode.NOT_FOUND


def test_what_cannot_be_subscribed_is_said(ready: Run) -> None:
    add = ("subscription", "add", "nghe-an")
    for url in ("https://10.0.0.1/", "http://van-ban.example/", "https://u:p@van-ban.example/", "nonsense"):
        assert ready(*add, "--webhook", url).exit_code == ExitCode.REFUSED, url
    assert ready("subscription", "add", "nowhere", "--amqp").exit_code == ExitCode.NOT_FOUND
    assert ready(*add).exit_code == ExitCode.USAGE
    assert ready(*add, "--amqp", "--webhook", "https://van-ban.example/").exit_code == ExitCode.USAGE
    assert ready(*add, "--amqp").exit_code == 0
    twice = ready(*add, "--amqp")
    assert twice.exit_code == ExitCode.REFUSED
    assert "subscribed already" in twice.stderr
    unreachable = ready("subscription", "test", str(listed(ready)[0]["id"]))
    assert unreachable.exit_code == ExitCode.UNAVAILABLE
    assert "not taken" in unreachable.stderr
