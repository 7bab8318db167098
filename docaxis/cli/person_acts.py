"""What `docaxis person` does; every change is an event that names the account of the machine it was made from."""

import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from docaxis.backends import migrate
from docaxis.backends.database import Database
from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.changes import SqlPeopleChanges
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.registry import Registry
from docaxis.cli.database import read_config, read_registered
from docaxis.cli.output import print_facts, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.config import Config, read_password, secret_url
from docaxis.domain.directory import Directory
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.passwords import Weakness, weakness
from docaxis.domain.people import Grant, Mandate, Person, Role, is_login
from docaxis.hub.ids import new_id
from docaxis.hub.views.people import AccountView

Change = Callable[[SqlPeopleChanges, Person, datetime, str], Awaitable[None]]

_WEAK = {
    Weakness.SHORT: "the password needs 12 characters at least",
    Weakness.LONG: "the password is longer than 200 characters",
    Weakness.COMMON: "the password is among those that are guessed first",
    Weakness.OWN: "the password is little more than the person's name",
}
_LANGUAGES = ("", "vi", "en")
_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Opened:
    config: Config
    accounts: SqlAccounts
    changes: SqlPeopleChanges
    registry: Registry

    async def person(self, login: str) -> Person:
        found = await self.accounts.by_login(login)
        if found is None:
            raise CommandError(f"{login}: no such account", ExitCode.NOT_FOUND)
        return found

    async def directory(self) -> Directory:
        return (await read_registered(self.config, self.registry))[0]


@asynccontextmanager
async def _opened(config_file: Path) -> AsyncIterator[_Opened]:
    config = read_config(config_file)
    url = secret_url(config.store.url, config.store.password_file)
    if await migrate.current(url) != migrate.head():
        await migrate.upgrade(url)
    database = Database(url, pool_size=1, password_file=config.store.password_file)
    try:
        async with PeopleReading(url, 1) as reading:
            accounts = SqlAccounts(database, reading, Passwords())
            yield _Opened(config, accounts, SqlPeopleChanges(database), Registry(database.engine))
    finally:
        await database.close()


def read_new_password(*, stdin: bool, file: Path | None, own: Sequence[str]) -> str:
    """Return the password from where it is to be read, empty where none was asked for; raises CommandError for a weak one."""
    if stdin and file:
        raise typer.BadParameter("either --password-stdin or --password-file")
    if not stdin and not file:
        return ""
    password = read_password(file) if file else sys.stdin.readline().rstrip("\r\n")
    weak = weakness(password, own)
    if weak:
        raise CommandError(_WEAK[weak], ExitCode.REFUSED)
    return password


def new_person(login: str, name: str, role: Role, agency: str, title: str, language: str) -> Person:
    """Return the person of a new account; raises BadParameter."""
    if not is_login(login):
        raise typer.BadParameter("a login is 1 to 100 of a-z, 0-9 and . _ @ - inside", param_hint="LOGIN")
    if not name.strip():
        raise typer.BadParameter("a name is needed", param_hint="--name")
    if role is Role.CLERK and not agency:
        raise typer.BadParameter("a clerk works for an agency", param_hint="--agency")
    if language not in _LANGUAGES:
        raise typer.BadParameter("vi or en", param_hint="--language")
    return Person(new_id(_now()), login, name.strip(), role, agency, title.strip(), language)


async def add(config_file: Path, person: Person, password: str) -> None:
    """Add an account; its agency must be registered."""
    async with _opened(config_file) as opened:
        if person.organ_id:
            person = replace(person, organ_id=_code(await opened.directory(), person.organ_id))
        if not await opened.accounts.add(person, _now(), _by(), password):
            raise CommandError(f"{person.login}: this login is taken")
    tell(f"{person.login}: added as {person.role}")


async def list_all(config_file: Path, *, as_json: bool) -> None:
    """Print all accounts, by login."""
    async with _opened(config_file) as opened:
        found: list[AccountView] = []
        while batch := await opened.accounts.accounts(after=found[-1].person.login if found else "", limit=_PAGE):
            found += batch
    if as_json:
        for one in found:
            print_json(_described(one))
        return
    columns = ("login", "role", "agency", "name", "signs in by", "disabled")
    print_table(columns, [
        (one.person.login, one.person.role, one.person.organ_id, one.person.name, _ways(one),
         one.person.disabled_at.isoformat(timespec="seconds") if one.person.disabled_at else "")
        for one in found
    ])  # fmt: skip


