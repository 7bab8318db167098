"""The registry of the configured database, opened for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from docaxis.backends.directory_files import configured
from docaxis.backends.engine import open_reader, open_writer
from docaxis.backends.registry import Registry
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.config import Config, load_config, secret_url
from docaxis.domain.directory import Directory
from docaxis.domain.rules import Policy
from docaxis.hub.ports import StoreRefused


def read_config(path: Path) -> Config:
    """Read the configuration; raises ConfigError, and CommandError where there is no such file."""
    if not path.exists():
        raise CommandError(
            f"{path}: no such file; copy config.example.toml, or name one with --config", ExitCode.NOT_FOUND
        )
    return load_config(path)


@asynccontextmanager
async def opened_engine(config: Config, *, writes: bool = False) -> AsyncIterator[AsyncEngine]:
    """Open the database; a writer makes its schema where it is missing, a reader raises CommandError without one."""
    url = secret_url(config.store.url, config.store.password_file)
    if writes:
        from docaxis.backends import migrate  # only who writes pays for loading the migrations

        await migrate.upgrade(url)
    else:
        check_file(url)
    engine = open_writer(url, 1) if writes else open_reader(url, 1)
    try:
        yield engine
    except StoreRefused as error:
        raise CommandError(f"{error}; `docaxis db current` tells whether the schema is up to date") from None
    finally:
        await engine.dispose()


@asynccontextmanager
async def opened_registry(config: Config, *, writes: bool = False) -> AsyncIterator[Registry]:
    """Open the registry."""
    async with opened_engine(config, writes=writes) as engine:
        yield Registry(engine)


def check_file(url: str) -> None:
    """See that an SQLite file is there: a reader would make an empty one."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database and not Path(parts.database).exists():
        raise CommandError(f"{parts.database}: no such database; run `docaxis db upgrade` first", ExitCode.NOT_FOUND)


async def read_registered(config: Config, registry: Registry) -> tuple[Directory, Policy]:
    """Return the directory that is registered, with the configured rules; raises CommandError when it cannot be built."""
    structure, policy = configured(config.routing)
    connections = await registry.connections()
    try:
        directory = Directory.build(await registry.agencies(), structure.levels, connections, structure.branches)
    except ValueError as error:
        raise CommandError(f"the registered directory is not usable: {error}") from None
    return directory, policy
