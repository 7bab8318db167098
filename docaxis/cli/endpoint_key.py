"""`docaxis endpoint key`: what the systems of endpoints show themselves by to the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption, print_json, print_line, print_table
from docaxis.cli.trouble import CommandError, ExitCode

if TYPE_CHECKING:
    from docaxis.backends.machines.keys import SqlClientKeys

app = typer.Typer(no_args_is_help=True, help="Keys by which endpoints show themselves to the API.")
Endpoint = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id.", show_default=False)]
KeyFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="PEM: a public key, or the certificate with --certificate.", show_default=False
    ),
]
Name = Annotated[str, typer.Option(metavar="TEXT", help="What people call it: the machine, the year.")]
IsCertificate = Annotated[
    bool, typer.Option("--certificate", help="The file is a certificate that is shown by TLS, not a key for tokens.")
]


@app.command()
def add(
    endpoint: Endpoint,
    file: KeyFile,
    *,
    name: Name = "",
    certificate: IsCertificate = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Register a public key for an endpoint; prints its id, which tokens name as `kid`.

    \b
    Examples:
      docaxis endpoint key add nghe-an nghe-an.pub.pem --name 'máy chủ 1, 2026'
      docaxis endpoint key add nghe-an nghe-an.cert.pem --certificate
    """  # noqa: D301
    print_line(asyncio.run(_add(config, endpoint, file, name, certificate=certificate, replaces="")))


@app.command("list")
def list_keys(endpoint: Endpoint, *, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the keys of an endpoint, revoked ones included.

    \b
    Example:
      docaxis endpoint key list nghe-an
    """  # noqa: D301
    asyncio.run(_list(config, endpoint, as_json=as_json))


@app.command()
def revoke(
    endpoint: Endpoint,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, sha256:….", show_default=False)],
    *,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Shut a key out from now on; it does not come back.

    \b
    Example:
      docaxis endpoint key revoke nghe-an sha256:8c1f…
    """  # noqa: D301
    asyncio.run(_revoke(config, endpoint, key))


@app.command()
def rotate(
    endpoint: Endpoint,
    file: KeyFile,
    *,
    old: Annotated[str, typer.Option(metavar="KEY", help="The key that goes, sha256:….")],
    name: Name = "",
    certificate: IsCertificate = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Register a new key and revoke an old one: first the new one is there, then the old one goes.

    Where the endpoint's system cannot change over at this very moment, use `add` now and `revoke` afterwards.

    \b
    Example:
      docaxis endpoint key rotate nghe-an new.pub.pem --old sha256:8c1f…
    """  # noqa: D301
    print_line(asyncio.run(_add(config, endpoint, file, name, certificate=certificate, replaces=old)))


@asynccontextmanager
async def _opened(config_file: Path) -> "AsyncIterator[SqlClientKeys]":
    from docaxis.backends import migrate
    from docaxis.backends.database import Database
    from docaxis.backends.machines.keys import SqlClientKeys
    from docaxis.cli.database import read_config
    from docaxis.config import secret_url

    section = read_config(config_file).store
    url = secret_url(section.url, section.password_file)
    if await migrate.current(url) != migrate.head():
        await migrate.upgrade(url)
    database = Database(url, pool_size=1, password_file=section.password_file)
    try:
        yield SqlClientKeys(database)
    finally:
        await database.close()


async def _add(config_file: Path, endpoint: str, file: Path, name: str, *, certificate: bool, replaces: str) -> str:
    from docaxis.cli.endpoint_key_files import read_certificate, read_public_key
    from docaxis.cli.octets import read_file
    from docaxis.domain import wire
    from docaxis.hub.views.machines import ClientKey

    read = read_certificate if certificate else read_public_key
    try:
        octets = read(read_file(file))
    except ValueError as error:
        raise CommandError(f"{file}: {error}") from None
    now, key_id = datetime.now(UTC), wire.digest_of(octets)
    key = ClientKey(key_id, endpoint, "certificate" if certificate else "token", octets, name or file.name, now)
    async with _opened(config_file) as keys:
        known = await keys.own(endpoint)
        if known is None:
            raise CommandError(f"{endpoint}: no such endpoint", ExitCode.NOT_FOUND)
        if replaces and all(one.key_id != replaces or one.revoked_at for one in known.keys):
            raise CommandError(f"{replaces}: {endpoint} has no such key in force", ExitCode.NOT_FOUND)
        try:
            await keys.add(key)
        except ValueError as error:
            raise CommandError(str(error), ExitCode.REFUSED) from None
        if replaces:
            await keys.revoke(endpoint, replaces, now)
    return key_id


async def _list(config_file: Path, endpoint: str, *, as_json: bool) -> None:
    async with _opened(config_file) as keys:
        known = await keys.own(endpoint)
    if known is None:
        raise CommandError(f"{endpoint}: no such endpoint", ExitCode.NOT_FOUND)
    rows = []
    for one in known.keys:
        revoked = one.revoked_at.isoformat() if one.revoked_at else None
        row = {
            "key": one.key_id,
            "kind": one.kind,
            "name": one.name,
            "created_at": one.created_at.isoformat(),
            "revoked_at": revoked,
        }
        if as_json:
            print_json(row)
        rows.append(tuple(value or "" for value in row.values()))
    if not as_json:
        print_table(("key", "kind", "name", "created", "revoked"), rows)


async def _revoke(config_file: Path, endpoint: str, key: str) -> None:
    async with _opened(config_file) as keys:
        try:
            await keys.revoke(endpoint, key, datetime.now(UTC))
        except KeyError:
            raise CommandError(f"{key}: {endpoint} has no such key in force", ExitCode.NOT_FOUND) from None
