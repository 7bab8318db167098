"""What is changed of an account: shut out, let in, grants, mandate, role; each change is an event, and none deletes one."""

import json
from datetime import datetime

from sqlalchemy import Delete, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people.rows import facts_of
from docaxis.backends.people_tables import grants, mandates, people, sessions
from docaxis.domain.people import Grant, Mandate, Person, Role, may_become
from docaxis.hub.acts import act
from docaxis.ledger.event import Json


class SqlPeopleChanges:
    """by is the login of who changes it. Raises StoreUnavailable as every store does."""

    def __init__(self, database: Database) -> None:
        """Take the writing half."""
        self._database = database

    async def disable(self, person: Person, at: datetime, by: str) -> None:
        """Shut a person out from now on; all sessions end."""

        async def work(connection: AsyncConnection) -> None:
            await self._update(connection, person, disabled_at=at)
            await self._end_sessions(connection, person)
            await self._record(connection, "person:disabled", person, at, by)

        await self._database.run(work)

    async def enable(self, person: Person, at: datetime, by: str) -> None:
        """Let a person in again."""

        async def work(connection: AsyncConnection) -> None:
            await self._update(connection, person, disabled_at=None)
            await self._record(connection, "person:enabled", person, at, by)

        await self._database.run(work)

    async def grant(self, person: Person, grant: Grant, at: datetime, by: str) -> None:
        """Let a clerk act for an agency; raises ValueError for another role."""
        if person.role is not Role.CLERK:
            raise ValueError(f"{person.login} is no clerk")

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_grant_of(person, grant.organ_id))
            await connection.execute(
                insert(grants).values(
                    person_id=person.person_id, organ_id=grant.organ_id, with_subordinates=grant.with_subordinates
                )
            )
            facts: dict[str, Json] = {"granted": grant.organ_id, "with_subordinates": grant.with_subordinates}
            await self._record(connection, "person:granted", person, at, by, **facts)

        await self._database.run(work)

    async def revoke(self, person: Person, organ_id: str, at: datetime, by: str) -> bool:
        """Take a grant away; False where there is none. A session that acts under it falls back to the own agency."""

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(_grant_of(person, organ_id))).rowcount == 0:
                return False
            await self._record(connection, "person:revoked", person, at, by, revoked=organ_id)
            return True

        return await self._database.run(work)

    async def set_mandate(self, person: Person, mandate: Mandate | None, at: datetime, by: str) -> None:
        """Give an auditor a mandate in place of the one before, or none; raises ValueError for another role."""
        if person.role is not Role.AUDITOR:
            raise ValueError(f"{person.login} is no auditor")

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(mandates).where(mandates.c.person_id == person.person_id))
            if mandate is None:
                await self._record(connection, "person:mandate-ended", person, at, by)
                return
            agencies = sorted(mandate.agencies)
            await connection.execute(
                insert(mandates).values(
                    person_id=person.person_id, decision=mandate.decision, agencies=json.dumps(agencies),
                    first_day=mandate.first_day, last_day=mandate.last_day, ends_on=mandate.ends_on,
                )
            )  # fmt: skip
            facts: dict[str, Json] = {
                "decision": mandate.decision, "agencies": list(agencies), "first_day": mandate.first_day.isoformat(),
                "last_day": mandate.last_day.isoformat(), "ends_on": mandate.ends_on.isoformat(),
            }  # fmt: skip
            await self._record(connection, "person:mandated", person, at, by, **facts)

        await self._database.run(work)

    async def change_role(self, person: Person, role: Role, at: datetime, by: str) -> None:
        """Give an account another role, without grants and mandate; all sessions end. Raises ValueError (`may_become`)."""
        if not may_become(person.role, role):
            raise ValueError(f"an account that is {person.role} does not become {role}; make another account")

        async def work(connection: AsyncConnection) -> None:
            await self._update(connection, person, role=str(role))
            await connection.execute(delete(grants).where(grants.c.person_id == person.person_id))
            await connection.execute(delete(mandates).where(mandates.c.person_id == person.person_id))
            await self._end_sessions(connection, person)
            await self._record(connection, "person:role-changed", person, at, by, role=str(role))

        await self._database.run(work)

    async def set_language(self, person: Person, language: str) -> None:
        """Keep the language that a person wants pages in."""

        async def work(connection: AsyncConnection) -> None:
            await self._update(connection, person, language=language)

        await self._database.run(work)

    async def link_made(self, person: Person, at: datetime, ends_at: datetime, by: str) -> None:
        """Record that a one-time sign-in address was made for somebody."""

        async def work(connection: AsyncConnection) -> None:
            await self._update(connection, person, let_in_by=by)
            await self._record(connection, "person:link-made", person, at, by, ends_at=ends_at.isoformat())

        await self._database.run(work)

    async def _update(self, connection: AsyncConnection, person: Person, **values: object) -> None:
        await connection.execute(update(people).where(people.c.person_id == person.person_id).values(values))

    async def _end_sessions(self, connection: AsyncConnection, person: Person) -> None:
        await connection.execute(delete(sessions).where(sessions.c.person_id == person.person_id))

    async def _record(
        self, connection: AsyncConnection, kind: str, person: Person, at: datetime, by: str, **facts: Json
    ) -> None:
        await self._database.record(connection, [act(kind, at, facts_of(person, by=by, **facts))])


def _grant_of(person: Person, organ_id: str) -> Delete:
    return delete(grants).where((grants.c.person_id == person.person_id) & (grants.c.organ_id == organ_id))
