"""The effective configuration as an administrator may see it: every key, secrets only as set or not set."""

from urllib.parse import urlunsplit

from pydantic import SecretStr

from docaxis.config import Config
from docaxis.domain.urls import split_url
from docaxis.hub.views.operating import ConfigurationSection

MASK = "••••••"


def shown(config: Config) -> tuple[ConfigurationSection, ...]:
    """Return every section with its keys in the order of the file."""
    return tuple(_section(name, getattr(config, name)) for name in type(config).model_fields)


def _section(name: str, section: object) -> ConfigurationSection:
    fields = type(section).model_fields  # type: ignore[attr-defined] # every field of Config is a section
    return ConfigurationSection(name, tuple((key, *_value(key, getattr(section, key))) for key in fields))


def _value(key: str, value: object) -> tuple[str, bool]:
    """Return a value as text, and whether something of it is masked."""
    if isinstance(value, SecretStr):
        return _masked(value.get_secret_value())
    if "secret" in key or key.endswith(("password", "token")):
        return (MASK, True) if value else ("", False)
    if value is None:
        return "", False
    if isinstance(value, bool):
        return str(value).lower(), False
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)), False
    return str(value), False


def _masked(secret: str) -> tuple[str, bool]:
    """Return an address without its password, anything else as a mask."""
    parts = split_url(secret)
    if not parts.scheme:
        return (MASK, True) if secret else ("", False)
    login, at, address = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    netloc = f"{user}{f':{MASK}' if colon else ''}{at}{address}"
    # A query may hold a password as well; what it holds beside is of no use to anybody here.
    query = MASK if parts.query else ""
    return urlunsplit((parts.scheme, netloc, parts.path, query, "")), bool(colon or query)
