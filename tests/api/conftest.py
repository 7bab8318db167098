"""`exchange`: the real application on a real database with documents in it, and callers for its endpoints."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from docaxis.api.reference import PAGES
from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.directory_files import shipped
from docaxis.backends.registry import Registry
from docaxis.domain.status import StatusCode
from docaxis.wiring.api import put_api
from docaxis.wiring.pages import Area
from tests.api.caller import KINDS, Caller
from tests.integration.clerk_rows import World
from tests.schema import newest
from tests.web.conftest import desk, desk_config, desk_ports, desk_url
from tests.web.desk import BEGIN, ORIGIN, Desk

__all__ = ["desk", "desk_config", "desk_ports", "desk_url"]


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped agencies and four endpoints, made once and copied for each test."""
    file = tmp_path_factory.mktemp("api") / "filled.db"
    asyncio.run(_fill(f"sqlite+aiosqlite:///{file}"))
    return file


async def _fill(url: str) -> None:
    await newest(url)
    database = Database(url)
    try:
        registry = Registry(database.engine)
        await registry.import_agencies(shipped()[0].agencies.values())
        for endpoint, agency in (("e", "H41"), ("e-h01", "H01"), ("e-h05", "H05"), ("e-h26", "H26")):
            await registry.add_endpoint(endpoint, f"Hệ thống {agency}", BEGIN)
            await registry.connect(endpoint, [agency])
    finally:
        await database.close()


@pytest.fixture
def desk_areas() -> Sequence[Area]:
    """The API alone."""
    return (Area(PAGES, put_api),)


@dataclass
class Exchange:
    """Documents of H41 (endpoint `e`) to H01 (`e-h01`) and H05 (`e-h05`); `stranger` has to do with none of them."""

    desk: Desk
    world: World
    sender: Caller
    receiver: Caller
    stranger: Caller
    plan: UUID
    budget: UUID
    waiting: UUID

    async def caller(self, endpoint: str, algorithm: str = "ES256") -> Caller:
        """Return one more caller with a registered key of its own."""
        made = Caller(self.desk.client, endpoint, ORIGIN, self.desk.clock, KINDS[algorithm](), algorithm)
        await made.register(self.desk.database)
        return made


@pytest.fixture
async def exchange(desk: Desk) -> Exchange:
    """See Exchange."""
    world = World()
    arrived = (StatusCode.ARRIVED, StatusCode.ACCEPTED)
    plan = world.document(
        "plan", {"H01": arrived, "H05": (StatusCode.REFUSED,)}, number="12", subject="Về việc quy hoạch"
    )
    budget = world.document("budget", {"H01": ()}, number="13", subject="Dự toán ngân sách")
    waiting = world.document("waiting", {"H01": ()}, number="14", subject="Tờ trình", states={"H01": "waiting"})
    world.miss(budget, "H01")
    for endpoint, dispatched in (("e-h01", 2), ("e-h05", 1)):
        world.add(
            tables.lanes, endpoint=endpoint, lane="normal", next_sequence=9, dispatched=dispatched, dispatched_bytes=2,
            fetched=0, fetched_bytes=0, waiting=0,
        )  # fmt: skip
    await world.write(desk.database)
    sender, receiver, stranger = (Caller(desk.client, one, ORIGIN, desk.clock) for one in ("e", "e-h01", "e-h26"))
    for one in (sender, receiver, stranger):
        await one.register(desk.database)
    return Exchange(desk, world, sender, receiver, stranger, plan, budget, waiting)
