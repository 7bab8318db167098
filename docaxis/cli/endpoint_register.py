"""Registering an endpoint: in the directory, on the broker, and in a folder for its adapter."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.backends.inboxes import BrokerInboxes
from docaxis.backends.management import Management, definitions
from docaxis.backends.registry import Registry
from docaxis.cli.database import opened_registry, read_config, read_registered
from docaxis.cli.endpoint_files import Handover, write_handover, write_private
from docaxis.cli.output import hush_libraries, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.config import Config, secret_url
from docaxis.domain import wire
from docaxis.domain.organ import parse_organ_id
from docaxis.wiring.configured import broker_of, vhost_of

PASSWORD_BYTES = 24


def check_id(endpoint: str) -> None:
    """Refuse what can be no endpoint's id; raises typer.BadParameter."""
    if not wire.ENDPOINT_ID.fullmatch(endpoint):
        raise typer.BadParameter("1 to 40 of a-z, 0-9 and -, no - at its ends", param_hint="ID")


async def register_endpoint(
    config_file: Path,
    endpoint: str,
    codes: Sequence[str],
    out: Path,
    name: str,
    password: str | None,
    *,
    renew: bool,
    move: bool,
    signs_for: str = "",
) -> Path:
    """Register an endpoint called `name` (its id), write its folder `out`, and return its settings file.

    Without a password it logs in by client certificate; signs_for is the agency whose key lies in the folder, if any.
    Raises CommandError, ConfigError, StoreUnavailable, ManagementError.
    """
    config = read_config(config_file)
    async with opened_registry(config, writes=True) as registry:
        agencies = await _check_agencies(config, registry, endpoint, codes, move=move)
        known = await registry.endpoint(endpoint)
        if known is not None and not renew:
            raise CommandError(
                f"{endpoint}: exists already; --renew gives it a new password and token", ExitCode.REFUSED
            )
        if known is None and renew:
            raise CommandError(f"{endpoint}: no such endpoint", ExitCode.NOT_FOUND)
        if not config.seal.certificate_file.is_file():
            raise CommandError(f"the hub's certificate {config.seal.certificate_file} is missing", ExitCode.NOT_FOUND)
        if renew:
            token = await registry.renew_token(endpoint)
        else:
            token = await registry.add_endpoint(endpoint, name or endpoint, datetime.now(UTC))
        await registry.connect(endpoint, agencies)
        added = await registry.endpoint(endpoint)
        if added is None:
            raise CommandError(f"{endpoint}: gone while it was being added")
        connected = {
            *agencies,
            *(code for code, holder in (await registry.connections()).items() if holder == endpoint),
        }
    given = Handover(endpoint, added.queue_token, token, password, tuple(sorted(connected)), signs_for)
    settings = write_handover(out, given, config)
    await _provision(config, given, out)
    return settings


async def _check_agencies(
    config: Config, registry: Registry, endpoint: str, codes: Sequence[str], *, move: bool
) -> list[str]:
    """Return the agencies' own codes; an unknown one would keep the hub from loading its directory."""
    directory, _ = await read_registered(config, registry)
    found: list[str] = []
    for code in codes:
        canonical = parse_organ_id(code)
        agency = directory.find(canonical) if canonical else None
        if agency is None:
            raise CommandError(f"{code}: no such agency; `docaxis agency import` first", ExitCode.NOT_FOUND)
        holder = directory.endpoint_of(agency.organ_id)
        if holder not in {None, endpoint} and not move:
            raise CommandError(f"{agency.organ_id}: stands behind {holder}; --move takes it over", ExitCode.REFUSED)
        found.append(agency.organ_id)
    return found


async def _provision(config: Config, given: Handover, out: Path) -> None:
    """Make user, rights and queues on the broker, or the file that its operator imports."""
    hush_libraries()
    section, vhost = config.broker, vhost_of(config)
    broker = broker_of(config)
    if section.management_url is None:
        file = out / "definitions.json"
        users = definitions([(given.endpoint, given.queue_token, given.password)], vhost)
        write_private(file, json.dumps(users, indent=2).encode())
        tell(
            f"the hub may not make broker users: give {file} to the broker's operator (rabbitmqctl import_definitions)"
        )
    else:
        url = secret_url(section.management_url, section.password_file)
        async with Management(url, vhost, broker.tls() if url.startswith("https:") else None) as management:
            await management.put_endpoint(given.endpoint, given.queue_token, given.password)
    try:
        await BrokerInboxes(broker, "docaxis endpoint add", lambda: {given.endpoint: given.queue_token}).declare()
    except BrokerUnavailable as error:
        tell(f"queues not declared ({error}): the hub does it when it sees the broker")
