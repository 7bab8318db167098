"""What a hub process opens and keeps up while it comes to life, and takes apart when it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import structlog
from aiohttp import web

from docaxis.backends import migrate
from docaxis.backends.amqp import BrokerUnavailable, backoff_s
from docaxis.backends.database import Database
from docaxis.backends.engine import StoreTaken
from docaxis.backends.inboxes import BrokerInboxes
from docaxis.backends.world import World
from docaxis.config import ConfigError, StoreSection, secret_url
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.runner import end_all, until

log = structlog.get_logger(__name__)

SHUTDOWN_TIMEOUT_S = 5.0

Made = TypeVar("Made")


async def patiently(stop: asyncio.Event, work: Callable[[], Awaitable[Made]]) -> Made | None:
    """Try until it works, waiting a little longer each time; None when `stop` comes first."""
    attempt = 0
    while not stop.is_set():
        try:
            return await work()
        except (StoreUnavailable, BrokerUnavailable) as error:
            log.warning("waiting", error=str(error))
        attempt += 1
        await until(stop, asyncio.sleep(backoff_s(attempt)))
    return None


async def open_database(section: StoreSection) -> Database:
    """Open the database and bring its schema up to date; raises StoreUnavailable, and ConfigError for a file in use."""
    url = secret_url(section.url, section.password_file)
    try:
        database = Database(url, pool_size=section.pool_size, alone=True, password_file=section.password_file)
    except StoreTaken as error:
        raise ConfigError(f"store: {error}") from None
    try:
        # A hub that runs under the writer's role may not change the schema: `docaxis db upgrade` has been run for it.
        if await migrate.current(url) != migrate.head():
            await migrate.upgrade(url)
    except BaseException:
        await database.close()
        raise
    return database


async def keep_declared(inboxes: BrokerInboxes, world: World) -> None:
    """Declare every endpoint's queues at the start and whenever the registry changed."""
    attempt = 0
    while True:
        await world.changed.wait()
        world.changed.clear()
        try:
            await inboxes.declare()
            attempt = 0
        except BrokerUnavailable as error:
            log.warning("queues not declared yet", error=str(error))
            world.changed.set()
            attempt += 1
            await asyncio.sleep(backoff_s(attempt))


async def background(stack: AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
    """Let the work run until the stack is unwound."""
    task = asyncio.create_task(work)

    async def end() -> None:
        await end_all([task])

    stack.push_async_callback(end)


async def listen(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> None:
    """Serve HTTP until the stack is unwound; raises ConfigError when the address cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ConfigError(f"http: {host}:{port}: {error.strerror}") from None
