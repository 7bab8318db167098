"""What a new endpoint is handed over: its settings, its secrets in files of their own, and the hub's certificate."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlunsplit

from docaxis.cli.trouble import CommandError
from docaxis.config import Config
from docaxis.domain.urls import split_url
from docaxis.wiring.configured import vhost_of

SETTINGS_FILE = "endpoint.toml"


@dataclass(frozen=True, slots=True)
class Handover:
    """The parts of an endpoint's settings; without a password it logs in by client certificate.

    signs_for: the agency whose key lies beside them; empty: whoever gets the folder may add one.
    """

    endpoint: str
    queue_token: str = field(repr=False)
    blob_token: str = field(repr=False)
    password: str | None = field(repr=False)
    agencies: tuple[str, ...] = ()
    signs_for: str = ""


def write_handover(folder: Path, given: Handover, config: Config) -> Path:
    """Write the files, readable by their owner only; returns the settings file. Raises CommandError, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        certificate = config.seal.certificate_file.read_bytes()
    except OSError as error:
        raise CommandError(f"the hub's certificate {config.seal.certificate_file}: {error.strerror}") from None
    write_private(folder / "hub.cert.pem", certificate)
    write_private(folder / "blob.token", given.blob_token.encode())
    if given.password is not None:
        write_private(folder / "broker.password", given.password.encode())
    if config.broker.ca_file is not None:
        write_private(folder / "broker-ca.pem", config.broker.ca_file.read_bytes())
    settings = folder / SETTINGS_FILE
    write_private(settings, _settings(given, config).encode())
    return settings


def write_private(file: Path, octets: bytes) -> None:
    """Write a file that only its owner can read, from the first moment on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(octets)


def _settings(given: Handover, config: Config) -> str:
    lines = [
        f"# The endpoint {given.endpoint}, for {', '.join(given.agencies) or 'no agency yet'}. Keep this folder secret.",
        "[endpoint]",
        f"id = {_text(given.endpoint)}",
        f"queue_token = {_text(given.queue_token)}",
        "",
        "[broker]",
        f"url = {_text(_broker_url(given, config))}",
    ]
    if given.password is not None:
        lines.append('password_file = "broker.password"')
    else:
        lines += ['certificate_file = "client.cert.pem"', 'key_file = "client.key.pem"']
    if config.broker.ca_file is not None:
        lines.append('ca_file = "broker-ca.pem"')
    lines += [
        "",
        "[hub]",
        f"url = {_text(config.http.public_url or f'http://{config.http.host}:{config.http.port}')}",
        'certificate_file = "hub.cert.pem"',
        'token_file = "blob.token"',
        "",
        "[state]",
        'dir = "state"',
    ]
    return "\n".join([*lines, "", *_signing(given)]) + "\n"


def _signing(given: Handover) -> list[str]:
    lines = [
        "[signing]",
        f"organ_id = {_text(given.signs_for or (given.agencies[0] if given.agencies else 'CODE'))}",
        'key_file = "agency.key.pem"',
        'certificate_file = "agency.cert.pem"',
    ]
    if given.signs_for:
        return lines
    return ["# To sign here what is sent, as the folder adapter does:", *(f"# {line}" for line in lines)]


def _broker_url(given: Handover, config: Config) -> str:
    """Return the broker's address as endpoints see it, for this endpoint's user and without any password."""
    parts = split_url(config.broker.public_url or config.broker.url.get_secret_value())
    path = parts.path if parts.path not in {"", "/"} else "/" + quote(vhost_of(config), safe="")
    location = quote(given.endpoint) + "@" + parts.netloc.rpartition("@")[2]
    query = "" if given.password is not None else "auth=external"
    return urlunsplit((parts.scheme, location, path, query, ""))


def _text(value: str) -> str:
    """Write a text as TOML; a JSON text is one."""
    return json.dumps(value, ensure_ascii=False)
