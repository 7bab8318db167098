"""Connects the cast: agencies and endpoints in the registry, their users and queues on the broker."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from docaxis.backends import directory_files, migrate
from docaxis.backends.amqp import Broker, connected
from docaxis.backends.database import Database
from docaxis.backends.declare import declare_hub, declare_queues
from docaxis.backends.management import ManagementError, definitions
from docaxis.backends.registry import Registry
from docaxis.backends.topology import Topology, inbox_queues
from docaxis.domain import wire
from docaxis.domain.directory import Directory
from docaxis.local.demo.cast import CONNECTED, endpoint_of
from docaxis.local.demo.files import write_private

_CHANNELS = 6
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Access:
    """What one endpoint logs in with: the random part of its queue names, its broker password, its token for blobs."""

    endpoint: str
    queue_token: str
    password: str = field(repr=False)
    token: str = field(repr=False)


class SecretsFile:
    """Passwords and tokens of the endpoints, made once and kept readable by the owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._kept: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._kept = {}

    def of(self, endpoint: str) -> dict[str, str]:
        """Return what is kept of an endpoint, to be filled in place."""
        return self._kept.setdefault(endpoint, {})

    def save(self) -> None:
        """Write the file, 0600."""
        write_private(self._path, json.dumps(self._kept, indent=1))


async def register(url: str, kept: SecretsFile, directory: Directory) -> dict[str, Access]:
    """Bring the store to the newest schema, and put in what it lacks of the shipped agencies and the cast's endpoints."""
    await migrate.upgrade(url)
    database = Database(url, pool_size=2)
    try:
        registry = Registry(database.engine)
        known = {one.endpoint_id: one for one in await registry.endpoints()}
        if {agency.organ_id for agency in await registry.agencies()} != set(directory.agencies):
            await registry.import_agencies(directory.agencies.values())
        connections = await registry.connections()
        now = datetime.now(UTC)
        for organ_id in CONNECTED:
            endpoint = endpoint_of(organ_id)
            own = kept.of(endpoint)
            own.setdefault("password", secrets.token_urlsafe(24))
            if endpoint not in known:
                agency = directory.find(organ_id)
                own["token"] = await registry.add_endpoint(endpoint, agency.name if agency else organ_id, now)
            elif "token" not in own:
                own["token"] = await registry.renew_token(endpoint)
            if connections.get(organ_id) != endpoint:
                await registry.connect(endpoint, [organ_id])
        kept.save()
        return {
            one.endpoint_id: Access(one.endpoint_id, one.queue_token, own["password"], own["token"])
            for one in await registry.endpoints()
            if (own := kept.of(one.endpoint_id))
        }
    finally:
        await database.close()


async def provision(broker_url: str, management_url: str, accesses: Mapping[str, Access]) -> None:
    """Make users, permissions and queues; repeats change nothing. Raises ManagementError, BrokerUnavailable."""
    await _import_users(broker_url, management_url, accesses)
    async with connected(Broker(broker_url), "docaxis demo set-up") as connection:
        channel = await connection.channel(publisher_confirms=False)
        await declare_hub(channel, Topology())
        # Queues of a quorum take their time one by one, and several channels go side by side.
        shares = [list(accesses.values())[start::_CHANNELS] for start in range(_CHANNELS)]

        async def declare(share: list[Access]) -> None:
            own = await connection.channel(publisher_confirms=False)
            for one in share:
                await declare_queues(own, inbox_queues(one.endpoint, one.queue_token), wire.INGRESS_EXCHANGE)

        await asyncio.gather(*map(declare, shares))


async def _import_users(broker_url: str, management_url: str, accesses: Mapping[str, Access]) -> None:
    """Hand the users over in one call; one by one they would be 150."""
    users: list[tuple[str, str, str | None]] = [
        (one.endpoint, one.queue_token, one.password) for one in accesses.values()
    ]
    body = definitions(users, vhost_of(broker_url))
    parts = urlsplit(management_url)
    base = f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path.rstrip('/')}"
    login = aiohttp.BasicAuth(unquote(parts.username or "guest"), unquote(parts.password or "guest"))
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(auth=login, timeout=timeout) as session,
            session.post(f"{base}/api/definitions", json=body) as answer,
        ):
            if answer.status >= 300:  # noqa: PLR2004 - HTTP's own border
                raise ManagementError(f"POST /api/definitions: {answer.status} {(await answer.text())[:300]}")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ManagementError(f"POST /api/definitions: {error or 'timed out'}") from error


def vhost_of(broker_url: str) -> str:
    """Return the virtual host of an AMQP address."""
    return unquote(urlsplit(broker_url).path.removeprefix("/")) or "/"


def shipped_directory() -> Directory:
    """Return the agencies of Vietnam from 2025-07-01."""
    return directory_files.shipped()[0]
