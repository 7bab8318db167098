"""Live changes: one look at the log for all pages, nothing missed by a browser that comes back, nothing told to others."""

import asyncio
import json
import time
from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from docaxis.backends.tables import events, log_entries
from docaxis.hub.views.work import Changed
from docaxis.web.clerk import lists_changes
from docaxis.web.clerk.lists_changes import CHANGES, KEPT, NAMED_MOST, PORTION, PORTIONS, UNKNOWN, Changes, _told
from tests.integration.clerk_rows import BEGIN, World
from tests.web.desk import Desk


class Log:
    """A log whose entry n changes document n of the agency that its turn names."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.reads = 0

    async def size(self) -> int:
        self.reads += 1
        return len(self.entries)

    async def read(
        self, first: int, limit: int, organs: Collection[str], endpoints: Collection[str]
    ) -> tuple[int, Sequence[Changed]]:
        portion = self.entries[first : first + limit]
        found = [
            Changed(first + n, organ, UUID(int=first + n + 1)) for n, organ in enumerate(portion) if organ in organs
        ]
        return first + len(portion), found


def nowhere(_organ_id: str) -> str | None:
    """The log of these tests asks for no endpoint."""
    return None


async def told(changes: Changes, organ: str, seen: int | None) -> list[tuple[int, UUID]]:
    with changes.listen(organ, seen) as listener:
        return [(one.leaf_index, one.document_key) for one in await listener.take(0.01)]


async def test_nobody_listens_nothing_is_read() -> None:
    log = Log()
    await Changes(log, nowhere).look()
    assert log.reads == 0


async def test_the_cost_does_not_hang_on_the_number_of_pages() -> None:
    log = Log()
    changes = Changes(log, nowhere)
    listeners = [changes.listen("H41" if n % 2 else "G22", None) for n in range(500)]
    pages = [one.__enter__() for one in listeners]
    await changes.look()
    log.entries += ["H41", "G22", "H26", "H41"]
    log.reads = 0
    await changes.look()
    assert (log.reads, changes.reads, changes.open_streams) == (1, 1, 500)
    for number, page in enumerate(pages):
        assert [one.leaf_index for one in await page.take(0.01)] == ([0, 3] if number % 2 else [1])
    for one in listeners:
        one.__exit__(None, None, None)
    assert changes.open_streams == 0


async def test_a_browser_that_comes_back_is_told_what_it_missed() -> None:
    log = Log()
    log.entries += ["H41"] * 3
    changes = Changes(log, nowhere)
    with changes.listen("H41", None):
        await changes.look()
        assert changes.place == 2
    log.entries += ["H41", "G22", "H41"]
    await changes.look()
    assert await told(changes, "H41", 2) == [(3, UUID(int=4)), (5, UUID(int=6))]
    assert await told(changes, "H41", 3) == [(5, UUID(int=6))]
    assert await told(changes, "H41", 5) == []
    # Older than what is kept, another process, an agency that nobody looked for: something has changed.
    assert await told(changes, "H41", 1) == [(5, UNKNOWN)]
    assert await told(changes, "H26", 4) == [(5, UNKNOWN)]
    assert await told(Changes(log, nowhere), "H41", 4) == [(4, UNKNOWN)]
    with changes.listen("H41", None):
        for _ in range(2):
            log.entries += ["H41"] * (PORTION * PORTIONS - 10)
            await changes.look()
    assert (await told(changes, "H41", 5))[0][1] == UNKNOWN
    assert len(await told(changes, "H41", len(log.entries) - KEPT + 20)) == KEPT - 21


async def test_much_at_once_is_not_told_one_by_one() -> None:
    log = Log()
    changes = Changes(log, nowhere)
    with changes.listen("H41", None) as page:
        await changes.look()
        log.entries += ["H41"] * (PORTION * PORTIONS + 1)
        await changes.look()
        assert [one.document_key for one in await page.take(0.01)] == [UNKNOWN]
        log.entries.append("H41")
        await changes.look()
        assert len(await page.take(0.01)) == 1


def test_a_message_names_few_documents_and_counts_all() -> None:
    keys = [uuid4() for _ in range(NAMED_MOST + 1)]
    twice = [Changed(place, "H41", keys[0]) for place in range(2)]
    assert json.loads(_told(twice)) == {"changes": 2, "documents": [keys[0].hex]}
    many = [Changed(place, "H41", key) for place, key in enumerate(keys)]
    assert json.loads(_told(many)) == {"changes": NAMED_MOST + 1, "documents": None}
    assert json.loads(_told([*twice, Changed(2, "H41", UNKNOWN)])) == {"changes": 3, "documents": None}


async def write_status(desk: Desk, key: UUID, organ: str) -> None:
    """Write a status event for a document into the log."""
    world = World()
    body = {"author": organ, "organ": organ, "code": 3, "applied": True}
    world.event("status:accepted", BEGIN, body, key)
    [row] = world.rows[events]
    await world.write(desk.database)
    async with desk.database.engine.begin() as connection:
        size = len((await connection.execute(select(log_entries.c.leaf_index))).all())
        await connection.execute(insert(log_entries).values(leaf_index=size, event_id=row["event_id"]))


@pytest.fixture
async def connected(desk: Desk) -> UUID:
    """A document of G22 to H41 and H26; all three have endpoints as `clerk_rows` names them."""
    world = World()
    key: UUID = world.document("live", {"H41": (), "H26": ()}, sender="G22")
    await world.write(desk.database)
    desk.app[CHANGES]._endpoint_of = {"G22": "e", "H41": "e-h41", "H05": "e-h05"}.get
    return key


async def test_a_page_is_told_of_its_agencys_documents_alone(desk: Desk, connected: UUID) -> None:
    found = {}
    for organ in ("G22", "H41", "H05"):
        await desk.sign_in("clerk", organ)
        found[organ] = await desk.client.get("/changes")
        assert found[organ].status == 200
        assert found[organ].headers["Content-Type"] == "text/event-stream"
        assert found[organ].headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in found[organ].headers["Content-Security-Policy"]
        assert b"event: ready" in await found[organ].content.readuntil(b"\r\n\r\n")
    await desk.app[CHANGES].look()
    await write_status(desk, connected, "H41")
    await write_status(desk, connected, "H26")
    await desk.app[CHANGES].look()
    for organ, (place, count) in {"G22": (1, 2), "H41": (0, 1)}.items():
        text = (await found[organ].content.readuntil(b"\r\n\r\n")).decode()
        lines = dict(line.split(": ", 1) for line in text.split("\r\n") if line)
        assert (lines["id"], lines["event"]) == (str(place), "change")
        assert json.loads(lines["data"]) == {"changes": count, "documents": [connected.hex]}
    # Neither the other addressee's status nor anything at all.
    for organ in ("H41", "H05"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(found[organ].content.readany(), 0.2)
    for one in found.values():
        one.close()


async def test_five_hundred_open_pages_in_one_process(desk: Desk, connected: UUID) -> None:
    await desk.sign_in("clerk", "G22")
    desk.client.session.connector._limit = 0  # type: ignore[union-attr]
    pages = await asyncio.gather(*(desk.client.get("/changes") for _ in range(500)))
    for one in pages:
        await one.content.readuntil(b"\r\n\r\n")
    changes = desk.app[CHANGES]
    assert changes.open_streams == 500
    reads = changes.reads
    await write_status(desk, connected, "H41")
    begun = time.process_time()
    await changes.look()
    texts = await asyncio.gather(*(one.content.readuntil(b"\r\n\r\n") for one in pages))
    used = time.process_time() - begun
    assert all(b"event: change" in text for text in texts)
    assert changes.reads <= reads + 1
    # Client and server together, in CPU: a change for one agency costs less than a millisecond for each of its pages.
    assert used < 500 * 0.001
    for one in pages:
        one.close()


async def test_streams_have_an_end(desk: Desk, connected: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.sign_in("clerk", "G22")
    monkeypatch.setattr(lists_changes, "LIFE_S", 0.2)
    answer = await desk.get("/changes")
    assert answer.status == 200
    assert answer.text.count("event:") == 1
    monkeypatch.setattr(lists_changes, "STREAMS_MOST", 0)
    assert (await desk.get("/changes")).status == 503
