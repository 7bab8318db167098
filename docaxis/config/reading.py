"""A configuration read from its file and the environment, its paths made absolute."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr, ValidationError, model_validator

from docaxis.config.hub import (
    BrokerSection,
    DeadlinesSection,
    HttpSection,
    HubSection,
    IntakeSection,
    LimitsSection,
    LogSection,
    RoutingSection,
    SealSection,
    StoreSection,
    TrustSection,
    WebhooksSection,
)
from docaxis.config.pages import ApiSection, OidcSection, WebSection
from docaxis.config.section import ConfigError, Section

ENVIRONMENT_PREFIX = "DOCAXIS__"


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
