"""`docaxis person`: who may sit before the pages, and what each of them may do there."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption
from docaxis.domain.people import Grant, Mandate, Role

app = typer.Typer(no_args_is_help=True, help="Accounts of the pages.")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What the account is called.", show_default=False)]
Agency = Annotated[str, typer.Argument(metavar="CODE", help="The agency's code.", show_default=False)]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", metavar="FILE", help="Read the password from a file.")
]
_DAY = ["%Y-%m-%d"]


@app.command()
def add(
    login: Login,
    *,
    role: Annotated[
        Role, typer.Option(metavar="ROLE", help="clerk, auditor, operator or administrator.", show_default=False)
    ],
    name: Annotated[str, typer.Option(metavar="TEXT", help="The person's name.", show_default=False)],
    agency: Annotated[str, typer.Option(metavar="CODE", help="Where the person works; needed for a clerk.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="What stands before the name, as Văn thư.")] = "",
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="The language of the pages: vi or en.")] = "",
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Add an account. Without a password the person signs in through the identity provider, or by `person link`.

    \b
    Examples:
      docaxis person add ha.ntt --role clerk --agency G10 --name 'Nguyễn Thị Thu Hà' --title 'Văn thư' --password-stdin
      docaxis person add quan-tri --role administrator --name 'Quản trị trục' --password-file secrets/first
    """  # noqa: D301
    from docaxis.cli import person_acts

    password = person_acts.read_new_password(stdin=password_stdin, file=password_file, own=(login, name))
    person = person_acts.new_person(login, name, role, agency, title, language)
    asyncio.run(person_acts.add(config, person, password))


@app.command("list")
def list_people(*, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List all accounts.

    \b
    Example:
      docaxis person list --json
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.list_all(config, as_json=as_json))


@app.command()
def show(login: Login, *, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show an account with its grants and mandate.

    \b
    Example:
      docaxis person show ha.ntt
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.show(config, login, as_json=as_json))


@app.command()
def disable(login: Login, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Shut somebody out from now on; all sessions end.

    \b
    Example:
      docaxis person disable ha.ntt
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.change(config, login, lambda changes, one, at, by: changes.disable(one, at, by)))


@app.command()
def enable(login: Login, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Let somebody in again.

    \b
    Example:
      docaxis person enable ha.ntt
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.change(config, login, lambda changes, one, at, by: changes.enable(one, at, by)))


@app.command()
def password(
    login: Login,
    *,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Give somebody a new password.

    \b
    Example:
      docaxis person password ha.ntt --password-stdin
    """  # noqa: D301
    from docaxis.cli import person_acts

    new = person_acts.read_new_password(stdin=password_stdin, file=password_file, own=(login,))
    if not new:
        raise typer.BadParameter("--password-stdin or --password-file FILE")
    asyncio.run(person_acts.set_password(config, login, new))


@app.command()
def link(login: Login, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Print an address that lets somebody in once within a day, to choose a password or make a passkey.

    \b
    Example:
      docaxis person link ha.ntt
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.print_link(config, login))


@app.command()
def grant(
    login: Login,
    agency: Agency,
    *,
    with_subordinates: Annotated[
        bool, typer.Option("--with-subordinates", help="And everything beneath that agency.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Let a clerk act for one more agency.

    \b
    Example:
      docaxis person grant ha.ntt H41 --with-subordinates
    """  # noqa: D301
    from docaxis.cli import person_acts

    given = Grant(agency, with_subordinates)
    asyncio.run(person_acts.grant(config, login, given))


@app.command()
def revoke(
    login: Login,
    agency: Agency,
    *,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Take a clerk's grant away; what runs under it ends with the next page.

    \b
    Example:
      docaxis person revoke ha.ntt H41
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.revoke(config, login, agency))


@app.command()
def mandate(
    login: Login,
    *,
    decision: Annotated[str, typer.Option(metavar="TEXT", help="Number and notation of the decision.")] = "",
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, metavar="DAY", help="First day that may be read, yyyy-mm-dd."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=_DAY, metavar="DAY", help="Last day that may be read, yyyy-mm-dd."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until", formats=_DAY, metavar="DAY", help="The day after which the mandate is over, yyyy-mm-dd."
        ),
    ] = None,
    agency: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Of this agency; repeat (all).")] = None,
    end: Annotated[bool, typer.Option("--end", help="End the mandate that there is.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Say what an auditor may read, by which decision and until when.

    \b
    Examples:
      docaxis person mandate kt.lan --decision '15/QĐ-TTCP' --from 2026-01-01 --to 2026-12-31 --until 2027-03-31 --agency H41
      docaxis person mandate kt.lan --end
    """  # noqa: D301
    from docaxis.cli import person_acts

    given = None
    if not end:
        if not decision.strip() or first is None or last is None or until is None:
            raise typer.BadParameter("--decision, --from, --to and --until, or --end")
        if first > last:
            raise typer.BadParameter("--to is before --from")
        given = Mandate(decision.strip(), first.date(), last.date(), until.date(), frozenset(agency or ()))
    asyncio.run(person_acts.mandate(config, login, given))


@app.command()
def role(
    login: Login,
    role: Annotated[
        Role, typer.Argument(metavar="ROLE", help="clerk, auditor, operator or administrator.", show_default=False)
    ],
    *,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Give an account another role; grants, mandate and sessions end. Auditors and administrators stay what they are.

    \b
    Example:
      docaxis person role ha.ntt operator
    """  # noqa: D301
    from docaxis.cli import person_acts

    asyncio.run(person_acts.change(config, login, lambda changes, one, at, by: changes.change_role(one, role, at, by)))
