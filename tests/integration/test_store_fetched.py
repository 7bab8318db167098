"""Acknowledged ranges against a plain set of numbers, on both databases and in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import FetchRange, Known, Store
from docaxis.hub.rows import Batch, EventRow
from tests.integration.store_rows import NOW, accept, document_key, event_row

Numbers = set[tuple[str, str, int]]
ENDPOINTS = ("south", "west")
TOP = 30

acknowledgements = st.lists(
    st.lists(
        st.builds(
            FetchRange,
            st.sampled_from((*ENDPOINTS, "nobody")),
            st.sampled_from(("urgent", "normal")),
            st.integers(-2, TOP + 5),
            st.integers(-2, TOP + 5),
        ),
        max_size=4,
    ),
    max_size=6,
)
dispatched_numbers = st.sets(st.integers(1, TOP), max_size=TOP)


def numbers_of(ranges: Sequence[FetchRange]) -> list[tuple[str, str, int]]:
    return [(one.endpoint, one.lane, n) for one in ranges for n in range(one.first, one.last + 1)]


async def fill(store: Store, dispatched: set[int], run: str) -> None:
    """Dispatch these numbers of every endpoint and lane; the others of 1 to TOP wait."""
    keys = [document_key(f"{run}-{lane}-{n}") for lane in ("urgent", "normal") for n in range(1, TOP + 1)]

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        for key in keys:
            lane, number = key.document_id.split("-")[-2:]
            state = "dispatched" if int(number) in dispatched else "waiting"
            accept(batch, key, int(number), lane=lane, state=state, endpoints=[f"{run}{e}" for e in ENDPOINTS])
        return batch

    await store.sequences({(f"{run}{e}", lane): TOP for e in ENDPOINTS for lane in ("urgent", "normal")})
    await store.commit(keys, compose)


async def check(store: Store, dispatched: set[int], batches: list[list[FetchRange]], run: str) -> Numbers:
    """Acknowledge batch by batch and compare with sets; returns what is fetched in the end."""
    await fill(store, dispatched, run)
    real = {(f"{run}{e}", lane, n) for e in ENDPOINTS for lane in ("urgent", "normal") for n in dispatched}
    fetched: Numbers = set()
    for moment, batch in enumerate(batches):
        asked = [FetchRange(f"{run}{one.endpoint}", one.lane, one.first, one.last) for one in batch]
        recorded: list[Sequence[FetchRange]] = []

        def record(new: Sequence[FetchRange], recorded: list[Sequence[FetchRange]] = recorded) -> EventRow:
            recorded.append(new)
            return event_row("copies:fetched")

        at: datetime = NOW + timedelta(seconds=0.7 * moment)
        new = await store.fetched(asked, at, record)
        expected = (set(numbers_of(asked)) & real) - fetched
        listed = numbers_of(new)
        assert len(listed) == len(set(listed))
        assert set(listed) == expected
        assert recorded == ([new] if expected else [])
        fetched |= expected
        assert await store.fetched(asked, at, record) == ()
        loads = await store.loads()
        for endpoint in (f"{run}{e}" for e in ENDPOINTS):
            left = sum(1 for one in real - fetched if one[0] == endpoint)
            assert (loads[endpoint].unfetched, loads[endpoint].unfetched_bytes) == (left, 100 * left)
    return fetched


class Runs:
    """A prefix for each example, since all examples of a test share one database."""

    number = 0

    @classmethod
    def next(cls) -> str:
        cls.number += 1
        return f"r{cls.number}."


def test_ranges_are_sets(database_url: str) -> None:
    import asyncio

    from docaxis.backends.migrate import upgrade

    with asyncio.Runner() as runner:
        runner.run(upgrade(database_url))
        database = Database(database_url)
        store = SqlStore(database)

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(dispatched_numbers, acknowledgements)
        def examples(dispatched: set[int], batches: list[list[FetchRange]]) -> None:
            run = Runs.next()
            fetched = runner.run(check(store, dispatched, batches, run))
            assert runner.run(kept(database, run)) == fetched

        examples()
        runner.run(database.close())


async def kept(database: Database, run: str) -> Numbers:
    """Return the numbers in the table, which never names one twice."""
    async with database.engine.begin() as connection:
        rows = (await connection.execute(select(tables.fetch_ranges))).all()
    ranges = [FetchRange(*row[:4]) for row in rows if row.endpoint.startswith(run)]
    numbers = numbers_of(ranges)
    assert len(numbers) == len(set(numbers))
    return set(numbers)


async def test_ranges_that_follow_within_a_second_are_one_row(store: SqlStore, database: Database) -> None:
    await fill(store, set(range(1, TOP + 1)), "r")
    for first, seconds in ((1, 0.0), (2, 0.4), (3, 0.9), (4, 5.0)):
        at = NOW + timedelta(seconds=seconds)
        await store.fetched([FetchRange("rsouth", "normal", first, first)], at, lambda _: event_row())
    async with database.engine.begin() as connection:
        rows = (
            await connection.execute(select(tables.fetch_ranges).order_by(tables.fetch_ranges.c.first_sequence))
        ).all()
    assert [row[2:] for row in rows] == [(1, 3, NOW), (4, 4, NOW + timedelta(seconds=5))]
