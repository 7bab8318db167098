"""Who may sit before the pages of the demonstration: one of each role, whom anybody may be with one press."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people_tables import mandates
from docaxis.domain.people import Person, Role
from docaxis.hub.ids import new_id
from docaxis.local.demo.cast import BY_BROWSER


@dataclass(frozen=True, slots=True)
class Someone:
    """An account: login, name, role, agency (empty: the hub itself) and what the person is called there."""

    login: str
    name: str
    role: Role
    organ_id: str
    title: str


PEOPLE = (
    Someone("van-thu-bo", "Nguyễn Thị Hà", Role.CLERK, "G12", "Văn thư bộ"),
    Someone("van-thu-xa", "Lò Văn Páo", Role.CLERK, BY_BROWSER.organ_id, "Văn thư xã"),
    Someone("kiem-tra", "Trần Quốc Bảo", Role.AUDITOR, "G20", "Kiểm tra viên"),
    Someone("van-hanh", "Phạm Minh Đức", Role.OPERATOR, "", "Vận hành"),
    Someone("quan-tri", "Lê Thu Trang", Role.ADMINISTRATOR, "", "Quản trị"),
)

_DECISION = "118/QĐ-TTCP"
_ALL_AGENCIES = "[]"
"""Acts on many agencies' copies at once are within no other mandate."""
_BY = "demo"
_BEFORE, _AFTER = timedelta(days=365), timedelta(days=90)


async def settle(url: str) -> None:
    """Put the accounts into the store, where they are not yet; the auditor's mandate is over ninety days from now."""
    now = datetime.now(UTC)
    database, reading = Database(url, pool_size=1), PeopleReading(url, 1)
    accounts = SqlAccounts(database, reading, Passwords())
    try:
        for one in PEOPLE:
            person = Person(new_id(now), one.login, one.name, one.role, one.organ_id, one.title)
            await accounts.add(person, now, _BY)
            if one.role is Role.AUDITOR and (kept := await accounts.by_login(one.login)):
                await database.run(partial(_give_mandate, person=kept, today=now.date()))
    finally:
        await reading.close()
        await database.close()


async def _give_mandate(connection: AsyncConnection, person: Person, today: date) -> None:
    row = {
        "person_id": person.person_id, "decision": _DECISION, "agencies": _ALL_AGENCIES,
        "first_day": today - _BEFORE, "last_day": today + _AFTER, "ends_on": today + _AFTER,
    }  # fmt: skip
    await connection.execute(delete(mandates).where(mandates.c.person_id == person.person_id))
    await connection.execute(insert(mandates).values(row))
