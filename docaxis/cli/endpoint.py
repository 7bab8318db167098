"""`docaxis endpoint`: connect a system of one or many agencies to the hub."""

import asyncio
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from docaxis.cli.endpoint_key import app as key
from docaxis.cli.endpoint_web import app as web
from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_json, print_line, print_table
from docaxis.cli.trouble import CommandError, ExitCode

app = typer.Typer(no_args_is_help=True, help="Connect systems of agencies to the hub.")
app.add_typer(web, name="web")
app.add_typer(key, name="key")


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
    from docaxis.cli.endpoint_register import check_id, register_endpoint

    check_id(endpoint)
    if password_stdin and certificate_login:
        raise typer.BadParameter("either --password-stdin or --certificate-login")
    password = None if certificate_login else _password(from_stdin=password_stdin)
    register = register_endpoint(config, endpoint, agency or [], out, name, password, renew=renew, move=move)
    print_line(str(asyncio.run(register)))


@app.command("list")
def list_endpoints(*, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the endpoints with the agencies that they stand for.

    \b
    Example:
      docaxis endpoint list --json
    """  # noqa: D301
    asyncio.run(_list(config, as_json=as_json))


def _password(*, from_stdin: bool) -> str:
    from docaxis.cli.endpoint_register import PASSWORD_BYTES

    if not from_stdin:
        return secrets.token_urlsafe(PASSWORD_BYTES)
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("no password on standard input", ExitCode.USAGE)
    return password


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
