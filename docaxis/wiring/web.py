"""The one place where a web process is put together: the pages, beside the hub processes and never inside one."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web

from docaxis.api.health import Check, health_app
from docaxis.backends import migrate
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.clock import DatabaseClock
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.backends.registry import Registry
from docaxis.backends.world import World
from docaxis.config import Config, ConfigError, WebSection, secret_url
from docaxis.hub.ports import StoreUnavailable
from docaxis.logs import set_up_logs
from docaxis.web.metrics import WebMetrics
from docaxis.web.site import Site
from docaxis.wiring.configured import world_of
from docaxis.wiring.pages import pages_app
from docaxis.wiring.parts import Parts
from docaxis.wiring.plain_runner import PlainRunner
from docaxis.wiring.ready import store_check
from docaxis.wiring.signals import run_until_told
from docaxis.wiring.start import SHUTDOWN_TIMEOUT_S, background, listen, patiently

log = structlog.get_logger(__name__)

KEY_OCTETS = 32
_KEY_FILE = "web.key"


def serve_web(config: Config) -> None:
    """Run one web process until SIGTERM or SIGINT; raises ConfigError for what only a person can mend."""
    set_up_logs(config.log.level, json_lines=config.log.json_lines)

    async def serve(stop: asyncio.Event) -> None:
        async with web_process(config, stop) as address:
            if address:
                await stop.wait()

    run_until_told(serve)
    log.info("pages stopped")


@asynccontextmanager
async def web_process(config: Config, stop: asyncio.Event) -> AsyncIterator[str | None]:
    """Put a web process together and take it apart again; yields its address, None when `stop` came first."""
    async with AsyncExitStack() as stack:
        checks: dict[str, Check] = {"store": _starting}
        metrics = WebMetrics()
        await listen(stack, health_app(checks, metrics.registry), config.web.metrics_host, config.web.metrics_port)
        key = read_key(config.hub.state_dir)
        opened = _bound(config.web)
        stack.callback(opened.close)

        url = secret_url(config.store.url, config.store.password_file)
        database = Database(url, pool_size=config.store.pool_size, password_file=config.store.password_file)
        stack.push_async_callback(database.close)
        await patiently(stop, lambda: _schema_there(url))
        clock = DatabaseClock(database)
        await patiently(stop, clock.read)
        directory = Registry(database.engine)
        world = world_of(config, directory)
        await patiently(stop, world.load)
        if stop.is_set():
            yield None
            return
        await background(stack, clock.run())
        await background(stack, world.run(config.routing.registry_refresh_s, config.trust.refresh_s))
        queries = await stack.enter_async_context(Queries(url))
        clerk = await stack.enter_async_context(ClerkQueries(url))
        site = site_of(config, public_address(config.web, opened.getsockname()[1]), clock, world)
        parts = Parts(config, url, key, site, database, queries, clerk, world, clock, stack)
        app = await pages_app(parts, metrics=metrics)
        await _listen(stack, app, opened)
        checks["store"] = store_check(directory)
        log.info("pages started", address=site.public_url, test_data=site.test_data)
        yield site.public_url


def site_of(config: Config, address: str, clock: DatabaseClock, world: World) -> Site:
    """Return what every page knows of its surroundings."""
    return Site(
        hub=config.hub.name,
        public_url=address,
        now=clock,
        directory=lambda: world.snapshot.directory,
        policy=lambda: world.snapshot.policy,
        test_data=config.web.test_data,
    )


def public_address(section: WebSection, port: int) -> str:
    """Return the origin that browsers use; passkeys want a name, so this machine is `localhost` and not a number."""
    if section.public_url:
        return section.public_url
    host = "localhost" if section.host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else section.host  # noqa: S104 - compared
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def read_key(state_dir: Path) -> bytes:
    """Return the key with which the pages sign what they give away, made at the first start; raises ConfigError."""
    file = state_dir / _KEY_FILE
    fresh = file.with_name(f"{_KEY_FILE}.{secrets.token_hex(8)}")
    try:
        if not file.exists():
            state_dir.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(KEY_OCTETS))
            try:
                # Whole or not at all, and of two processes that start together one wins.
                os.link(fresh, file)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        key = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    if len(key) != KEY_OCTETS:
        raise ConfigError(f"{file}: {KEY_OCTETS} octets expected; remove it, and a new one is made")
    return key


async def _starting() -> str | None:
    return "starting"


async def _schema_there(url: str) -> None:
    """See that the schema is this program's; raises StoreUnavailable until somebody has brought it there."""
    found = await migrate.current(url)
    if found != migrate.head():
        raise StoreUnavailable(
            f"the schema is {found or 'missing'}, not {migrate.head()}: start the hub or run `docaxis db upgrade`"
        )


def _bound(section: WebSection) -> socket.socket:
    family = socket.AF_INET6 if ":" in section.host else socket.AF_INET
    try:
        return socket.create_server((section.host, section.port), family=family, backlog=256)
    except OSError as error:
        raise ConfigError(f"web: {section.host}:{section.port}: {error.strerror}") from None


async def _listen(stack: AsyncExitStack, app: web.Application, opened: socket.socket) -> None:
    # Streams of live changes never end by themselves: no long wait for them.
    runner = PlainRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, opened).start()
