"""The notifier of a hub process, put together from the configuration."""

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import structlog

from docaxis.backends.amqp import Broker
from docaxis.backends.control_changes import ControlChanges
from docaxis.backends.database import Database
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.subscriptions import SqlSubscriptions
from docaxis.backends.webhook_address import WebhookSettings
from docaxis.backends.webhooks import Webhooks
from docaxis.config import Config, ConfigError
from docaxis.hub.judged import Settings
from docaxis.hub.log_reading import LogReading
from docaxis.hub.metrics import Metrics
from docaxis.hub.notifier import Carrier, Notifier, Telling
from docaxis.hub.ports import Store

log = structlog.get_logger(__name__)


def webhook_settings(config: Config) -> WebhookSettings:
    """Return where webhooks may lead."""
    section = config.webhooks
    return WebhookSettings(
        frozenset(host.lower() for host in section.allowed_hosts),
        section.unsafe_http,
        section.timeout_s,
        section.ca_file,
    )


def carriers_of(
    stack: AsyncExitStack, config: Config, broker: Broker, token_of: Callable[[str], str | None]
) -> dict[str, Carrier]:
    """Return the ways to receivers, closed with the stack; raises ConfigError for a ca_file that cannot be read."""
    try:
        webhooks = Webhooks(webhook_settings(config))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"webhooks.ca_file: {error}") from None
    stack.push_async_callback(webhooks.close)
    changes = ControlChanges(broker, f"{config.hub.name} changes", token_of)
    stack.push_async_callback(changes.close)
    return {"webhook": webhooks, "amqp": changes}


def notifier_of(
    config: Config,
    settings: Settings,
    database: Database,
    store: Store,
    carriers: dict[str, Carrier],
    clock: Callable[[], datetime],
    metrics: Metrics,
) -> Notifier:
    """Return the notifier, not running yet."""
    if config.webhooks.unsafe_http:
        log.warning("webhooks.unsafe_http: changes may be told over http://, readable by anybody on the way")
    telling = Telling(
        settings.hub, settings.holder, config.webhooks.interval_s, timedelta(days=config.webhooks.give_up_days)
    )
    reading = LogReading(LogFacts(database))
    return Notifier(SqlSubscriptions(database), reading, carriers, store, settings.seal, telling, clock, metrics)
