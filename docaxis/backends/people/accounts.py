"""Accounts in the database: found by login, checked by password, matched with the identity provider's subject."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people.rows import PERSON_COLUMNS, facts_of, read_people
from docaxis.backends.people_tables import passkeys, people
from docaxis.domain.people import Person
from docaxis.hub.acts import act
from docaxis.hub.views.people import AccountView


class SqlAccounts:
    """Raises StoreUnavailable as every store does; KeyError is never raised for a login, None says that it is not there."""

    def __init__(self, database: Database, reading: PeopleReading, passwords: Passwords) -> None:
        """Take both halves of one database."""
        self._database = database
        self._reading = reading
        self._passwords = passwords

    async def by_password(self, login: str, password: str) -> Person | None:
        """Return who has this login and password and is not shut out; the time does not tell whether there is such a login."""
        row = await self._kept(people.c.login == login)
        kept = row[1] if row and row[0].disabled_at is None else None
        if not await self._passwords.holds(kept, password) or row is None or kept is None:
            return None
        if self._passwords.is_outdated(kept):
            await self._store(row[0].person_id, await self._passwords.hash(password))
        return row[0]

    async def by_login(self, login: str) -> Person | None:
        """Return whoever has this login, shut out or not."""
        row = await self._kept(people.c.login == login)
        return row[0] if row else None

    async def by_id(self, person_id: UUID) -> Person | None:
        """Return the person of this id, shut out or not."""
        row = await self._kept(people.c.person_id == person_id)
        return row[0] if row else None

    async def by_subject(self, subject: str) -> Person | None:
        """Return whom the identity provider knows by this (issuer and sub)."""
        row = await self._kept(people.c.subject == subject)
        return row[0] if row else None

    async def bind_subject(self, person: Person, subject: str, at: datetime) -> bool:
        """Bind an account to the identity provider's subject, once: False when it is bound already."""

        async def work(connection: AsyncConnection) -> bool:
            free = (people.c.person_id == person.person_id) & people.c.subject.is_(None)
            bound = (
                await connection.execute(update(people).where(free).values(subject=subject, let_in_by=""))
            ).rowcount == 1
            if bound:
                facts = facts_of(person, subject=subject)
                await self._database.record(connection, [act("person:subject-bound", at, facts)])
            return bound

        return await self._database.run(work)

    async def set_password(self, person: Person, password: str, at: datetime, by: str) -> None:
        """Give an account a new password; by is the login of who does it."""
        hashed = await self._passwords.hash(password)

        async def work(connection: AsyncConnection) -> None:
            await self._write_hash(connection, person.person_id, hashed)
            await self._database.record(connection, [act("person:password-changed", at, facts_of(person, by=by))])

        await self._database.run(work)

    async def account(self, person_id: UUID) -> AccountView | None:
        """Return an account with how it can sign in."""
        found = await self._accounts(people.c.person_id == person_id, 1)
        return found[0] if found else None

    async def accounts(self, words: str = "", after: str = "", limit: int = 100) -> Sequence[AccountView]:
        """Return accounts by login, a page at a time; words are looked for in login, name and agency code."""
        condition = people.c.login > after
        if words:
            like = f"%{words.replace('%', '').replace('_', '')}%"
            condition &= people.c.login.ilike(like) | people.c.name.ilike(like) | people.c.organ_id.ilike(like)
        return await self._accounts(condition, limit)

    async def add(self, person: Person, at: datetime, by: str, password: str = "") -> bool:
        """Add an account without grants; False when the login is taken."""
        hashed = await self._passwords.hash(password) if password else None
        row = {
            "person_id": person.person_id, "login": person.login, "name": person.name, "role": str(person.role),
            "organ_id": person.organ_id, "title": person.title, "language": person.language, "password_hash": hashed,
            "created_at": at, "let_in_by": by,
        }  # fmt: skip

        async def work(connection: AsyncConnection) -> bool:
            taken = select(people.c.person_id).where(people.c.login == person.login)
            if (await connection.execute(taken)).one_or_none():
                return False
            await connection.execute(insert(people).values(row))
            facts = facts_of(person, name=person.name, role=str(person.role), by=by)
            await self._database.record(connection, [act("person:added", at, facts)])
            return True

        return await self._database.run(work)

    async def _store(self, person_id: UUID, hashed: str) -> None:
        await self._database.run(lambda connection: self._write_hash(connection, person_id, hashed))

    async def _write_hash(self, connection: AsyncConnection, person_id: UUID, hashed: str) -> None:
        changed = update(people).where(people.c.person_id == person_id).values(password_hash=hashed)
        await connection.execute(changed)

    async def _kept(self, condition: ColumnElement[bool]) -> tuple[Person, str | None] | None:
        query = select(*PERSON_COLUMNS, people.c.password_hash).where(condition)

        async def work(connection: AsyncConnection) -> tuple[Person, str | None] | None:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            return (await read_people(connection, [row]))[row.person_id], row.password_hash

        return await self._reading.run(work)

    async def _accounts(self, condition: ColumnElement[bool], limit: int) -> list[AccountView]:
        keys = select(func.count()).where(passkeys.c.person_id == people.c.person_id).scalar_subquery()
        has_password = people.c.password_hash.is_not(None).label("has_password")
        query = (
            select(*PERSON_COLUMNS, people.c.created_at, people.c.subject, has_password, keys.label("keys"))
            .where(condition)
            .order_by(people.c.login)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> list[AccountView]:
            rows = (await connection.execute(query)).all()
            found = await read_people(connection, rows)
            return [
                AccountView(
                    found[row.person_id], row.created_at, bool(row.has_password), row.subject or "", int(row.keys)
                )
                for row in rows
            ]

        return await self._reading.run(work)
