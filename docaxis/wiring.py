"""The one place where a hub process is put together: configuration in, running tasks out."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import structlog
import uvloop
from aiohttp import web
from sqlalchemy.engine import make_url

from docaxis.api.blobs import blob_app
from docaxis.api.health import Check, health_app
from docaxis.backends import directory_files, migrate
from docaxis.backends.access import BlobAccess
from docaxis.backends.amqp import Broker, BrokerUnavailable, backoff_s
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.consume import Consumer
from docaxis.backends.database import Database
from docaxis.backends.inboxes import BrokerInboxes
from docaxis.backends.publish import Publisher
from docaxis.backends.registry import Registry
from docaxis.backends.sources import BrokerSource, read_fetched, read_message
from docaxis.backends.store import SqlStore
from docaxis.backends.world import World
from docaxis.config import Config, ConfigError, secret_url
from docaxis.domain import wire
from docaxis.edxml.limits import Limits
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.fetches import Fetches
from docaxis.hub.intake import Intake
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.runner import Runner, end_all, end_strays, until
from docaxis.hub.sequencer import Sequencer
from docaxis.hub.sweeper import Sweeper
from docaxis.hub.window import Window
from docaxis.logs import set_up_logs
from docaxis.trust.seal import Seal, load_seal

log = structlog.get_logger(__name__)

FETCHES_PREFETCH = 2_000
QUARANTINE_PREFETCH = 20
READY_TIMEOUT_S = 2.0
SHUTDOWN_TIMEOUT_S = 5.0

Made = TypeVar("Made")


def serve(config: Config) -> None:
    """Run one hub process until SIGTERM or SIGINT; raises ConfigError for what only a person can mend."""
    set_up_logs(config.log.level, json_lines=config.log.json_lines)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config))


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with hub_process(config, stop) as runner:
        if runner:
            await runner.run(stop)
    await end_strays(())
    log.info("hub stopped")


@asynccontextmanager
async def hub_process(config: Config, stop: asyncio.Event) -> AsyncIterator[Runner | None]:
    """Put a hub process together and take it apart again; None when `stop` came before broker and database did."""
    async with AsyncExitStack() as stack:
        clock = utc_now
        metrics = Metrics()
        holder = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        url = secret_url(config.store.url, config.store.password_file)
        broker = broker_of(config)
        seal = read_seal(config)
        # First of all: a process that waits for its database is alive, and says what it waits for.
        checks: dict[str, Check] = dict.fromkeys(("broker", "store"), _starting)
        await _listen(stack, health_app(checks, metrics.registry), config.http.metrics_host, config.http.metrics_port)

        database = await patiently(stop, lambda: _open_database(url, config.store.pool_size))
        if database is None:
            yield None
            return
        stack.push_async_callback(database.close)
        registry = Registry(database.engine)
        world = world_of(config, registry)
        await patiently(stop, world.load)
        if stop.is_set():
            yield None
            return
        await _background(stack, world.run(config.routing.registry_refresh_s, config.trust.refresh_s))

        store = SqlStore(database)
        blobs = FolderBlobs(config.hub.state_dir / "blobs")
        inboxes = BrokerInboxes(broker, f"{config.hub.name} inboxes", world.tokens)
        await _background(stack, _keep_declared(inboxes, world))
        publisher = Publisher(
            broker, f"{config.hub.name} publish", lambda e: world.tokens().get(e), config.limits.inline_limit_bytes
        )
        stack.push_async_callback(publisher.close)

        settings = Settings(
            hub=config.hub.name,
            seal=seal,
            holder=holder,
            lease=timedelta(seconds=config.intake.publish_lease_s),
            retry=timedelta(seconds=config.intake.deferred_retry_s),
            defer_limit=timedelta(hours=config.trust.defer_limit_hours),
            inline_limit_bytes=config.limits.inline_limit_bytes,
        )
        window = Window(config.limits.inbox_window, config.limits.inbox_window_bytes)
        dispatch = Dispatch(store, blobs, publisher, clock, metrics)
        intake = Intake(store, blobs, dispatch, lambda: world.snapshot, settings, window, clock, metrics)
        ingress = Consumer(
            broker,
            f"{config.hub.name} ingress",
            {
                wire.ingress_queue("urgent"): config.broker.prefetch_urgent,
                wire.ingress_queue("normal"): config.broker.prefetch_normal,
                wire.QUARANTINE_QUEUE: QUARANTINE_PREFETCH,
            },
            inboxes.declare_hub,
        )
        fetched = Consumer(
            broker, f"{config.hub.name} fetched", {wire.FETCHED_QUEUE: FETCHES_PREFETCH}, inboxes.declare_hub
        )
        access = BlobAccess(database, registry)
        checks.update(_checks(registry, ingress))
        metrics.watch_broker(lambda: ingress.connected)
        await _listen(stack, blob_app(blobs, access, config.limits.blob_bytes), config.http.host, config.http.port)
        log.info("hub started", hub=config.hub.name, broker=broker.safe_url, store=make_url(url).render_as_string())
        yield Runner(
            intake=intake,
            fetches=Fetches(store, clock, metrics),
            dispatch=dispatch,
            sweeper=Sweeper(
                store,
                blobs,
                inboxes,
                dispatch,
                intake,
                settings,
                window,
                clock,
                metrics,
                config.intake.sweep_interval_s,
                config.intake.inspect_interval_s,
            ),
            sequencer=Sequencer(store, holder, clock, metrics),
            ingress=BrokerSource(ingress, read_message),
            acknowledgements=BrokerSource(fetched, read_fetched),
            workers=config.intake.workers,
            batch_size=config.intake.batch_size,
            batch_wait_s=config.intake.batch_wait_ms / 1000,
        )


def utc_now() -> datetime:
    """Return the time; the only clock of a hub process."""
    return datetime.now(UTC)


def broker_of(config: Config) -> Broker:
    """Return where the broker is; raises ConfigError when the password file cannot be read."""
    section = config.broker
    return Broker(
        secret_url(section.url, section.password_file), section.ca_file, section.certificate_file, section.key_file
    )


def read_seal(config: Config) -> Seal:
    """Read the hub's key and certificate; raises ConfigError."""
    try:
        return load_seal(config.seal.key_file.read_bytes(), config.seal.certificate_file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"seal: {error}") from None


