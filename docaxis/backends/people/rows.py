"""A person from its rows: the account, what a clerk may act for, within which mandate an auditor reads."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.people_tables import grants, mandates, people
from docaxis.domain.people import Grant, Mandate, Person, Role
from docaxis.ledger.event import Json

PERSON_COLUMNS = (
    people.c.person_id, people.c.login, people.c.name, people.c.role, people.c.organ_id.label("home"), people.c.title,
    people.c.language, people.c.disabled_at,
)  # fmt: skip
"""What `person_of` reads; the agency is called `home`, since a session has one of its own."""


async def read_people(connection: AsyncConnection, rows: Iterable[Any]) -> dict[UUID, Person]:
    """Return the people of these rows by id, with grants and mandates; a thousand at most."""
    found = {row.person_id: row for row in rows}
    clerks = [key for key, row in found.items() if row.role == Role.CLERK]
    auditors = [key for key, row in found.items() if row.role == Role.AUDITOR]
    granted: dict[UUID, list[Grant]] = {}
    if clerks:
        query = select(grants).where(grants.c.person_id.in_(clerks)).order_by(grants.c.organ_id)
        for row in await connection.execute(query):
            granted.setdefault(row.person_id, []).append(Grant(row.organ_id, row.with_subordinates))
    mandated: dict[UUID, Mandate] = {}
    if auditors:
        for row in await connection.execute(select(mandates).where(mandates.c.person_id.in_(auditors))):
            mandated[row.person_id] = _mandate(row)
    return {key: person_of(row, granted.get(key, ()), mandated.get(key)) for key, row in found.items()}


def person_of(row: Any, granted: Sequence[Grant] = (), mandate: Mandate | None = None) -> Person:  # noqa: ANN401 - of any SELECT
    """Return the person of a row of PERSON_COLUMNS."""
    return Person(
        person_id=row.person_id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        organ_id=row.home,
        title=row.title,
        language=row.language,
        grants=tuple(granted),
        mandate=mandate,
        disabled_at=row.disabled_at,
    )


def facts_of(person: Person, **more: Json) -> dict[str, Json]:
    """Return what every event about a person says of it, and more."""
    return {"login": person.login, "person_id": person.person_id.hex, "organ_id": person.organ_id, **more}


def _mandate(row: Row[Any]) -> Mandate:
    return Mandate(row.decision, row.first_day, row.last_day, row.ends_on, frozenset(json.loads(row.agencies)))
