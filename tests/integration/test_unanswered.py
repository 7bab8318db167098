"""What needs an answer, against a plain look at every copy: random rows, every page, both databases."""

import random
from uuid import UUID

import pytest
from sqlalchemy import text, update

from docaxis.backends import unanswered
from docaxis.backends.clerk.work import ClerkWork
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.database import Database
from docaxis.backends.tables import documents
from docaxis.domain.status import StatusCode, is_answered, mask_of
from docaxis.hub.views.lists import Wanted
from tests.integration.clerk_rows import World

ORGANS = ("H01", "H02", "H03")
TOLD = (
    (),
    (),
    (StatusCode.ARRIVED,),
    (StatusCode.REFUSED,),
    (StatusCode.RECALL_ASKED,),
    (StatusCode.RECALL_ASKED, StatusCode.DECLINED),
    (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED),
)
STATES = ("dispatched", "dispatched", "dispatched", "waiting", "withdrawn", "expired")


def made(draw: random.Random, documents: int, in_time: float) -> tuple[World, dict[str, list[str]]]:
    """Return rows as the hub writes them, with the answer for each agency; in_time: the share whose deadline stands."""
    world = World()
    wanted: dict[str, list[str]] = {organ: [] for organ in ORGANS}
    for number in range(documents):
        told = {organ: draw.choice(TOLD) for organ in draw.sample(ORGANS, draw.randint(1, 3))}
        states = {organ: draw.choice(STATES) for organ in told}
        key = world.document(f"VB-{number}", told, states=states)
        for kind in ("reply", "reply-reminder", "validity"):
            if draw.random() < 0.2:
                world.deadline(key, kind)
        # Late ones and those in time lie mixed: what is urgent is due before what is older.
        stands, excused = draw.random() < in_time, draw.random() < 0.1
        if stands:
            world.deadline(key)
        for organ, codes in told.items():
            if draw.random() < 0.1:
                world.miss(key, organ, "reply")
            silent = not is_answered(mask_of(codes))
            if not stands and not excused and (silent or draw.random() < 0.3):
                world.miss(key, organ)
            if states[organ] == "dispatched" and silent and (stands or not excused):
                wanted[organ].insert(0, f"VB-{number}")
    return world, wanted


async def pages(clerk: ClerkQueries, organ: str, limit: int) -> list[str]:
    """Return the documents of all pages."""
    found: list[str] = []
    after = None
    while page := await clerk.unanswered(organ, after=after, limit=limit):
        assert len(page) <= limit
        assert all(one.organ_id == organ and one.status is None for one in page)
        found += [one.document.document_id for one in page]
        after = page[-1].document.cursor
    return found


@pytest.mark.parametrize(("seed", "in_time"), [(1, 0.0), (2, 0.2), (3, 0.6), (4, 1.0)])
async def test_every_page_is_what_a_look_at_all_copies_finds(
    database: Database, database_url: str, seed: int, in_time: float
) -> None:
    world, wanted = made(random.Random(seed), 60, in_time)
    await world.write(database)
    assert sum(map(len, wanted.values())) > 20
    async with ClerkQueries(database_url) as clerk:
        for organ in ORGANS:
            for limit in (1, 4, 100):
                assert await pages(clerk, organ, limit) == wanted[organ], (organ, limit)
        assert await clerk.unanswered("H99") == []


async def test_what_was_excused_is_not_asked_for_beside_what_stands(database: Database, database_url: str) -> None:
    world = World()
    world.deadline(world.document("older, due later", {"H01": ()}))
    world.deadline(world.document("recalled before it was due", {"H01": ()}), "reply")
    missed: UUID = world.document("missed", {"H01": ()})
    world.miss(missed, "H01")
    await world.write(database)
    async with ClerkQueries(database_url) as clerk:
        assert await pages(clerk, "H01", 10) == ["missed", "older, due later"]
        async with database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM deadlines WHERE kind = 'receipt'"))
        assert await pages(clerk, "H01", 10) == ["missed"]


async def test_what_has_but_arrived_waits_for_acceptance_still(database: Database, database_url: str) -> None:
    arrived, asked = StatusCode.ARRIVED, StatusCode.RECALL_ASKED
    world = World()
    in_time = world.document("arrived, deadline stands", {"H01": (arrived,), "H02": ()})
    world.deadline(in_time)
    late = world.document("arrived after it was due", {"H01": (arrived,)})
    world.miss(late, "H01")
    world.document("arrived", {"H01": (arrived,)})
    world.document("arrived, asked back", {"H01": (arrived, asked)})
    world.document("given back", {"H01": (arrived, asked, StatusCode.AGREED)})
    world.document("accepted", {"H01": (arrived, StatusCode.ACCEPTED)})
    world.document("refused", {"H01": (arrived, StatusCode.REFUSED)})
    world.document("finished", {"H01": (StatusCode.FINISHED,)})
    world.deadline(world.document("silent", {"H01": ()}))
    replaced = world.document("replaced", {"H01": (arrived,)})
    await world.write(database)
    async with database.engine.begin() as connection:
        await connection.execute(update(documents).where(documents.c.document_key == replaced).values(state="replaced"))
    expected = ["silent", "arrived, asked back", "arrived", "arrived after it was due", "arrived, deadline stands"]
    async with ClerkWork(database_url) as clerk:
        waiting = await clerk.waiting_here("H01", 10)
        assert [one.document.document_id for one in waiting] == expected
        assert [one.has_arrived for one in waiting] == [False, True, True, True, True]
        assert [one.due_at is not None for one in waiting] == [True, False, False, False, True]
        assert not any(one.is_late for one in waiting)
        page = await clerk.list_received("H01", Wanted(state="waiting"), None, 2)
        assert [one.document.document_id for one in page.rows] == expected[:2]
        assert await pages(clerk, "H01", 10) == ["silent"]


async def test_who_has_but_arrived_is_looked_for_among_the_newest_copies(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unanswered, "ARRIVED_AMONG", 3)
    world = World()
    for number in range(5):
        world.document(f"VB-{number}", {"H01": (StatusCode.ARRIVED,)})
    await world.write(database)
    async with ClerkWork(database_url) as clerk:
        assert [one.document.document_id for one in await clerk.waiting_here("H01", 10)] == ["VB-4", "VB-3", "VB-2"]
