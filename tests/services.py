"""Fixtures: one private RabbitMQ and one private PostgreSQL a session, a fresh vhost and a fresh database a test."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from docaxis.local.chromium import find_chromium
from docaxis.local.postgres import PrivatePostgres
from docaxis.local.promtool import find_promtool
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError
from docaxis.local.xmlsec import Program, find_xmlsec1

T = TypeVar("T")

DOWNLOADS = Path(__file__).resolve().parent.parent / "var" / "debian"

# Statistics every second, and at-least-once dead-lettering that looks again after 2 s instead of 180.
BROKER_SETTINGS = {"collect_statistics_interval": "1000"}
BROKER_ADVANCED = "[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 2000}, {quorum_tick_interval, 1000}]}]."
"""The second: how old the depths of quorum queues are that the management API tells."""


def needed(what: str, get: Callable[[], T]) -> T:
    """Give what `get` gives; where it cannot be had, skip at a desk and fail under CI."""
    try:
        return get()
    except ServiceError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI has no {what}: {error}", pytrace=False)
        pytest.skip(f"no {what} here: {error}")


def told(text: str) -> None:
    """Say what takes long, where `pytest -s` shows it."""
    print(text)


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbitMQ]:
    """One private node for the session; do not stop it: a fault test starts its own (`own_rabbitmq`)."""
    node = PrivateRabbitMQ(
        tmp_path_factory.mktemp("rabbitmq"),
        downloads=DOWNLOADS,
        settings=BROKER_SETTINGS,
        advanced_config=BROKER_ADVANCED,
        tell=told,
    )
    needed("RabbitMQ", node.start)
    yield node
    node.kill()


@pytest.fixture
def own_rabbitmq(tmp_path: Path) -> Iterator[PrivateRabbitMQ]:
    """A node of the test's own, to be killed and restarted at will (7 s)."""
    node = PrivateRabbitMQ(
        tmp_path / "rabbitmq",
        downloads=DOWNLOADS,
        settings=BROKER_SETTINGS,
        advanced_config=BROKER_ADVANCED,
        tell=told,
    )
    needed("RabbitMQ", node.start)
    yield node
    node.kill()


@pytest.fixture
def vhost(rabbitmq: PrivateRabbitMQ) -> Iterator[str]:
    """The AMQP address of a fresh vhost, as administrator; its name is the part after the last slash."""
    name = f"t{secrets.token_hex(8)}"
    yield rabbitmq.create_vhost(name)
    rabbitmq.delete_vhost(name)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    """One private server for the session, nothing synced."""
    server = PrivatePostgres(tmp_path_factory.mktemp("postgres"), downloads=DOWNLOADS, durable=False, tell=told)
    needed("PostgreSQL", server.start)
    yield server
    server.kill()


@pytest.fixture
def postgres_dsn(postgres: PrivatePostgres) -> Iterator[str]:
    """The SQLAlchemy address of a fresh PostgreSQL database."""
    name = f"t{secrets.token_hex(8)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of a fresh database, once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}"
    return str(request.getfixturevalue("postgres_dsn"))


@pytest.fixture(scope="session")
def xmlsec1() -> Program:
    """The xmlsec1 program, a judge of signatures that shares no code with lxml's and cryptography's Python."""
    return needed("xmlsec1", lambda: find_xmlsec1(DOWNLOADS, told))


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus's own judge of rules."""
    return needed("promtool", lambda: find_promtool(DOWNLOADS, told))


@pytest.fixture(scope="session")
def chromium() -> Program:
    """Chromium without a window, with its flags."""
    return needed("Chromium", lambda: find_chromium(DOWNLOADS, told))
