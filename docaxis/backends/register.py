"""The register of incoming documents: numbers that follow each other without gaps, whoever registers at the same time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people_tables import people, register
from docaxis.backends.reading import DOCUMENT_COLUMNS, Reading
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.calendar import day_of
from docaxis.domain.folding import fold
from docaxis.domain.people import Person
from docaxis.hub.acts import act
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.register import Entry, NewEntry, Unregistered, Wanted
from docaxis.ledger.event import Json

_WIDTH = len(DOCUMENT_COLUMNS)
PAGE, WALKED = 50, 1_000
"""Rows of a page of what is not registered, and deliveries that are looked at for one: most of them may have a number."""


class SqlRegister(Reading):
    """Reads with the reading half, writes through the database; fulfils `web.register.ports.Register`."""

    def __init__(self, url: str, database: Database) -> None:
        """Open the reading half; the database is the writing one and stays the caller's."""
        super().__init__(url, pool_size=3)
        self._database = database

    async def unregistered(self, organ_id: str, after: UUID | None = None) -> Unregistered:
        """Return a page of what was sent out to an agency and has no number yet."""
        walked = select(deliveries.c.document_key).where(
            deliveries.c.organ_id == organ_id, deliveries.c.state == "dispatched"
        )
        if after is not None:
            walked = walked.where(deliveries.c.document_key < after)
        page = walked.order_by(deliveries.c.document_key.desc()).limit(WALKED).subquery()
        mine = (register.c.organ_id == organ_id, register.c.document_key == page.c.document_key)
        query = (
            select(*DOCUMENT_COLUMNS)
            .join(page, page.c.document_key == documents.c.document_key)
            .where(~exists().where(*mine))
            .order_by(documents.c.document_key.desc())
            .limit(PAGE + 1)
        )

        async def work(connection: AsyncConnection) -> Unregistered:
            found = [DocumentView(*row) for row in await connection.execute(query)]
            if len(found) > PAGE:
                return Unregistered(tuple(found[:PAGE]), found[PAGE - 1].document_key)
            last = select(page.c.document_key).order_by(page.c.document_key).limit(1)
            count = (await connection.execute(select(func.count()).select_from(page))).scalar_one()
            following = (await connection.execute(last)).scalar_one() if count == WALKED else None
            return Unregistered(tuple(found), following)

        return await self._run(work)

    async def enter(
        self, organ_id: str, entries: Sequence[NewEntry], person: Person, at: datetime
    ) -> Mapping[UUID, int] | None:
        """Give each document the next number of the year, in this order; None where one was not sent to the agency."""
        year = day_of(at).year

        async def work(connection: AsyncConnection) -> dict[UUID, int] | None:
            await _one_at_a_time(connection, f"register {organ_id} {year}")
            keys = [one.document_key for one in entries]
            theirs = select(deliveries.c.document_key).where(
                deliveries.c.organ_id == organ_id,
                deliveries.c.document_key.in_(keys),
                deliveries.c.state == "dispatched",
            )
            if set(keys) - set(await connection.scalars(theirs)):
                return None
            held = select(register.c.document_key, register.c.number).where(
                register.c.organ_id == organ_id, register.c.document_key.in_(keys)
            )
            numbers: dict[UUID, int] = {row.document_key: row.number for row in await connection.execute(held)}
            of_year = (register.c.organ_id == organ_id, register.c.year == year)
            last = (
                await connection.execute(select(func.coalesce(func.max(register.c.number), 0)).where(*of_year))
            ).scalar_one()
            for one in entries:
                if one.document_key in numbers:
                    continue
                last += 1
                numbers[one.document_key] = last
                row = {
                    "organ_id": organ_id, "year": year, "number": last, "document_key": one.document_key,
                    "registered_at": at, "person_id": person.person_id, "handed_to": one.handed_to, "note": one.note,
                }  # fmt: skip
                await connection.execute(insert(register).values(**row))
                facts: dict[str, Json] = {"year": year, "number": last, "handed_to": one.handed_to, "note": one.note}
                done = act("person:register", at, _by(person, organ_id) | facts, one.document_key)
                await self._database.record(connection, [done])
            return numbers

        return await self._database.run(work)

    async def amend(
        self, organ_id: str, entry: tuple[int, int], handed_to: str, note: str, person: Person, at: datetime
    ) -> bool:
        """Change who has an entry and its note; False where there is no such entry."""
        year, number = entry
        this = (register.c.organ_id == organ_id, register.c.year == year, register.c.number == number)

        async def work(connection: AsyncConnection) -> bool:
            changed = update(register).where(*this).values(handed_to=handed_to, note=note)
            key = (await connection.execute(changed.returning(register.c.document_key))).scalar_one_or_none()
            if key is None:
                return False
            facts: dict[str, Json] = {"year": year, "number": number, "handed_to": handed_to, "note": note}
            done = act("person:register-amend", at, _by(person, organ_id) | facts, key)
            await self._database.record(connection, [done])
            return True

        return await self._database.run(work)

    async def entry(self, organ_id: str, year: int, number: int) -> Entry | None:
        """Return one entry."""
        found = await self.entries(organ_id, Wanted(year, first=number, last=number))
        return found[0] if found else None

    async def entries(
        self, organ_id: str, wanted: Wanted, below: int | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        """Return entries with the greatest number first."""
        query = _entries().where(*_conditions(organ_id, wanted)).order_by(register.c.number.desc()).limit(limit)
        if below is not None:
            query = query.where(register.c.number < below)
        return await self._rows(query, _entry)

    async def years(self, organ_id: str) -> Sequence[int]:
        """Return the years that have entries, newest first."""
        query = select(register.c.year).where(register.c.organ_id == organ_id).distinct()
        return await self._rows(query.order_by(register.c.year.desc()), int)

    async def note_export(
        self, organ_id: str, wanted: Wanted, form: str, count: int, person: Person, at: datetime
    ) -> None:
        """Record that entries were printed or exported."""
        facts: dict[str, Json] = {
            "form": form, "year": wanted.year, "words": wanted.words, "handed_to": wanted.handed_to,
            "first": wanted.first, "last": wanted.last, "entries": count,
        }  # fmt: skip
        await self._database.record_alone(act("export:register", at, _by(person, organ_id) | facts))


async def _one_at_a_time(connection: AsyncConnection, what: str) -> None:
    """Wait until nobody else registers for this agency and year, until the end of the transaction.

    SQLite has one writer at a time anyway. Without it two would read the same last number, and one would have to begin anew.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


def _entries() -> Select[Any]:
    columns = [register.c[name] for name in ("year", "number", "registered_at", "handed_to", "note")]
    return (
        select(*DOCUMENT_COLUMNS, *columns, func.coalesce(people.c.name, "").label("registered_by"))
        .join_from(register, documents, documents.c.document_key == register.c.document_key)
        .outerjoin(people, people.c.person_id == register.c.person_id)
    )


def _conditions(organ_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [register.c.organ_id == organ_id, register.c.year == wanted.year]
    conditions += [documents.c.folded.contains(word, autoescape=True) for word in fold(wanted.words).split()]
    if wanted.handed_to:
        # Case and marks of a name that a clerk wrote: as it was written, any case.
        conditions.append(register.c.handed_to.icontains(wanted.handed_to, autoescape=True))
    if wanted.first:
        conditions.append(register.c.number >= wanted.first)
    if wanted.last:
        conditions.append(register.c.number <= wanted.last)
    return conditions


def _entry(*row: Any) -> Entry:  # noqa: ANN401 - as the columns come
    year, number, registered_at, handed_to, note, registered_by = row[_WIDTH:]
    return Entry(year, number, DocumentView(*row[:_WIDTH]), registered_at, registered_by, handed_to, note)


def _by(person: Person, organ_id: str) -> dict[str, Json]:
    return {"login": person.login, "organ_id": organ_id}
