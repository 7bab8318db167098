"""Deadlines of a real hub on a real broker: noticed in time, told to both sides once, and excused where the hub was away."""

from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import create_async_engine

from docaxis.backends.engine import async_url
from docaxis.backends.flow_tables import deadlines, misses
from docaxis.domain import wire
from docaxis.domain.report import Report, ReportAddressee
from docaxis.trust.reports import read_report
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, lay_ground, viewing
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.broker
TO = "H01"
NOTICED_WITHIN = timedelta(seconds=PATIENCE_S)


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, TO))


async def send(axis: Axis) -> None:
    await axis.send(axis.country.signed(axis.country.envelope(to=(TO,))), "m-1")
    assert await axis.verdict() == ("accepted", "")


async def set_due(ground: Ground, start_at: datetime, due_at: datetime) -> None:
    """Move the one deadline that the acceptance has made."""
    engine = create_async_engine(async_url(ground.database_url))
    async with engine.begin() as connection:
        moved = await connection.execute(
            update(deadlines).where(deadlines.c.kind == "receipt").values(start_at=start_at, due_at=due_at)
        )
        assert moved.rowcount == 1
    await engine.dispose()


async def missed(ground: Ground) -> list[tuple[str, str, bool, timedelta]]:
    engine = create_async_engine(async_url(ground.database_url))
    async with engine.begin() as connection:
        found = [
            (row.organ_id, row.cause, row.attributable, row.noticed_at - row.due_at)
            for row in await connection.execute(select(misses))
        ]
    await engine.dispose()
    return found


async def report(axis: Axis, organ_id: str) -> Report:
    message = await axis.next(organ_id, "control")
    assert message.type == wire.NOTICE_TYPE
    return read_report(message.body, axis.country.hub.certificate)


async def test_miss_is_noticed_in_time_and_told_to_both_sides_once(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    hubs = 1 if "sqlite" in database_url else 2
    with ExitStack() as stack:
        for _ in range(hubs):
            stack.enter_context(ground.hub())
        async with viewing(ground) as axis:
            await send(axis)
            await set_due(ground, utc_now(), utc_now() + timedelta(seconds=5))
            overdue, reminder = await report(axis, SENDER), await report(axis, TO)
            assert (overdue.kind, overdue.duty, reminder.kind) == ("overdue", "receipt", "reminder")
            late = ReportAddressee(TO, endpoint_of(TO), "dispatched", "endpoint-away")
            assert overdue.addressees == reminder.addressees == (late,)
            ((organ_id, cause, attributable, after),) = await missed(ground)
            assert (organ_id, cause, attributable) == (TO, "endpoint-away", True)
            assert timedelta(0) <= after <= NOTICED_WITHIN
            await eventually("all published", ground.outbox_empty)
            assert await axis.count(SENDER, "control") == await axis.count(TO, "control") == 0
            assert (await ground.events())["deadline:missed"] == 1
            assert await ground.count("deadlines") == 0


async def test_what_came_while_the_hub_was_away_is_noticed_at_its_start_and_laid_to_nobody(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    with ground.hub():
        async with viewing(ground) as axis:
            await send(axis)
    now = utc_now()
    # Two hours to answer, of which the hub was there for the first minutes; it was due five minutes ago.
    await set_due(ground, now - timedelta(minutes=125), now - timedelta(minutes=5))
    async with viewing(ground) as axis:
        started_at = utc_now()
        with ground.hub() as hub:
            await hub.ready()
            overdue = await report(axis, SENDER)
            assert overdue.noticed_at - started_at < timedelta(seconds=30)
            assert [(one.cause, one.attributable) for one in overdue.addressees] == [("hub-away", False)]
            ((_, cause, attributable, _),) = await missed(ground)
            assert (cause, attributable) == ("hub-away", False)