def world_of(config: Config, registry: Registry) -> World:
    """Return the world that the configuration describes, not loaded yet; raises ConfigError."""
    try:
        if config.routing.folder:
            shipped, policy = directory_files.read_folder(config.routing.folder)
        else:
            shipped, policy = directory_files.shipped(config.routing.configuration)
    except (OSError, ValueError) as error:
        raise ConfigError(f"routing: {error}") from None
    return World(
        registry,
        policy,
        (shipped.levels, shipped.branches),
        (config.trust.anchors_dir, config.trust.intermediates_dir, config.trust.crls_dir),
        config.trust.defer_limit_hours,
        Limits(package_bytes=config.limits.package_bytes, addressees=config.limits.addressees),
    )


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


async def _open_database(url: str, pool_size: int) -> Database:
    try:
        database = Database(url, pool_size=pool_size, alone=True)
    except StoreUnavailable as error:
        raise ConfigError(f"store: {error}") from None
    try:
        # A hub that runs under the writer's role may not change the schema: `docaxis db upgrade` has been run for it.
        if await migrate.current(url) != migrate.head():
            await migrate.upgrade(url)
    except BaseException:
        await database.close()
        raise
    return database


async def _keep_declared(inboxes: BrokerInboxes, world: World) -> None:
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


async def _starting() -> str | None:
    return "starting"


def _checks(registry: Registry, ingress: Consumer) -> dict[str, Check]:
    async def broker() -> str | None:
        return None if ingress.connected else "not consuming"

    async def store() -> str | None:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await registry.directory_version()
        except (StoreUnavailable, TimeoutError) as error:
            return str(error) or "too slow"
        return None

    return {"broker": broker, "store": store}


async def _background(stack: AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)

    async def end() -> None:
        await end_all([task])

    stack.push_async_callback(end)


async def _listen(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ConfigError(f"http: {host}:{port}: {error.strerror}") from None
