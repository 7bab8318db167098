"""Parts of a hub process that are made of the configuration alone; nothing is opened and nothing runs yet."""

from datetime import timedelta
from urllib.parse import unquote

from docaxis.backends.amqp import Broker
from docaxis.backends.directory_files import configured
from docaxis.backends.holidays import special_days
from docaxis.backends.registry import Registry
from docaxis.backends.world import World
from docaxis.config import Config, ConfigError, DeadlinesSection, secret_url
from docaxis.domain.calendar import WorkingCalendar
from docaxis.domain.deadline import DeadlinePolicy
from docaxis.domain.envelope import Priority
from docaxis.domain.urls import split_url
from docaxis.edxml.limits import Limits
from docaxis.hub.judged import Settings
from docaxis.trust.seal import Seal, load_seal


def broker_of(config: Config) -> Broker:
    """Return where the broker is; raises ConfigError when the password file cannot be read."""
    section = config.broker
    # It is read at each connection; that it can be read at all is asked once, while somebody is watching.
    secret_url(section.url, section.password_file)
    return Broker(
        section.url.get_secret_value(),
        section.ca_file,
        section.certificate_file,
        section.key_file,
        section.heartbeat_s,
        section.publish_timeout_s,
        section.password_file,
    )


def vhost_of(config: Config) -> str:
    """Return the virtual host of the hub's own broker address."""
    return unquote(split_url(config.broker.url.get_secret_value()).path.removeprefix("/")) or "/"


def read_seal(config: Config) -> Seal:
    """Read the hub's key and certificate; raises ConfigError."""
    try:
        return load_seal(config.seal.key_file.read_bytes(), config.seal.certificate_file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"seal: {error}") from None


def settings_of(config: Config, seal: Seal, holder: str) -> Settings:
    """Return what the hub's pure code needs of the configuration; `holder` names this process in leases.

    Raises ConfigError.
    """
    return Settings(
        hub=config.hub.name,
        seal=seal,
        holder=holder,
        lease=timedelta(seconds=config.intake.publish_lease_s),
        retry=timedelta(seconds=config.intake.deferred_retry_s),
        defer_limit=timedelta(hours=config.trust.defer_limit_hours),
        inline_limit_bytes=config.limits.inline_limit_bytes,
        deadlines=deadline_policy(config.deadlines),
    )


def deadline_policy(section: DeadlinesSection) -> DeadlinePolicy:
    """Return how long addressees have, over the shipped holidays and the operator's own; raises ConfigError."""
    return DeadlinePolicy(
        WorkingCalendar(special_days(section.holidays_file), section.working_day_begins, section.working_day_ends),
        {Priority.URGENT: section.urgent_minutes, Priority.VERY_URGENT: section.very_urgent_minutes},
        {
            Priority.IMMEDIATE: section.immediate_minutes,
            Priority.IMMEDIATE_TIMED: section.immediate_timed_minutes,
        },
        expire_at_due_date=section.expire_at_due_date,
    )


def world_of(config: Config, registry: Registry) -> World:
    """Return the world that the configuration describes, not loaded yet; raises ConfigError."""
    structure, policy = configured(config.routing)
    return World(
        registry,
        policy,
        (structure.levels, structure.branches),
        (config.trust.anchors_dir, config.trust.intermediates_dir, config.trust.crls_dir),
        config.trust.defer_limit_hours,
        Limits(package_bytes=config.limits.package_bytes, addressees=config.limits.addressees),
    )
