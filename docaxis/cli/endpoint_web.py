"""`docaxis endpoint web`: endpoints that live in the process of the pages, for agencies without a system of their own."""

import asyncio
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from docaxis.config import Config

app = typer.Typer(no_args_is_help=True, help="Endpoints that the pages run for agencies without a system of their own.")
Identifier = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id.", show_default=False)]


class KeyKind(StrEnum):
    """The kinds of key that a web endpoint may have."""

    P256 = "p256"
    RSA3072 = "rsa3072"


@app.command()
def add(
    endpoint: Annotated[str, typer.Argument(metavar="ID", help="1 to 40 of a-z, 0-9 and -.", show_default=False)],
    *,
    agency: Annotated[str, typer.Option(metavar="CODE", help="The agency that it stands for.")],
    name: Annotated[str, typer.Option(metavar="TEXT", help="What people call it (the id).")] = "",
    key: Annotated[KeyKind, typer.Option(help="Kind of key.")] = KeyKind.P256,
    authority: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A development authority (`docaxis pki init`) that issues the certificate now."
        ),
    ] = None,
    move: Annotated[bool, typer.Option("--move", help="Take the agency over from the endpoint it has now.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Register a web endpoint and make its key and certificate request in the folder web.endpoints_dir.

    The key never leaves that folder. Give the request to the authority and put its answer in with `install`.

    \b
    Examples:
      docaxis endpoint web add xa-huong-phung --agency H50.35
      docaxis endpoint web add xa-huong-phung --agency H50.35 --authority certs
    """  # noqa: D301
    asyncio.run(_add(config, endpoint, agency, name, key, authority, move=move))


@app.command()
def install(
    endpoint: Identifier,
    certificate: Annotated[
        Path, typer.Argument(metavar="CERT", help="PEM: the certificate, then its issuers.", show_default=False)
    ],
    *,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Put a web endpoint's certificate into its folder, the first one or a newer one for the same key.

    \b
    Example:
      docaxis endpoint web install xa-huong-phung h50-35.pem
    """  # noqa: D301
    from docaxis.cli.database import read_config
    from docaxis.cli.octets import read_file
    from docaxis.desk.endpoint import SETTINGS_FILE

    folder = read_config(config).web.endpoints_dir / endpoint
    if not (folder / SETTINGS_FILE).is_file():
        raise CommandError(f"{endpoint}: no such web endpoint; `docaxis endpoint web add` first", ExitCode.NOT_FOUND)
    print_line(str(_install(folder, read_file(certificate), str(certificate))))


@app.command("list")
def list_endpoints(*, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the web endpoints of this server with their agencies, and until when their certificates hold.

    \b
    Example:
      docaxis endpoint web list --json
    """  # noqa: D301
    from docaxis.cli.database import read_config

    rows = _described(read_config(config))
    for row in rows if as_json else ():
        print_json(row)
    if not as_json:
        columns = ("id", "agency", "certificate_until", "trouble")
        print_table(columns, [tuple(row[name] or "" for name in columns) for row in rows])


async def _add(
    config_file: Path, endpoint: str, agency: str, name: str, kind: KeyKind, authority: Path | None, *, move: bool
) -> None:
    from docaxis.cli.database import opened_registry, read_config, read_registered
    from docaxis.cli.endpoint_files import write_private
    from docaxis.cli.endpoint_register import PASSWORD_BYTES, check_id, register_endpoint
    from docaxis.desk.endpoint import CERTIFICATE_FILE, KEY_FILE, REQUEST_FILE
    from docaxis.desk.keys import key_pem, new_key, request_pem
    from docaxis.domain.organ import parse_organ_id
    from docaxis.local.pki import DevelopmentAuthority

    check_id(endpoint)
    config = read_config(config_file)
    issuer = None if authority is None else DevelopmentAuthority(authority)
    if issuer is not None and not issuer.exists:
        raise CommandError(f"no authority in {authority}: run `docaxis pki init` first", ExitCode.NOT_FOUND)
    async with opened_registry(config, writes=True) as registry:
        directory, _ = await read_registered(config, registry)
    found = directory.find(parse_organ_id(agency) or agency)
    if found is None:
        raise CommandError(f"{agency}: no such agency; `docaxis agency import` first", ExitCode.NOT_FOUND)
    folder = config.web.endpoints_dir / endpoint
    if (folder / KEY_FILE).exists():
        raise CommandError(f"{folder}: holds a key already", ExitCode.REFUSED)
    await register_endpoint(
        config_file,
        endpoint,
        [found.organ_id],
        folder,
        name,
        secrets.token_urlsafe(PASSWORD_BYTES),
        renew=False,
        move=move,
        signs_for=found.organ_id,
    )
    key = new_key(kind.value)
    write_private(folder / KEY_FILE, key_pem(key))
    write_private(folder / REQUEST_FILE, request_pem(key, found.organ_id, found.name))
    if issuer is None:
        tell(f"give {folder / REQUEST_FILE} to the authority, then `docaxis endpoint web install {endpoint} CERT`")
        print_line(str(folder / REQUEST_FILE))
        return
    write_private(folder / CERTIFICATE_FILE, issuer.issue(found.organ_id, key=key).certificate_pem())
    print_line(str(folder / CERTIFICATE_FILE))


def _install(folder: Path, certificates: bytes, named: str) -> Path:
    from adapters.settings import read_settings
    from docaxis.cli.endpoint_files import write_private
    from docaxis.desk.endpoint import CERTIFICATE_FILE, KEY_FILE, SETTINGS_FILE
    from docaxis.desk.keys import check_certificate

    signing = read_settings(folder / SETTINGS_FILE).signing
    if signing is None:
        raise CommandError(f"{folder / SETTINGS_FILE}: has no [signing]")
    try:
        check_certificate((folder / KEY_FILE).read_bytes(), certificates, signing.organ_id)
    except ValueError as error:
        raise CommandError(f"{named}: {error}", ExitCode.REFUSED) from None
    # Whole or not there: the process of the pages may read it at this very moment.
    fresh = folder / f"{CERTIFICATE_FILE}.new"
    write_private(fresh, certificates)
    return fresh.replace(folder / CERTIFICATE_FILE)


def _described(config: "Config") -> list[dict[str, Any]]:
    from adapters.settings import SettingsError
    from docaxis.desk.endpoint import CERTIFICATE_FILE, folders, read_endpoint

    rows: list[dict[str, Any]] = []
    for folder in folders(config.web.endpoints_dir):
        row: dict[str, Any] = {"id": folder.name, "agency": None, "certificate_until": None, "trouble": None}
        rows.append(row)
        try:
            endpoint = read_endpoint(folder)
        except SettingsError as error:
            missing = not (folder / CERTIFICATE_FILE).exists()
            row["trouble"] = "no certificate yet" if missing else str(error)
            continue
        until = endpoint.key.chain[0].not_valid_after_utc
        row |= {"agency": endpoint.organ_id, "certificate_until": until.isoformat()}
        if until <= datetime.now(UTC):
            row["trouble"] = "the certificate has run out"
    return rows
