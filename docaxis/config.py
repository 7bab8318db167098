"""The configuration: `config.toml` → a validated model; environment variables `DOCAXIS__SECTION__KEY` go before the file.

Every key, its unit and its default stand in `config.example.toml`; a test compares the two. Secrets come by file or by
environment only.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

ENVIRONMENT_PREFIX = "DOCAXIS__"
MIB = 1024 * 1024

Count = Annotated[int, Field(gt=0)]
Minutes = Annotated[float, Field(gt=0, le=100_000)]
Port = Annotated[int, Field(ge=0, le=65535)]


class ConfigError(Exception):
    """The configuration cannot be used; the text names each key and what is wrong with it."""


class Section(BaseModel):
    """A table of the file; unknown keys are errors, since a misspelt key would silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class WebSection(Section):
    """The pages: a process of their own (`docaxis web serve`); port 0 picks a free one."""

    host: str = "127.0.0.1"
    port: Port = 8480
    public_url: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9480
    proxy_hops: Annotated[int, Field(ge=0, le=9)] = 0
    idle_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15.0
    session_hours: Annotated[float, Field(gt=0, le=7 * 24)] = 8.0
    endpoints_dir: Path = Path("web-endpoints")
    upload_bytes: Count = 60 * MIB
    files: Annotated[int, Field(gt=0, le=200)] = 30
    targets_file: Path | None = None
    test_data: bool = False
    unsafe_demo_sign_in: bool = False

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.username is not None):
            raise ValueError("http:// or https://, a host, and a port where it is not the usual one")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("nothing may stand behind the host and port: the pages are at its root")
        return value.rstrip("/").lower()

    @model_validator(mode="after")
    def _demo_is_no_real_data(self) -> Self:
        if self.unsafe_demo_sign_in and not self.test_data:
            raise ValueError("unsafe_demo_sign_in lets anybody in; it needs test_data = true")
        return self


class ApiSection(Section):
    """The API for systems, in the web process; with a certificate it also listens for clients that show one."""

    requests_per_minute: Count = 600
    upload_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 24.0
    tls_host: str = "127.0.0.1"
    tls_port: Port = 8481
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None

    @model_validator(mode="after")
    def _key_goes_with_certificate(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        return self


class OidcSection(Section):
    """People sign in through an identity provider (OpenID Connect, code flow); without an issuer they do not."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    login_claim: str = "preferred_username"
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _client_is_named(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("client_id is needed beside issuer")
        return self


class LogSection(Section):
    """Structured logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = True


class Config(Section):
    """The whole configuration."""

    hub: HubSection = HubSection()
    broker: BrokerSection = BrokerSection()
    store: StoreSection = StoreSection()
    seal: SealSection = SealSection()
    trust: TrustSection = TrustSection()
    routing: RoutingSection = RoutingSection()
    limits: LimitsSection = LimitsSection()
    intake: IntakeSection = IntakeSection()
    deadlines: DeadlinesSection = DeadlinesSection()
    http: HttpSection = HttpSection()
    webhooks: WebhooksSection = WebhooksSection()
    web: WebSection = WebSection()
    api: ApiSection = ApiSection()
    oidc: OidcSection = OidcSection()
    log: LogSection = LogSection()

    @model_validator(mode="after")
    def _inline_fits_package(self) -> Self:
        if self.limits.inline_limit_bytes > self.limits.package_bytes:
            raise ValueError("limits.inline_limit_bytes must not exceed limits.package_bytes")
        return self


def load_config(path: Path | None, environment: dict[str, str] | None = None) -> Config:
    """Read the file (none: defaults), put the environment's values over it, and resolve paths against the file's folder.

    Raises ConfigError.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    overlay(values, os.environ if environment is None else environment)
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise ConfigError(f"{path or 'configuration'}: {problems}") from None
    return _anchored(config, path.resolve().parent if path else Path.cwd())


def overlay(values: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Put `DOCAXIS__SECTION__KEY=value` over the file's values, in place."""
    for name, value in environment.items():
        section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if name.startswith(ENVIRONMENT_PREFIX) and key:
            values.setdefault(section, {})[key] = value


def _anchored(config: Config, folder: Path) -> Config:
    """Make relative paths relative to the configuration file, so that the working directory does not matter."""
    changed = {}
    for name in Config.model_fields:
        section = getattr(config, name)
        paths: dict[str, Path | SecretStr] = {
            key: folder / value
            for key in type(section).model_fields
            if isinstance(value := getattr(section, key), Path) and not value.is_absolute()
        }
        if name == "store" and (url := _anchored_sqlite(section.url.get_secret_value(), folder)):
            paths["url"] = SecretStr(url)
        if paths:
            changed[name] = section.model_copy(update=paths)
    return config.model_copy(update=changed)


def _anchored_sqlite(url: str, folder: Path) -> str | None:
    prefix = "sqlite+aiosqlite:///"
    rest = url.removeprefix(prefix)
    if not url.startswith(prefix) or rest.startswith(("/", ":")):
        return None
    return f"{prefix}{folder / rest}"


def secret_url(url: SecretStr, password_file: Path | None) -> str:
    """Return a URL with the password of password_file put in, where one is named; raises ConfigError."""
    return with_password(url.get_secret_value(), password_file)


def with_password(url: str, password_file: Path | None) -> str:
    """Return a plain URL with the password that password_file holds at this moment; raises ConfigError."""
    if password_file is None:
        return url
    password = read_password(password_file)
    parts = urlsplit(url)
    user = parts.username or "docaxis"
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))


def read_password(file: Path) -> str:
    """Return the password that a file holds, without the white space around it; raises ConfigError."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
