"""What an endpoint must know: who it is, where broker and hub are, whose seal it trusts; read from `endpoint.toml`.

Secrets stand in files or in the environment (DOCAXIS_BROKER_PASSWORD, DOCAXIS_HUB_TOKEN), never in the TOML itself.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlunsplit

from cryptography import x509

from docaxis.domain import wire
from docaxis.domain.urls import split_url

PASSWORD_VARIABLE = "DOCAXIS_BROKER_PASSWORD"  # noqa: S105 - the name of a variable
TOKEN_VARIABLE = "DOCAXIS_HUB_TOKEN"  # noqa: S105 - the name of a variable
INLINE_LIMIT_BYTES = 256 * 1024
KEEP_DAYS, KEEP_DAYS_MOST = 400, 36_500

_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # Of each table the needed keys, then the optional ones.
    "endpoint": (frozenset({"id", "queue_token"}), frozenset()),
    "broker": (frozenset({"url"}), frozenset({"password_file", "ca_file", "certificate_file", "key_file"})),
    "hub": (frozenset({"url", "certificate_file"}), frozenset({"token_file", "ca_file", "inline_limit_bytes"})),
    "signing": (frozenset({"organ_id", "key_file", "certificate_file"}), frozenset()),
    "statuses": (frozenset(), frozenset({"arrived"})),
    "state": (frozenset({"dir"}), frozenset({"keep_days"})),
}
_OPTIONAL_TABLES = frozenset({"signing", "statuses"})


class SettingsError(ValueError):
    """An endpoint.toml that cannot be used; the text names the key and never holds a secret."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where the broker is: `amqp(s)://user:password@host/vhost`, or `?auth=external` with a client certificate.

    Several hosts, `host1:port1,host2:port2`, are the nodes of a cluster; whichever answers will do.
    """

    url: str = field(repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class HubSettings:
    """The hub's HTTP address for large bytes, and the certificates (now and next) that its seal must verify against."""

    url: str
    certificates: tuple[x509.Certificate, ...]
    token: str = field(default="", repr=False)
    ca_file: Path | None = None
    inline_limit_bytes: int = INLINE_LIMIT_BYTES


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """The agency that signs here, its key and its certificate followed by the issuers, as PEM files."""

    organ_id: str
    key_file: Path
    certificate_file: Path


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """One connected system; state_dir holds the journal, None keeps it in memory (bench, demonstration).

    keep_days: at a start the journal forgets what is older. tells_arrival: the folder adapter reports status 01 by itself.
    """

    id: str
    queue_token: str = field(repr=False)
    broker: BrokerSettings
    hub: HubSettings
    signing: SigningSettings | None = None
    state_dir: Path | None = None
    keep_days: int = KEEP_DAYS
    tells_arrival: bool = True

    def queue(self, kind: str) -> str:
        """Return the name of one of this endpoint's own queues."""
        return wire.inbox_queue(self.id, self.queue_token, kind)


def read_settings(file: Path) -> EndpointSettings:
    """Read `endpoint.toml`; relative paths are relative to it. Raises SettingsError."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: {error}") from None
    _check_keys(tables)
    reader = _Reader(tables, file.absolute().parent)
    endpoint = reader.text("endpoint", "id")
    if not wire.ENDPOINT_ID.fullmatch(endpoint):
        raise SettingsError("endpoint.id: 1 to 40 of a-z, 0-9 and -")
    return EndpointSettings(
        id=endpoint,
        queue_token=reader.text("endpoint", "queue_token"),
        broker=BrokerSettings(
            _broker_url(reader),
            reader.path("broker", "ca_file"),
            reader.path("broker", "certificate_file"),
            reader.path("broker", "key_file"),
        ),
        hub=HubSettings(
            url=reader.text("hub", "url").rstrip("/"),
            certificates=_certificates(reader),
            token=reader.secret("hub", "token_file", TOKEN_VARIABLE),
            ca_file=reader.path("hub", "ca_file"),
            inline_limit_bytes=reader.count("hub", "inline_limit_bytes", INLINE_LIMIT_BYTES),
        ),
        signing=_signing(reader) if "signing" in tables else None,
        state_dir=reader.needed_path("state", "dir"),
        keep_days=reader.count("state", "keep_days", KEEP_DAYS, most=KEEP_DAYS_MOST),
        tells_arrival=reader.switch("statuses", "arrived", default=True),
    )


def _check_keys(tables: Mapping[str, object]) -> None:
    for name in tables:
        if name not in _KEYS:
            raise SettingsError(f"{name}: unknown; known are {', '.join(_KEYS)}")
    for name, (needed, optional) in _KEYS.items():
        if name not in tables and name in _OPTIONAL_TABLES:
            continue
        table = tables.get(name)
        if not isinstance(table, dict):
            raise SettingsError(f"[{name}]: missing")
        for key in table:
            if key not in needed | optional:
                raise SettingsError(f"{name}.{key}: unknown; known are {', '.join(sorted(needed | optional))}")
        for key in sorted(needed):
            if key not in table:
                raise SettingsError(f"{name}.{key}: missing")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Values out of the tables, each with its own complaint."""

    tables: Mapping[str, Mapping[str, object]]
    base: Path

    def text(self, table: str, key: str) -> str:
        value = self.tables[table][key]
        if not isinstance(value, str) or not value:
            raise SettingsError(f"{table}.{key}: a text expected")
        return value

    def count(self, table: str, key: str, default: int, most: int | None = None) -> int:
        value = self.tables[table].get(key, default)
        if type(value) is not int or value <= 0:
            raise SettingsError(f"{table}.{key}: a positive whole number expected")
        if most is not None and value > most:
            raise SettingsError(f"{table}.{key}: {most} at most")
        return value

    def switch(self, table: str, key: str, *, default: bool) -> bool:
        value = self.tables.get(table, {}).get(key, default)
        if type(value) is not bool:
            raise SettingsError(f"{table}.{key}: true or false expected")
        return value

    def path(self, table: str, key: str) -> Path | None:
        return self.needed_path(table, key) if key in self.tables[table] else None

    def needed_path(self, table: str, key: str) -> Path:
        return self.base / Path(self.text(table, key)).expanduser()

    def octets(self, table: str, key: str) -> bytes:
        path = self.needed_path(table, key)
        try:
            return path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{table}.{key}: {path}: {error.strerror}") from None

    def secret(self, table: str, key: str, variable: str) -> str:
        if key in self.tables[table]:
            return self.octets(table, key).decode("utf-8", "replace").strip()
        return os.environ.get(variable, "")


def _broker_url(reader: _Reader) -> str:
    """Return the URL with the password put in; one that already stands in the file is refused."""
    parts = split_url(reader.text("broker", "url"))
    if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise SettingsError("broker.url: amqp://user@host/vhost or amqps://… expected")
    if parts.password is not None:
        raise SettingsError(f"broker.url: holds a password; put it into broker.password_file or {PASSWORD_VARIABLE}")
    password = reader.secret("broker", "password_file", PASSWORD_VARIABLE)
    if not password:
        return urlunsplit(parts)
    user = parts.username or quote(reader.text("endpoint", "id"), safe="")
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def _certificates(reader: _Reader) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(reader.octets("hub", "certificate_file")))
    except ValueError as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError("hub.certificate_file: PEM certificates expected") from None


def _signing(reader: _Reader) -> SigningSettings:
    return SigningSettings(
        reader.text("signing", "organ_id"),
        reader.needed_path("signing", "key_file"),
        reader.needed_path("signing", "certificate_file"),
    )
