"""Sessions in the database: found by the hash of what the cookie holds, ended on the server."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people.rows import PERSON_COLUMNS, facts_of, read_people
from docaxis.backends.people_tables import people, sessions, used_tokens
from docaxis.domain.people import Person
from docaxis.hub.acts import act
from docaxis.hub.views.people import SessionView


class SqlSessions:
    """Reads through the reading engine, so that looking a session up never waits for a writer."""

    def __init__(self, database: Database, reading: PeopleReading) -> None:
        """Take both halves of one database."""
        self._database = database
        self._reading = reading

    async def find(self, session_hash: str, now: datetime, idle: timedelta) -> SessionView | None:
        """Return the session that is in force: neither over nor idle, of a person who is not shut out."""
        found = await self._sessions(
            (sessions.c.session_hash == session_hash)
            & (sessions.c.seen_at > now - idle)
            & (sessions.c.ends_at > now)
            & people.c.disabled_at.is_(None)
        )
        return found[0] if found else None

    async def of_person(self, person_id: UUID, now: datetime, idle: timedelta) -> Sequence[SessionView]:
        """Return the sessions of a person that are in force, the newest first."""
        return await self._sessions(
            (sessions.c.person_id == person_id) & (sessions.c.seen_at > now - idle) & (sessions.c.ends_at > now)
        )

    async def begin(self, session: SessionView, ended: str | None = None) -> None:
        """Write a new session and the event of it; `ended` is one that it takes the place of."""
        person = session.person
        row = {
            "session_hash": session.session_hash, "person_id": person.person_id, "form_token": session.form_token,
            "organ_id": session.organ_id, "way": session.way, "agent": session.agent, "address": session.address,
            "began_at": session.began_at, "seen_at": session.seen_at, "ends_at": session.ends_at,
        }  # fmt: skip
        facts = facts_of(person, way=session.way, address=session.address)

        async def work(connection: AsyncConnection) -> None:
            if ended:
                await connection.execute(delete(sessions).where(sessions.c.session_hash == ended))
            await connection.execute(insert(sessions).values(row))
            await self._database.record(connection, [act("person:signed-in", session.began_at, facts)])

        await self._database.run(work)

    async def seen(self, session_hash: str, at: datetime) -> None:
        """Note that the session was used."""
        await self._change(session_hash, seen_at=at)

    async def act_for(self, session_hash: str, organ_id: str) -> None:
        """Let the session act for another agency from now on."""
        await self._change(session_hash, organ_id=organ_id)

    async def end(self, person: Person, session_hashes: Sequence[str], at: datetime) -> int:
        """End sessions of a person and return how many there were; others' are left alone."""
        chosen = (sessions.c.person_id == person.person_id) & sessions.c.session_hash.in_(session_hashes)

        async def work(connection: AsyncConnection) -> int:
            ended = (await connection.execute(delete(sessions).where(chosen))).rowcount
            if ended:
                facts = facts_of(person, sessions=ended)
                await self._database.record(connection, [act("person:signed-out", at, facts)])
            return ended

        return await self._database.run(work)

    async def end_all(self, person: Person, at: datetime) -> int:
        """End every session of a person, as the identity provider says that it has signed out there."""
        query = select(sessions.c.session_hash).where(sessions.c.person_id == person.person_id)

        async def work(connection: AsyncConnection) -> list[str]:
            return list(await connection.scalars(query))

        return await self.end(person, await self._reading.run(work), at)

    async def use_once(self, token_id: str, ends_at: datetime) -> bool:
        """Return whether a token that holds until then was not used before; from now on it was."""

        async def work(connection: AsyncConnection) -> bool:
            await self._database.begin(connection)
            return await self._database.bulk.insert_new(connection, used_tokens, [(token_id, ends_at)]) == 1

        return await self._database.run(work)

    async def forget(self, now: datetime, idle: timedelta) -> int:
        """Delete sessions and used tokens that are over; returns how many sessions."""

        async def work(connection: AsyncConnection) -> int:
            await connection.execute(delete(used_tokens).where(used_tokens.c.ends_at < now))
            over = (sessions.c.ends_at <= now) | (sessions.c.seen_at <= now - idle)
            return (await connection.execute(delete(sessions).where(over))).rowcount

        return await self._database.run(work)

    async def _change(self, session_hash: str, **values: object) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(sessions).where(sessions.c.session_hash == session_hash).values(values))
            await self._database.commit_lazily(connection)

        await self._database.run(work)

    async def _sessions(self, condition: ColumnElement[bool]) -> list[SessionView]:
        query = (
            select(sessions, *PERSON_COLUMNS[1:])
            .join(people, people.c.person_id == sessions.c.person_id)
            .where(condition)
            .order_by(sessions.c.began_at.desc())
        )

        async def work(connection: AsyncConnection) -> list[SessionView]:
            rows = (await connection.execute(query)).all()
            found = await read_people(connection, rows)
            return [
                SessionView(
                    row.session_hash, found[row.person_id], row.organ_id, row.form_token, row.way, row.agent,
                    row.address, row.began_at, row.seen_at, row.ends_at,
                )
                for row in rows
            ]  # fmt: skip

        return await self._reading.run(work)
