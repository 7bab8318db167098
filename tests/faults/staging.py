"""Builds a stage and takes it down."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url

from docaxis.wiring import utc_now
from tests.axis import Ground, lay_ground
from tests.cable import Cable
from tests.faults.agencies import Agency
from tests.faults.book import Book
from tests.faults.hubs import Hubs
from tests.faults.old_version import schema_of, starting, unpack
from tests.faults.scenario import Scenario
from tests.faults.stage import MINISTRIES, PROVINCES, Places, Stage
from tests.faults.talk import Talk
from tests.hub_child import start_python
from tests.simulator import Country
from tests.small_disk import SmallDisk

AUTHORITY_OLDER = timedelta(hours=4)
"""Than the run: a clock that is set back must not come before the certificates."""


@asynccontextmanager
async def staged(scenario: Scenario, places: Places, seed: int, scale: int) -> AsyncIterator[Stage]:
    """Build the stage: schema, directory, hubs behind cables, agencies that send and receive; and take it down."""
    country = Country(
        now=utc_now() - AUTHORITY_OLDER, connected=(*MINISTRIES, *PROVINCES), folder=_folder(places.folder / "country")
    )
    tree = unpack(scenario.version_before, places.folder) if scenario.version_before else None
    ground = await lay_ground(
        country,
        places.database_url,
        places.broker_url,
        _folder(places.folder / "ground"),
        schema_of(tree) if tree else "head",
    )
    book = Book(places.folder / "book.jsonl")
    broker_cable, database_cable = Cable(places.broker_url), Cable(places.database_url)
    async with AsyncExitStack() as stack:
        stack.callback(book.close)
        sections = {name: dict(values) for name, values in scenario.sections.items()}
        if not places.cluster:
            sections.setdefault("broker", {})["url"] = await stack.enter_async_context(broker_cable.laid())
        if places.postgres:
            sections.setdefault("store", {})["url"] = await stack.enter_async_context(database_cable.laid())
        if places.disk:
            sections.setdefault("hub", {})["state_dir"] = places.disk.path
        hubs = Hubs(ground, book, sections)
        if places.disk and not places.postgres:
            _move_database(ground, hubs, places.disk)
        stack.push_async_callback(hubs.end)
        dice, contents = random.Random(seed), random.Random(f"{seed} contents")
        stage = Stage(scenario, places, ground, book, hubs, dice, contents, scale, broker_cable, database_cable)
        for _ in range(scenario.hubs):
            await hubs.start(by=starting(tree) if tree else None)
        if scenario.flows:
            stage.talk = Talk(country, book, seed)
            stack.push_async_callback(stage.talk.end)
        for organ_id in (*MINISTRIES, *PROVINCES):
            stage.agencies[organ_id] = agency = Agency(ground, organ_id, book, talk=stage.talk)
            stack.push_async_callback(agency.leave, entirely=True)
            await agency.come()
        yield stage


def _move_database(ground: Ground, hubs: Hubs, disk: SmallDisk) -> None:
    """Let the hubs live where the small disk is mounted over the folder of the SQLite file; the file comes with them."""
    name = Path(str(make_url(ground.database_url).database)).name
    disk.take_in(name)
    ground.before_a_look = partial(disk.bring_out, name)
    hubs.by = partial(start_python, within=disk.within)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
