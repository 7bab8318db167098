"""`endpoint`: registered, written out for its adapter, and made on the broker."""

import asyncio
import json
import shutil
import stat
from pathlib import Path
from urllib.parse import urlsplit

import aiormq
import pytest

from adapters.settings import read_settings
from docaxis.cli.trouble import ExitCode
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.cli.conftest import CONFIG, Run

# Nobody listens there: what is not declared now is declared by the hub later.
NO_BROKER = '[broker]\nurl = "amqp://hub@127.0.0.1:1/"\n'


@pytest.fixture
def ready(configured: Run, pki: Path, tmp_path: Path) -> Run:
    (tmp_path / "certs").mkdir()
    shutil.copy(pki / "hub.cert.pem", tmp_path / "certs")
    (tmp_path / "config.toml").write_text(CONFIG + NO_BROKER)
    return configured


def test_add_writes_what_an_adapter_needs(ready: Run, tmp_path: Path) -> None:
    result = ready("endpoint", "add", "nghe-an", "--agency", "000.00.00.H41", "--out", "out")
    assert result.exit_code == 0, result.stderr
    assert "definitions.json" in result.stderr
    assert "the hub does it when it sees the broker" in result.stderr
    settings = read_settings(tmp_path / "out" / "endpoint.toml")
    password = (tmp_path / "out" / "broker.password").read_text()
    assert settings.id == "nghe-an"
    assert settings.broker.url == f"amqp://nghe-an:{password}@127.0.0.1:1/%2F"
    assert settings.hub.token
    assert len(settings.hub.certificates) == 2
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()}
    assert set(modes.values()) == {0o600}
    users = json.loads((tmp_path / "out" / "definitions.json").read_text())
    assert users["users"][0]["name"] == "nghe-an"
    (listed,) = ready("endpoint", "list", "--json").stdout.splitlines()
    assert json.loads(listed)["agencies"] == ["H41"]
    assert password not in result.stdout + result.stderr + listed
    assert "nghe-an" in ready("endpoint", "list").stdout


def test_add_again_needs_a_word(ready: Run, tmp_path: Path) -> None:
    add = ("endpoint", "add", "nghe-an", "--out", "out")
    assert ready(*add, "--agency", "H41").exit_code == 0
    before = read_settings(tmp_path / "out" / "endpoint.toml")
    assert ready(*add).exit_code == ExitCode.REFUSED
    assert ready(*add, "--renew").exit_code == 0
    after = read_settings(tmp_path / "out" / "endpoint.toml")
    assert after.queue_token == before.queue_token
    assert after.hub.token != before.hub.token
    assert "for H41" in (tmp_path / "out" / "endpoint.toml").read_text()
    assert ready("endpoint", "add", "other", "--out", "o", "--renew").exit_code == ExitCode.NOT_FOUND


def test_agencies_stand_behind_one_endpoint(ready: Run) -> None:
    assert ready("endpoint", "add", "one", "--agency", "H41", "--out", "one").exit_code == 0
    taken = ready("endpoint", "add", "two", "--agency", "H41", "--out", "two")
    assert taken.exit_code == ExitCode.REFUSED
    assert "stands behind one" in taken.stderr
    assert ready("endpoint", "add", "two", "--agency", "H41", "--out", "two", "--move").exit_code == 0
    unknown = ready("endpoint", "add", "three", "--agency", "NOBODY", "--out", "three")
    assert unknown.exit_code == ExitCode.NOT_FOUND


def test_the_password_of_ones_own(ready: Run, tmp_path: Path) -> None:
    add = ("endpoint", "add", "own", "--out", "out", "--password-stdin")
    assert ready(*add, stdin=b"").exit_code == ExitCode.USAGE
    assert ready(*add, stdin=b"secret one\n").exit_code == 0
    assert (tmp_path / "out" / "broker.password").read_text() == "secret one"


def test_login_by_certificate(ready: Run, tmp_path: Path) -> None:
    assert ready("endpoint", "add", "own", "--out", "out", "--certificate-login").exit_code == 0
    settings = read_settings(tmp_path / "out" / "endpoint.toml")
    assert settings.broker.url.endswith("?auth=external")
    assert settings.broker.certificate_file == tmp_path / "out" / "client.cert.pem"
    assert not (tmp_path / "out" / "broker.password").exists()


def test_a_wrong_id_is_wrong_use(ready: Run) -> None:
    assert ready("endpoint", "add", "Nghệ An", "--out", "out").exit_code == ExitCode.USAGE


def test_the_hubs_certificate_must_be_there(ready: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "certs")
    assert ready("endpoint", "add", "own", "--out", "out").exit_code == ExitCode.NOT_FOUND
    assert ready("endpoint", "list", "--json").stdout == ""


@pytest.mark.broker
def test_on_a_real_broker(ready: Run, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path) -> None:
    login = f"{rabbitmq.user}:{rabbitmq.password}@"
    management = rabbitmq.management_url.replace("://", f"://{login}")
    broker = f'[broker]\nurl = "{vhost}"\nmanagement_url = "{management}"\n'
    (tmp_path / "config.toml").write_text(CONFIG + broker)
    result = ready("endpoint", "add", "nghe-an", "--agency", "H41", "--out", "out")
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    settings = read_settings(tmp_path / "out" / "endpoint.toml")
    queues = rabbitmq.management("GET", f"/api/queues{urlsplit(vhost).path}")
    assert isinstance(queues, list)
    made = {one["name"] for one in queues}
    assert {settings.queue(kind) for kind in ("urgent", "normal", "receipts", "control")} <= made
    assert not (tmp_path / "out" / "definitions.json").exists()
    assert asyncio.run(_can_read(settings.broker.url, settings.queue("normal")))


async def _can_read(url: str, queue: str) -> bool:
    connection = await aiormq.connect(url)
    try:
        channel = await connection.channel()
        return (await channel.basic_get(queue)).delivery_tag is None
    finally:
        await connection.close()