async def show(config_file: Path, login: str, *, as_json: bool) -> None:
    """Print one account."""
    async with _opened(config_file) as opened:
        person = await opened.person(login)
        account = await opened.accounts.account(person.person_id)
    if account is None:
        raise CommandError(f"{login}: no such account", ExitCode.NOT_FOUND)
    described = _described(account)
    if as_json:
        print_json(described)
        return
    held = person.mandate
    described["grants"] = ", ".join(
        f"{g.organ_id}{' and beneath' if g.with_subordinates else ''}" for g in person.grants
    )
    described["mandate"] = (
        f"{held.decision}, {held.first_day} to {held.last_day}, until {held.ends_on}, "
        f"{', '.join(sorted(held.agencies)) or 'all agencies'}" if held else ""
    )  # fmt: skip
    described["signs_in_by"] = _ways(account)
    print_facts((name.replace("_", " "), value) for name, value in described.items())


async def set_password(config_file: Path, login: str, password: str) -> None:
    """Replace a password."""
    async with _opened(config_file) as opened:
        person = await opened.person(login)
        weak = weakness(password, (person.login, person.name))
        if weak:
            raise CommandError(_WEAK[weak], ExitCode.REFUSED)
        await opened.accounts.set_password(person, password, _now(), _by())


async def change(config_file: Path, login: str, work: Change) -> None:
    """Change an account; what it refuses is said."""
    async with _opened(config_file) as opened:
        try:
            await work(opened.changes, await opened.person(login), _now(), _by())
        except ValueError as error:
            raise CommandError(str(error), ExitCode.REFUSED) from None


async def grant(config_file: Path, login: str, given: Grant) -> None:
    """Let a clerk act for a registered agency."""
    async with _opened(config_file) as opened:
        given = replace(given, organ_id=_code(await opened.directory(), given.organ_id))
    await change(config_file, login, lambda changes, one, at, by: changes.grant(one, given, at, by))


async def revoke(config_file: Path, login: str, agency: str) -> None:
    """Take a grant away; raises CommandError where there is none."""
    async with _opened(config_file) as opened:
        person = await opened.person(login)
        agency = _canonical(agency)
        if not await opened.changes.revoke(person, agency, _now(), _by()):
            raise CommandError(f"{login}: no grant for {agency}", ExitCode.NOT_FOUND)


async def mandate(config_file: Path, login: str, given: Mandate | None) -> None:
    """Give an auditor a mandate over registered agencies, or end the one there is."""
    async with _opened(config_file) as opened:
        if given and given.agencies:
            directory = await opened.directory()
            given = replace(given, agencies=frozenset(_code(directory, code) for code in given.agencies))
    await change(config_file, login, lambda changes, one, at, by: changes.set_mandate(one, given, at, by))


async def print_link(config_file: Path, login: str) -> None:
    """Print a one-time address; raises CommandError for somebody who is shut out."""
    # Only this command pays for loading the pages.
    from docaxis.web.people.link import make_link
    from docaxis.wiring.web import public_address, read_key

    async with _opened(config_file) as opened:
        person = await opened.person(login)
        if person.disabled_at:
            raise CommandError(f"{login}: shut out", ExitCode.REFUSED)
        now = _now()
        text, ends_at = make_link(read_key(opened.config.hub.state_dir), person.person_id, now)
        await opened.changes.link_made(person, now, ends_at, _by())
    print_line(f"{public_address(opened.config.web, opened.config.web.port)}/sign-in/link/{text}")
    tell(f"good once, until {ends_at.isoformat(timespec='seconds')}")


def _described(one: AccountView) -> dict[str, object]:
    person, held = one.person, one.person.mandate
    return {
        "login": person.login,
        "role": str(person.role),
        "name": person.name,
        "title": person.title,
        "agency": person.organ_id,
        "language": person.language,
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "disabled_at": person.disabled_at.isoformat(timespec="seconds") if person.disabled_at else None,
        "password": one.has_password,
        "passkeys": one.passkeys,
        "subject": one.subject,
        "grants": [{"agency": g.organ_id, "with_subordinates": g.with_subordinates} for g in person.grants],
        "mandate": {
            "decision": held.decision, "from": held.first_day.isoformat(), "to": held.last_day.isoformat(),
            "until": held.ends_on.isoformat(), "agencies": sorted(held.agencies),
        } if held else None,
    }  # fmt: skip


def _ways(one: AccountView) -> str:
    ways = ("password" if one.has_password else "", f"{one.passkeys} passkeys" if one.passkeys else "",
            "identity provider" if one.subject else "")  # fmt: skip
    return ", ".join(way for way in ways if way)


def _code(directory: Directory, text: str) -> str:
    agency = directory.find(_canonical(text))
    if agency is None:
        raise CommandError(f"{text}: no such agency", ExitCode.NOT_FOUND)
    return agency.organ_id


def _canonical(text: str) -> str:
    code = parse_organ_id(text)
    if code is None:
        raise CommandError(f"{text}: no agency code", ExitCode.USAGE)
    return code


def _now() -> datetime:
    return datetime.now(UTC)


def _by() -> str:
    """Return who sits at the command line, as far as the machine knows."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
