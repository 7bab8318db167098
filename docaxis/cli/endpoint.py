"""`docaxis endpoint`: connect a system of one or many agencies to the hub."""

import asyncio
import json
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, hush_libraries, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from docaxis.backends.registry import Registry
    from docaxis.cli.endpoint_files import Handover
    from docaxis.config import Config

app = typer.Typer(no_args_is_help=True, help="Connect systems of agencies to the hub.")
_PASSWORD_BYTES = 24


@app.command()
def add(
    endpoint: Annotated[str, typer.Argument(metavar="ID", help="1 to 40 of a-z, 0-9 and -.", show_default=False)],
    *,
    agency: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="An agency that it stands for; repeat.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Writes endpoint.toml and its secrets here.")],
    name: Annotated[str, typer.Option(metavar="TEXT", help="What people call it (the id).")] = "",
    renew: Annotated[bool, typer.Option("--renew", help="It exists: give it a new password and a new token.")] = False,
    move: Annotated[bool, typer.Option("--move", help="Take agencies over from the endpoint they have now.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password instead of making one.")
    ] = False,
    certificate_login: Annotated[
        bool, typer.Option("--certificate-login", help="No password: it shows a client certificate to the broker.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Register an endpoint, make its broker user, rights and queues, and write what its adapter needs.

    Without broker.management_url, DIR/definitions.json is written for the broker's operator to import.

    \b
    Examples:
      docaxis endpoint add nghe-an --agency H41 --out nghe-an/
      docaxis endpoint add nghe-an --out nghe-an/ --renew
    """  # noqa: D301
    from docaxis.domain import wire

    if not wire.ENDPOINT_ID.fullmatch(endpoint):
        raise typer.BadParameter("1 to 40 of a-z, 0-9 and -, no - at its ends", param_hint="ID")
    if password_stdin and certificate_login:
        raise typer.BadParameter("either --password-stdin or --certificate-login")
    password = None if certificate_login else _password(from_stdin=password_stdin)
    asyncio.run(_add(config, endpoint, agency or [], out, name or endpoint, password, renew=renew, move=move))


@app.command("list")
def list_endpoints(*, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the endpoints with the agencies that they stand for.

    \b
    Example:
      docaxis endpoint list --json
    """  # noqa: D301
    asyncio.run(_list(config, as_json=as_json))


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return secrets.token_urlsafe(_PASSWORD_BYTES)
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("no password on standard input", ExitCode.USAGE)
    return password


async def _add(
    config_file: Path,
    endpoint: str,
    codes: Sequence[str],
    out: Path,
    name: str,
    password: str | None,
    *,
    renew: bool,
    move: bool,
) -> None:
    from docaxis.cli.database import opened_registry, read_config
    from docaxis.cli.endpoint_files import Handover, write_handover

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
            token = await registry.add_endpoint(endpoint, name, datetime.now(UTC))
        await registry.connect(endpoint, agencies)
        added = await registry.endpoint(endpoint)
        if added is None:
            raise CommandError(f"{endpoint}: gone while it was being added")
        connected = {
            *agencies,
            *(code for code, holder in (await registry.connections()).items() if holder == endpoint),
        }
    given = Handover(endpoint, added.queue_token, token, password, tuple(sorted(connected)))
    settings = write_handover(out, given, config)
    await _provision(config, given, out)
    print_line(str(settings))


async def _check_agencies(
    config: "Config", registry: "Registry", endpoint: str, codes: Sequence[str], *, move: bool
) -> list[str]:
    """Return the agencies' own codes; an unknown one would keep the hub from loading its directory."""
    from docaxis.cli.database import read_registered
    from docaxis.domain.organ import parse_organ_id

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


async def _provision(config: "Config", given: "Handover", out: Path) -> None:
    """Make user, rights and queues on the broker, or the file that its operator imports."""
    from docaxis.backends.amqp import BrokerUnavailable
    from docaxis.backends.inboxes import BrokerInboxes
    from docaxis.backends.management import Management, definitions
    from docaxis.cli.endpoint_files import vhost_of, write_private
    from docaxis.config import secret_url
    from docaxis.wiring.configured import broker_of

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


async def _list(config_file: Path, *, as_json: bool) -> None:
    from docaxis.cli.database import opened_registry, read_config

    async with opened_registry(read_config(config_file)) as registry:
        endpoints = await registry.endpoints()
        connections = await registry.connections()
    rows = []
    for one in endpoints:
        agencies = sorted(code for code, holder in connections.items() if holder == one.endpoint_id)
        disabled = one.disabled_at.isoformat() if one.disabled_at else None
        about = {
            "id": one.endpoint_id,
            "name": one.name,
            "agencies": agencies,
            "created_at": one.created_at.isoformat(),
        }
        if as_json:
            print_json(about | {"disabled_at": disabled})
        rows.append((one.endpoint_id, one.name, ", ".join(agencies), about["created_at"], disabled or ""))
    if not as_json:
        print_table(("id", "name", "agencies", "created", "disabled"), rows)
