"""`desk`: a person before the real pages; how to use it stands in tests/web/desk.py."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.engine import make_url

from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.backends.directory_files import shipped
from docaxis.backends.queries import Queries
from docaxis.backends.registry import Registry
from docaxis.config import Config, load_config
from docaxis.web.site import Site
from docaxis.wiring.configured import world_of
from docaxis.wiring.pages import AREAS, Area, pages_app
from docaxis.wiring.parts import Parts
from tests.schema import newest
from tests.web.desk import ORIGIN, Clock, Desk


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the schema and the shipped agencies, made once and copied for each test."""
    file = tmp_path_factory.mktemp("pages") / "filled.db"
    asyncio.run(_fill(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def desk_url(tmp_path: Path) -> str:
    """The database of the desk; for both kinds let a module's own `desk_url` return the fixture `database_url`."""
    return f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}"


@pytest.fixture
def desk_config(tmp_path: Path) -> Config:
    """The configuration; override to change it (`load_config(None, {"DOCAXIS__WEB__…": …})`)."""
    return config_in(tmp_path, {"DOCAXIS__WEB__TEST_DATA": "true"})


def config_in(folder: Path, environment: Mapping[str, str]) -> Config:
    """Return a configuration whose files lie in a folder, trust folders made."""
    (folder / "certs" / "anchors").mkdir(parents=True, exist_ok=True)
    (folder / "certs" / "crls").mkdir(exist_ok=True)
    file = folder / "config.toml"
    if not file.exists():
        file.write_text("", encoding="utf-8")
    return load_config(file, dict(environment))


@pytest.fixture
def desk_areas() -> Sequence[Area]:
    """The areas of the application: all that are registered."""
    return AREAS


@pytest.fixture
def desk_ports() -> Mapping[web.AppKey[Any], Any]:
    """Ports that take the place of the real ones."""
    return {}


@pytest.fixture
async def desk(
    desk_url: str,
    desk_config: Config,
    desk_areas: Sequence[Area],
    desk_ports: Mapping[web.AppKey[Any], Any],
    filled_file: Path,
) -> AsyncIterator[Desk]:
    """The real application on a real database; see tests/web/desk.py."""
    target = make_url(desk_url)
    if target.get_backend_name() == "sqlite":
        shutil.copy(filled_file, str(target.database))
    else:
        await _fill(desk_url)
    clock = Clock()
    async with AsyncExitStack() as stack:
        database = Database(desk_url)
        stack.push_async_callback(database.close)
        world = world_of(desk_config, Registry(database.engine))
        await world.load()
        site = Site(
            "docaxis", desk_config.web.public_url or ORIGIN, clock, lambda: world.snapshot.directory,
            lambda: world.snapshot.policy, desk_config.web.test_data,
        )  # fmt: skip
        queries = await stack.enter_async_context(Queries(desk_url))
        clerk = await stack.enter_async_context(ClerkQueries(desk_url))
        parts = Parts(desk_config, desk_url, b"k" * 32, site, database, queries, clerk, world, clock, stack)
        app = await pages_app(parts, desk_areas)
        for key, port in desk_ports.items():
            app[key] = port
        client = await stack.enter_async_context(TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)))
        yield Desk(client, app, database, desk_url, clock)


async def _fill(url: str) -> None:
    await newest(url)
    database = Database(url)
    try:
        directory, _ = shipped()
        await Registry(database.engine).import_agencies(directory.agencies.values())
    finally:
        await database.close()
