"""Proposals and the directory's changes on SQLite and PostgreSQL: one transaction each, one winner of two."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from docaxis.backends.database import Database
from docaxis.backends.directory_files import shipped
from docaxis.backends.operator.directory_acts import DirectoryActs
from docaxis.backends.operator.proposals import Proposals
from docaxis.backends.registry import Registry
from docaxis.domain.organ import Agency
from docaxis.hub.views.proposals import NotDecided
from docaxis.wiring import utc_now
from tests.schema import newest

PRINT = "sha256:" + "cd" * 32


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await newest(database_url)
    opened = Database(database_url, pool_size=4)
    yield opened
    await opened.close()


async def kinds(database: Database) -> list[str]:
    async with database.engine.begin() as connection:
        query = text("SELECT kind FROM log_pending JOIN events USING (event_id) ORDER BY pending_id")
        return list(await connection.scalars(query))


async def test_of_two_who_approve_at_once_one_wins(database: Database, tmp_path: Path) -> None:
    proposals = Proposals(database, tmp_path, utc_now)
    first = uuid4()
    key = await proposals.propose(
        "binding:set", {"fingerprint": PRINT, "organ_ids": ["H41"]}, "a reason", first, "minh"
    )
    with pytest.raises(NotDecided, match="own"):
        await proposals.approve(key, first, "minh", "my own")
    outcomes = await asyncio.gather(
        *(proposals.approve(key, uuid4(), f"p{n}", "a reason") for n in range(4)), return_exceptions=True
    )
    assert [type(one) for one in outcomes if one] == [NotDecided] * 3
    assert await kinds(database) == ["proposal:made", "proposal:approved"]
    assert await Registry(database.engine).signer_bindings() == {PRINT: frozenset({"H41"})}
    assert await proposals.waiting() == []
    (decided,) = await proposals.decided(5)
    assert (decided.outcome, decided.decided_reason, decided.proposed_name) == ("approved", "a reason", "")


async def test_retention_is_written_over(database: Database, tmp_path: Path) -> None:
    proposals = Proposals(database, tmp_path, utc_now)
    for days in (400, 500):
        key = await proposals.propose("retention:set", {"days": days, "before": None}, "a reason", uuid4(), "minh")
        await proposals.approve(key, uuid4(), "lan", "a reason")
    assert await proposals.retention_days() == 500


async def test_what_the_hub_could_not_load_is_not_written(database: Database) -> None:
    directory, _ = shipped()
    registry = Registry(database.engine)
    await registry.import_agencies(directory.agencies.values())
    acts = DirectoryActs(database, (directory.levels, directory.branches), utc_now)
    version = await registry.directory_version()
    for wrong in (
        Agency("X1", "A name", "nowhere"),
        Agency("X1", "A name", "central", parent="NOBODY"),
        Agency("X1", "A name", "central", aliases=("H41",)),
        Agency("H41", "A name", "central"),
    ):
        with pytest.raises(ValueError, match=r"X1|H41"):
            await acts.add(wrong, "minh")
    with pytest.raises(KeyError):
        await acts.close("NOBODY", date(2026, 12, 31), "", "minh")
    assert await registry.directory_version() == version
    assert await kinds(database) == []
    await acts.add(Agency("X1", "A name", "central", source="registered"), "minh")
    assert await kinds(database) == ["agency:added"]


async def test_a_change_whose_act_cannot_be_recorded_is_not_made(database: Database) -> None:
    async def fail(_: object) -> None:
        raise NotDecided("over")

    registry = Registry(database.engine, fail)
    with pytest.raises(NotDecided):
        await registry.bind_signer(PRINT, ["H41"])
    assert await Registry(database.engine).signer_bindings() == {}
    assert await Registry(database.engine).directory_version() == 0
