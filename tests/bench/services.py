"""Broker and database of a bench: private ones in a temporary folder, or a broker of the caller's; started once a call."""

import asyncio
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

from docaxis.backends.management import Management
from docaxis.local.postgres import PrivatePostgres
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import Service
from tests.bench.plan import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run takes place: a fresh vhost, a fresh database, a folder."""

    broker_url: str
    store_url: str
    folder: Path


class Services:
    """An asynchronous context: broker and database run within it, and nothing of them is left after it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._folder = Path()
        self._broker: PrivateRabbitMQ | None = None
        self._postgres: PrivatePostgres | None = None

    @property
    def broker_pid(self) -> int | None:
        """Return the root of the private broker's process tree."""
        return keeper_pid(self._broker._service) if self._broker else None

    @property
    def database_pid(self) -> int | None:
        """Return the root of PostgreSQL's process tree; SQLite has no process of its own."""
        return keeper_pid(self._postgres._service) if self._postgres else None

    async def __aenter__(self) -> Self:
        """Start what is not given; raises ServiceError."""
        plan = self._plan
        plan.cache.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="run-", dir=plan.cache))
        try:
            if not plan.broker_url:
                self._broker = PrivateRabbitMQ(self._folder / "rabbitmq", downloads=plan.downloads)
                await asyncio.to_thread(self._broker.start)
            if plan.store == "postgresql":
                self._postgres = PrivatePostgres(self._folder / "postgres", downloads=plan.downloads, durable=True)
                await asyncio.to_thread(self._postgres.start)
        except BaseException:
            await self._take_down()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it all and delete the folder."""
        await self._take_down()

    async def place(self) -> Place:
        """Make a place for one run; raises ManagementError."""
        name = f"bench{secrets.token_hex(6)}"
        folder = self._folder / name
        folder.mkdir()
        if self._postgres:
            store_url = await asyncio.to_thread(self._postgres.create_database, name)
        else:
            store_url = f"sqlite+aiosqlite:///{folder / 'docaxis.db'}"
        return Place(await self._vhost(name), store_url, folder)

    async def _vhost(self, name: str) -> str:
        if self._broker:
            return await asyncio.to_thread(self._broker.create_vhost, name)
        if not self._plan.management_url:
            return self._plan.broker_url
        parts = urlsplit(self._plan.broker_url)
        async with Management(self._plan.management_url, name) as management:
            await management.put_vhost()
            rights = {"configure": ".*", "write": ".*", "read": ".*"}
            await management._call("PUT", f"/permissions/{name}/{quote(parts.username or 'guest')}", rights)
        return urlunsplit(parts._replace(path=f"/{name}"))

    async def leave(self, place: Place) -> None:
        """Give back what a run has filled."""
        name = place.folder.name
        if self._broker:
            await asyncio.to_thread(self._broker.delete_vhost, name)
        elif self._plan.management_url:
            async with Management(self._plan.management_url, name) as management:
                await management._call("DELETE", f"/vhosts/{name}", None)
        if self._postgres:
            await asyncio.to_thread(self._postgres.drop_database, name)
        shutil.rmtree(place.folder, ignore_errors=True)

    async def _take_down(self) -> None:
        # All that is in them is thrown away, so they are not asked politely.
        for service in (self._broker, self._postgres):
            if service:
                await asyncio.to_thread(service.kill)
        shutil.rmtree(self._folder, ignore_errors=True)


def keeper_pid(service: Service) -> int | None:
    """Return the process that keeps a service, the root of its tree."""
    return service._keeper.pid if service._keeper else None
