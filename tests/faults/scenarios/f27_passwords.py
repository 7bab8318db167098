"""F27: the hub's passwords at broker and database are changed while it runs; it reads the new ones without a restart."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

USER = "chaos_hub"
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


@dataclass(frozen=True, slots=True)
class Login:
    """One of the hub's two logins: the part of it that needs it, its password file, and how its password is set."""

    part: str
    file: Path
    set_password: Callable[[Stage, str], Awaitable[None]]

    async def rotate(self, stage: Stage) -> None:
        """Set a new password and break the line; the file follows once the hub has been turned away."""
        password = secrets.token_urlsafe(24)
        (number,) = stage.hubs.running
        await self.set_password(stage, password)
        (stage.broker_cable if self.part == "broker" else stage.database_cable).cut()
        await stage.hubs.is_unready(number, self.part)
        replace(self.file, password)
        await stage.hubs.running[number].ready()
        stage.book.count(f"{self.part} password changed")


async def at_broker(stage: Stage, password: str) -> None:
    """Give the hub's user this password, and its rights where it is new."""
    await stage.management("PUT", f"/api/users/{USER}", {"password": password, "tags": ""})
    await stage.management("PUT", f"/api/permissions/{{vhost}}/{USER}", EVERYTHING)


async def at_database(stage: Stage, password: str) -> None:
    """Give the hub's role this password; whether it is made or changed, its rights are another test's matter."""
    assert stage.places.postgres
    roles = stage.places.postgres.sql("SELECT rolname FROM pg_roles").split()
    verb = "ALTER" if USER in roles else "CREATE"
    stage.places.postgres.sql(f"{verb} ROLE {USER} WITH LOGIN SUPERUSER PASSWORD '{password}'")


def replace(file: Path, password: str) -> None:
    """Replace a password file as a whole, as an operator's tool does."""
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{password}\n", encoding="ascii")
    fresh.replace(file)


async def strike(stage: Stage) -> None:
    """Change each password `scale` times, in an order that is diced, under load."""
    logins = {
        "broker": Login("broker", stage.places.folder / "broker-password", at_broker),
        "store": Login("store", stage.places.folder / "store-password", at_database),
    }
    (first,) = stage.hubs.running
    await stage.hubs.terminate(first)
    sections: dict[str, dict[str, object]] = {}
    for part, login in logins.items():
        password = secrets.token_urlsafe(24)
        await login.set_password(stage, password)
        replace(login.file, password)
        parts = urlsplit(str(stage.hubs.sections[part]["url"]))
        place = parts.netloc.rpartition("@")[2]
        sections[part] = {"url": urlunsplit(parts._replace(netloc=f"{USER}@{place}")), "password_file": login.file}
    await stage.hubs.start(sections=sections)
    order = [login for login in logins.values() for _ in range(stage.scale)]
    stage.dice.shuffle(order)
    async with stage.under_load():
        for login in order:
            await login.rotate(stage)


SCENARIO = Scenario(title="the hub's passwords are changed while it runs", faults=("F27",), strike=strike)
