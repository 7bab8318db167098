"""The tables of the hub itself."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from docaxis.config.section import MIB, Count, Minutes, Port, Section


class HubSection(Section):
    """Who this hub is and where it keeps its files."""

    name: str = "docaxis"
    state_dir: Path = Path("var")
    language: Literal["vi", "en"] = "vi"


class BrokerSection(Section):
    """RabbitMQ."""

    url: SecretStr = SecretStr("amqp://docaxis@127.0.0.1:5672/")
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    management_url: SecretStr | None = None
    public_url: str = ""
    prefetch_urgent: Count = 200
    prefetch_normal: Count = 400
    heartbeat_s: Count = 30
    publish_timeout_s: Annotated[float, Field(gt=0)] = 10.0


class StoreSection(Section):
    """The audit store: SQLite for one hub process, PostgreSQL for any number."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///var/docaxis.db")
    password_file: Path | None = None
    pool_size: Count = 6


class SealSection(Section):
    """The key and certificate chain (PEM) with which the hub signs receipts and delivery notes."""

    key_file: Path = Path("certs/hub.key.pem")
    certificate_file: Path = Path("certs/hub.cert.pem")


class TrustSection(Section):
    """Which signers are believed."""

    anchors_dir: Path = Path("certs/anchors")
    intermediates_dir: Path | None = None
    crls_dir: Path = Path("certs/crls")
    refresh_s: Count = 30
    defer_limit_hours: Count = 24


class RoutingSection(Section):
    """Levels, branches, lists and rules: a shipped configuration by name, or a folder of one's own that goes before it."""

    configuration: str = "vietnam-2025"
    folder: Path | None = None
    registry_refresh_s: Annotated[float, Field(gt=0)] = 2.0


class LimitsSection(Section):
    """Bounds on what comes in and what waits in the broker."""

    package_bytes: Count = 32 * MIB
    inline_limit_bytes: Count = 256 * 1024
    addressees: Count = 2_000
    blob_bytes: Count = 2 * 1024 * MIB
    inbox_window: Count = 1_000
    inbox_window_bytes: Count = 64 * MIB


class IntakeSection(Section):
    """How arrivals are gathered into transactions."""

    batch_size: Count = 100
    batch_wait_ms: Annotated[float, Field(ge=0, le=1000)] = 20.0
    workers: Count = 3
    publish_lease_s: Count = 30
    deferred_retry_s: Count = 60
    sweep_interval_s: Annotated[float, Field(gt=0)] = 1.0
    inspect_interval_s: Annotated[float, Field(gt=0)] = 20.0


class DeadlinesSection(Section):
    """The working day, and how long addressees have; times of day are Vietnam's."""

    working_day_begins: time = time(7, 30)
    working_day_ends: time = time(17, 0)
    urgent_minutes: Minutes = 240
    very_urgent_minutes: Minutes = 120
    immediate_minutes: Minutes = 60
    immediate_timed_minutes: Minutes = 30
    expire_at_due_date: bool = False
    hub_away_share: Annotated[float, Field(ge=0, le=1)] = 0.25
    holidays_file: Path | None = None

    @model_validator(mode="after")
    def _day_ends_after_it_begins(self) -> Self:
        if self.working_day_begins >= self.working_day_ends:
            raise ValueError("working_day_ends must be later than working_day_begins")
        return self


class HttpSection(Section):
    """The hub's HTTP: health, metrics and blobs; port 0 picks a free one."""

    host: str = "127.0.0.1"
    port: Port = 8460
    public_url: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9460


class WebhooksSection(Section):
    """Where messages about changes may be posted, and for how long a receiver that does not take them is tried."""

    allowed_hosts: list[str] = Field(default_factory=list)
    unsafe_http: bool = False
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    interval_s: Annotated[float, Field(gt=0)] = 1.0
    give_up_days: Annotated[float, Field(gt=0)] = 7.0

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        # The environment has no lists.
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class LogSection(Section):
    """Structured logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = True
