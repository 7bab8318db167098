"""Passkeys in the database: the public half only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people.rows import facts_of
from docaxis.backends.people_tables import passkeys
from docaxis.domain.people import Person
from docaxis.hub.acts import act
from docaxis.hub.views.people import PasskeyView


class SqlPasskeys:
    """Raises StoreUnavailable as every store does."""

    def __init__(self, database: Database, reading: PeopleReading) -> None:
        """Take both halves of one database."""
        self._database = database
        self._reading = reading

    async def of_person(self, person_id: UUID) -> Sequence[PasskeyView]:
        """Return the passkeys of a person, the oldest first."""
        return await self._views(passkeys.c.person_id == person_id)

    async def find(self, credential_id: bytes) -> PasskeyView | None:
        """Return the passkey of this id."""
        found = await self._views(passkeys.c.credential_id == credential_id)
        return found[0] if found else None

    async def add(self, person: Person, passkey: PasskeyView) -> bool:
        """Add a passkey; False when there is one of this id, whoever's."""
        row = {
            "credential_id": passkey.credential_id, "person_id": person.person_id, "public_key": passkey.public_key,
            "sign_count": passkey.sign_count, "name": passkey.name, "created_at": passkey.created_at,
        }  # fmt: skip

        async def work(connection: AsyncConnection) -> bool:
            there = select(passkeys.c.name).where(passkeys.c.credential_id == passkey.credential_id)
            if (await connection.execute(there)).one_or_none():
                return False
            await connection.execute(insert(passkeys).values(row))
            facts = facts_of(person, name=passkey.name)
            await self._database.record(connection, [act("person:passkey-added", passkey.created_at, facts)])
            return True

        return await self._database.run(work)

    async def used(self, credential_id: bytes, sign_count: int, at: datetime) -> None:
        """Note what the authenticator counted when the passkey was used."""
        await self._change(passkeys.c.credential_id == credential_id, sign_count=sign_count, used_at=at)

    async def rename(self, person: Person, credential_id: bytes, name: str) -> bool:
        """Give a passkey of a person another name; False where the person has no such passkey."""
        return await self._change(_of(person, credential_id), name=name)

    async def remove(self, person: Person, credential_id: bytes, at: datetime) -> bool:
        """Take a passkey away; False where the person has no such passkey."""

        async def work(connection: AsyncConnection) -> bool:
            removed = (await connection.execute(delete(passkeys).where(_of(person, credential_id)))).rowcount == 1
            if removed:
                await self._database.record(connection, [act("person:passkey-removed", at, facts_of(person))])
            return removed

        return await self._database.run(work)

    async def _change(self, condition: ColumnElement[bool], **values: object) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(update(passkeys).where(condition).values(values))).rowcount == 1

        return await self._database.run(work)

    async def _views(self, condition: ColumnElement[bool]) -> list[PasskeyView]:
        query = select(passkeys).where(condition).order_by(passkeys.c.created_at)

        async def work(connection: AsyncConnection) -> list[PasskeyView]:
            return [PasskeyView(*row) for row in await connection.execute(query)]

        return await self._reading.run(work)


def _of(person: Person, credential_id: bytes) -> ColumnElement[bool]:
    return (passkeys.c.person_id == person.person_id) & (passkeys.c.credential_id == credential_id)
