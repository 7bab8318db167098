"""The one place where a hub process is put together."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from sqlalchemy.engine import make_url

from docaxis.api.blobs import blob_app
from docaxis.api.health import health_app
from docaxis.backends.access import BlobAccess
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.clock import DatabaseClock
from docaxis.backends.consume import Consumer
from docaxis.backends.deadlines import SqlDeadlines
from docaxis.backends.inboxes import BrokerInboxes
from docaxis.backends.publish import Publisher
from docaxis.backends.registry import Registry
from docaxis.backends.sources import BrokerSource, read_fetched, read_message
from docaxis.backends.store import SqlStore
from docaxis.config import Config, secret_url
from docaxis.domain import wire
from docaxis.hub.deadlines import Deadlines
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.fetches import Fetches
from docaxis.hub.intake import Intake
from docaxis.hub.metrics import Metrics
from docaxis.hub.runner import Runner
from docaxis.hub.sequencer import Sequencer
from docaxis.hub.sweeper import Sweeper
from docaxis.hub.watch import Watch
from docaxis.hub.window import Window
from docaxis.wiring.configured import broker_of, read_seal, settings_of, world_of
from docaxis.wiring.notifying import carriers_of, notifier_of
from docaxis.wiring.ready import checks_at_start, checks_of
from docaxis.wiring.start import background, keep_declared, listen, open_database, patiently
from docaxis.wiring.watched import of_broker, of_database, of_folder, of_seal, of_world

log = structlog.get_logger(__name__)

FETCHES_PREFETCH = 2_000
QUARANTINE_PREFETCH = 100


def utc_now() -> datetime:
    """Return the machine's time, which a hub process only compares with its database's."""
    return datetime.now(UTC)


@asynccontextmanager
async def hub_process(config: Config, stop: asyncio.Event) -> AsyncIterator[Runner | None]:
    """Put a hub process together and take it apart again; None when `stop` came before broker and database did."""
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        url = secret_url(config.store.url, config.store.password_file)
        broker = broker_of(config)
        seal = read_seal(config)
        metrics.watch(of_seal(seal) | of_folder(config.hub.state_dir))
        settings = settings_of(config, seal, f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}")
        # First of all: a process that waits for its database is alive, and says what it waits for.
        checks = checks_at_start()
        await listen(stack, health_app(checks, metrics.registry), config.http.metrics_host, config.http.metrics_port)

        database = await patiently(stop, lambda: open_database(config.store))
        if database is None:
            yield None
            return
        stack.push_async_callback(database.close)
        clock = DatabaseClock(database)
        await patiently(stop, clock.read)
        registry = Registry(database.engine)
        world = world_of(config, registry)
        await patiently(stop, world.load)
        if stop.is_set():
            yield None
            return
        await background(stack, clock.run())
        await background(stack, world.run(config.routing.registry_refresh_s, config.trust.refresh_s))

        store = SqlStore(database)
        blobs = FolderBlobs(config.hub.state_dir / "blobs")
        inboxes = BrokerInboxes(broker, f"{config.hub.name} inboxes", world.tokens)
        await background(stack, keep_declared(inboxes, world))
        publisher = Publisher(
            broker, f"{config.hub.name} publish", lambda e: world.tokens().get(e), config.limits.inline_limit_bytes
        )
        stack.push_async_callback(publisher.close)

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
        checks.update(checks_of(registry, ingress, blobs))
        for readers in (of_broker(ingress, fetched, publisher), of_database(database), of_world(world)):
            metrics.watch(readers)
        await background(stack, Watch(store, utc_now, metrics).run())
        carriers = carriers_of(stack, config, broker, lambda e: world.tokens().get(e))
        await background(stack, notifier_of(config, settings, database, store, carriers, clock, metrics).run())
        access = BlobAccess(database, registry)
        await listen(stack, blob_app(blobs, access, config.limits.blob_bytes), config.http.host, config.http.port)
        log.info("hub started", hub=config.hub.name, broker=broker.safe_url, store=make_url(url).render_as_string())
        yield Runner(
            intake=intake,
            fetches=Fetches(store, settings, clock, metrics),
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
            deadlines=Deadlines(
                SqlDeadlines(database),
                settings,
                clock,
                metrics,
                is_connected=lambda: ingress.connected,
                hub_away_share=config.deadlines.hub_away_share,
                monotonic=time.monotonic,
            ),
            sequencer=Sequencer(store, settings.holder, clock, metrics),
            ingress=BrokerSource(ingress, read_message),
            acknowledgements=BrokerSource(fetched, read_fetched),
            workers=config.intake.workers,
            batch_size=config.intake.batch_size,
            batch_wait_s=config.intake.batch_wait_ms / 1000,
        )
