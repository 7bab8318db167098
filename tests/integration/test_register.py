"""The register of incoming documents on both databases: numbers without gaps, however many register at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from docaxis.backends import register as module
from docaxis.backends.database import Database
from docaxis.backends.people_tables import people
from docaxis.backends.register import SqlRegister
from docaxis.backends.tables import events
from docaxis.domain.people import Person, Role
from docaxis.hub.views.register import NewEntry, Wanted
from tests.integration.clerk_rows import World

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CLERK = Person(uuid4(), "van-thu", "Nguyễn Thị Thu Hà", Role.CLERK, "H41")


@pytest.fixture
async def port(database: Database, database_url: str) -> AsyncIterator[SqlRegister]:
    async with database.engine.begin() as connection:
        await connection.execute(
            insert(people).values(
                person_id=CLERK.person_id, login=CLERK.login, name=CLERK.name, role=CLERK.role, organ_id="H41",
                title="", language="", created_at=NOW,
            )
        )  # fmt: skip
    async with SqlRegister(database_url, database) as opened:
        yield opened


async def test_numbers_follow_each_other_whoever_registers_at_once(database: Database, port: SqlRegister) -> None:
    world = World()
    keys = [world.document(f"d-{number}", {"H41": ()}, sender="G22", number=str(number)) for number in range(40)]
    await world.write(database)
    clerks = [
        port.enter("H41", [NewEntry(key) for key in keys[start : start + 5]], CLERK, NOW) for start in range(0, 40, 5)
    ]
    given = await asyncio.gather(*clerks)
    numbers = sorted(number for one in given if one for number in one.values())
    assert numbers == list(range(1, 41))
    assert all(one is not None and list(one.values()) == sorted(one.values()) for one in given)


async def test_a_second_time_keeps_the_number_and_strangers_get_none(database: Database, port: SqlRegister) -> None:
    world = World()
    mine = world.document("mine", {"H41": ()}, sender="G22")
    waiting = world.document("waiting", {"H41": ()}, sender="G22", states={"H41": "waiting"})
    foreign = world.document("foreign", {"H26": ()}, sender="G22")
    await world.write(database)
    assert await port.enter("H41", [NewEntry(mine, "Văn phòng")], CLERK, NOW) == {mine: 1}
    assert await port.enter("H41", [NewEntry(mine)], CLERK, NOW) == {mine: 1}
    for other in (foreign, waiting, uuid4()):
        assert await port.enter("H41", [NewEntry(mine), NewEntry(other)], CLERK, NOW) is None
    # Another agency, and another year, begin at 1.
    assert await port.enter("H26", [NewEntry(foreign)], CLERK, NOW) == {foreign: 1}
    later = World(count=50)
    next_year = later.document("next", {"H41": ()}, sender="G22")
    await later.write(database)
    # The year is Vietnam's: seven hours earlier it has begun there.
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert await port.enter("H41", [NewEntry(next_year)], CLERK, new_year) == {next_year: 1}
    assert await port.years("H41") == [2027, 2026]
    async with database.engine.begin() as connection:
        kinds = list(await connection.scalars(select(events.c.kind).where(events.c.kind == "person:register")))
    assert len(kinds) == 3


async def test_what_waits_is_paged_past_what_is_registered(
    database: Database, port: SqlRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    monkeypatch.setattr(module, "WALKED", 6)
    world = World()
    keys = [world.document(f"d-{number}", {"H41": ()}, sender="G22", number=str(number)) for number in range(16)]
    await world.write(database)
    # The newest are all registered, as in an agency that does its work: the page looks past them.
    await port.enter("H41", [NewEntry(key) for key in keys[6:]], CLERK, NOW)
    seen, after = [], None
    for _ in range(10):
        page = await port.unregistered("H41", after)
        seen += [one.document_key for one in page.documents]
        if (after := page.following) is None:
            break
    assert seen == keys[5::-1]


async def test_entries_are_filtered_paged_and_changed(database: Database, port: SqlRegister) -> None:
    world = World()
    first = world.document("one", {"H41": ()}, sender="G22", number="12", subject="V/v đê điều")
    second = world.document("two", {"H41": ()}, sender="G22", number="13", subject="V/v ngân sách 100%")
    await world.write(database)
    await port.enter("H41", [NewEntry(first, "Phòng Kinh tế"), NewEntry(second)], CLERK, NOW)

    async def numbers(**wanted: object) -> list[int]:
        return [one.number for one in await port.entries("H41", Wanted(2026, **wanted))]  # type: ignore[arg-type]

    assert await numbers() == [2, 1]
    assert await numbers(words="de dieu") == [1]
    assert await numbers(words="13 qd") == [2]
    assert await numbers(words="%") == [2, 1]
    assert await numbers(handed_to="kinh") == [1]
    assert await numbers(first=2) == [2]
    assert await numbers(last=1) == [1]
    assert [one.number for one in await port.entries("H41", Wanted(2026), below=2)] == [1]
    assert await port.entries("H26", Wanted(2026)) == []
    assert await port.amend("H41", (2026, 2), "Phòng Tài chính", "gấp", CLERK, NOW + timedelta(hours=1))
    entry = await port.entry("H41", 2026, 2)
    assert entry is not None
    assert (entry.handed_to, entry.note, entry.registered_by) == ("Phòng Tài chính", "gấp", CLERK.name)
    assert entry.registered_at == NOW
    assert not await port.amend("H26", (2026, 2), "x", "", CLERK, NOW)
    assert await port.entry("H41", 2026, 3) is None
    await port.note_export("H41", Wanted(2026), "csv", 2, CLERK, NOW)
    async with database.engine.begin() as connection:
        kinds = set(await connection.scalars(select(events.c.kind)))
    assert {"export:register", "person:register-amend"} <= kinds
