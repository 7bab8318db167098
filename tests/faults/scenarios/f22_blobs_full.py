"""F22: the blob store has no room, no inode, or can only be read: nothing is accepted, nothing is left half written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from tests.faults.scenario import Scenario
from tests.faults.stage import MINISTRIES, Stage
from tests.waiting import eventually

EVERYTHING_BY_BLOB = 1024
"""So small that every package lies in the blob store, whichever way it came."""
SENT = 10


@asynccontextmanager
async def full(stage: Stage) -> AsyncIterator[str]:
    """Leave no room."""
    await asyncio.to_thread(stage.disk.fill)
    yield "no room left"
    stage.disk.empty()


@asynccontextmanager
async def without_inodes(stage: Stage) -> AsyncIterator[str]:
    """Leave room for octets and for no file."""
    await asyncio.to_thread(stage.disk.use_up_inodes)
    yield "no inodes left"
    stage.disk.empty()


@asynccontextmanager
async def read_only(stage: Stage) -> AsyncIterator[str]:
    """Let it be read only, as a kernel does that has seen the disk fail."""
    stage.disk.make(writable=False)
    yield "read-only"
    stage.disk.make(writable=True)


WAYS = (full, without_inodes, read_only)


async def strike(stage: Stage) -> None:
    """Take the room away in every way, `scale` times, in an order that is diced; send inline and by claim meanwhile."""
    (number,) = stage.hubs.running
    url = f"http://127.0.0.1:{stage.hubs.running[number].config.http.port}"
    by_claim, inline, *_ = MINISTRIES
    for organ_id, agency in stage.agencies.items():
        limit = EVERYTHING_BY_BLOB if organ_id == by_claim else agency.hub.inline_limit_bytes
        await agency.take_up(replace(agency.hub, url=url, inline_limit_bytes=limit))
    ways = stage.each_diced(WAYS)
    sending = []
    for way in ways:
        await stage.answered()
        before = set(stage.book.answers)
        async with way(stage) as words:
            stage.book.count(f"blob store {way.__name__}")
            assert await stage.hubs.is_unready(number, "blobs") == words
            # The claims come to the broker only when their octets are in the store.
            sending.append(asyncio.create_task(stage.send(SENT, sender=by_claim)))
            await stage.send(SENT, sender=inline)
            met = await stage.hubs.metric("docaxis_blobs_unavailable_total")
            await eventually("it is tried again and again", partial(_met_more_than, stage, met))
            assert set(stage.book.answers) == before, "answered without room to keep it"
        await stage.hubs.running[number].ready()
    await asyncio.gather(*sending)
    await stage.answered()
    torn = [one.name for one in (stage.disk.path / "blobs").rglob("*.part")]
    assert not torn, f"left behind: {torn}"


async def _met_more_than(stage: Stage, before: float) -> bool:
    return await stage.hubs.metric("docaxis_blobs_unavailable_total") > before


SCENARIO = Scenario(
    title="the blob store has no room left",
    faults=("F22",),
    strike=strike,
    disk_bytes=8 * 1024 * 1024,
    sections={"limits": {"inline_limit_bytes": EVERYTHING_BY_BLOB}},
)
