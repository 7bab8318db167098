"""On PostgreSQL the writing role does all that accounts need, and the reading role sees nothing of how people sign in."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from docaxis.backends.columns import metadata
from docaxis.backends.database import Database
from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.changes import SqlPeopleChanges
from docaxis.backends.people.passkeys import SqlPasskeys
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people.sessions import SqlSessions
from docaxis.domain.people import Grant, Mandate, Person, Role
from docaxis.hub.ids import new_id
from docaxis.hub.views.people import PasskeyView, SessionView
from tests.integration.test_grants import roles
from tests.web.desk import BEGIN

__all__ = ["roles"]
pytestmark = pytest.mark.postgres

IDLE = timedelta(minutes=15)
LATER = BEGIN + timedelta(minutes=1)


async def test_writer_does_all_of_it(roles: tuple[str, str]) -> None:
    writer, _ = roles
    database = Database(writer)
    person = Person(new_id(BEGIN), "ha.ntt", "Hà", Role.CLERK, "H41")
    auditor = Person(new_id(BEGIN), "kt", "Lan", Role.AUDITOR)
    async with PeopleReading(writer) as reading:
        accounts, changes = SqlAccounts(database, reading, Passwords()), SqlPeopleChanges(database)
        sessions, passkeys = SqlSessions(database, reading), SqlPasskeys(database, reading)
        assert await accounts.add(person, BEGIN, "test", "con ngựa đúng pin ghim")
        assert not await accounts.add(person, BEGIN, "test")
        assert await accounts.add(auditor, BEGIN, "test")
        assert await accounts.bind_subject(person, "issuer sub", BEGIN)
        assert not await accounts.bind_subject(person, "issuer other", BEGIN)
        await changes.grant(person, Grant("H26", with_subordinates=True), BEGIN, "test")
        assert await changes.revoke(person, "H26", BEGIN, "test")
        await changes.set_mandate(
            auditor, Mandate("1", date.min, date.max, date.max, frozenset({"H41"})), BEGIN, "test"
        )
        found = await accounts.by_login("kt")
        assert found
        assert found.mandate == Mandate("1", date.min, date.max, date.max, frozenset({"H41"}))
        await changes.set_mandate(auditor, None, BEGIN, "test")
        key = PasskeyView(b"id", person.person_id, b"key", 0, "máy", BEGIN)
        assert await passkeys.add(person, key)
        await passkeys.used(b"id", 1, LATER)
        assert await passkeys.rename(person, b"id", "điện thoại")
        assert await passkeys.remove(person, b"id", LATER)
        session = SessionView("hash", person, "H41", "token", "password", "", "", BEGIN, BEGIN, BEGIN + IDLE)
        await sessions.begin(session)
        await sessions.seen("hash", LATER)
        assert await sessions.find("hash", LATER, IDLE)
        assert await sessions.end(person, ["hash"], LATER) == 1
        assert await sessions.use_once("x", LATER)
        assert await sessions.forget(LATER + IDLE, IDLE) == 0
        await changes.change_role(person, Role.OPERATOR, LATER, "test")
        await changes.disable(person, LATER, "test")
    await database.close()


@pytest.mark.parametrize("table", ["people", "sessions", "passkeys"])
async def test_reader_sees_nothing_of_it(roles: tuple[str, str], table: str) -> None:
    _, reader = roles
    database = Database(reader)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.engine.connect() as connection:
            await connection.execute(select(metadata.tables[table]))
    await database.close()
