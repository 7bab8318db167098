"""Cut points (DESIGN 2): the hub is killed by SIGKILL at each, another one takes over, and nobody can tell afterwards."""

from pathlib import Path

import pytest

from docaxis.domain import wire
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, viewing
from tests.simulator import PROVINCES, SENDER, Country
from tests.waiting import eventually

pytestmark = pytest.mark.broker

CUT_POINTS = ("received", "composed", "committed", "published", "unacknowledged", "confirmed")
BOTH = ("postgresql", "sqlite")
# Every one on both databases; the default run has each on one of them in turn.
CASES = [
    pytest.param(
        database,
        cut_point,
        marks=[
            *([pytest.mark.postgres] if database == "postgresql" else []),
            *([] if BOTH[number % 2] == database else [pytest.mark.long]),
        ],
    )
    for number, cut_point in enumerate(CUT_POINTS)
    for database in BOTH
]


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now())


async def ended_whole(axis: Axis, ground: Ground) -> bool:
    """Whether nothing is in work any more: outbox and ingress empty, the sender answered, every inbox served."""
    return (
        await ground.outbox_empty()
        and await depth(axis.channel, wire.ingress_queue("normal")) == 0
        and await axis.count(SENDER, "receipts") > 0
        and all([await axis.count(organ_id) for organ_id in PROVINCES])
    )


@pytest.mark.parametrize(("database_url", "cut_point"), CASES, indirect=["database_url"])
async def test_hub_killed_at_a_cut_point_loses_and_doubles_nothing(
    cut_point: str, country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    package = country.signed(country.envelope(number=CUT_POINTS.index(cut_point) + 1))
    with ground.hub(cut_point) as killed:
        await killed.ready()
        async with viewing(ground) as axis:
            await axis.send(package, "m-1")
            assert await killed.ended() == -9
    with ground.hub() as survivor:
        await survivor.ready()
        async with viewing(ground) as axis:
            await eventually("all is published", lambda: ended_whole(axis, ground))
            await axis.send(package, "m-1")
            await eventually("the receipt again", lambda: repeated(axis))
            receipts = {message.body for message in await axis.all_of(SENDER, "receipts")}
            assert len(receipts) == 1
            copies = {organ_id: await axis.all_of(organ_id) for organ_id in PROVINCES}
        assert {message.body for found in copies.values() for message in found} == {package}
        # Repeats on the wire carry the id of the first copy, so that receivers drop them.
        assert all(found for found in copies.values())
        assert len({message.message_id for found in copies.values() for message in found}) == 1
        assert await survivor.terminate() == 0
    assert await ground.count("documents") == 1
    assert await ground.count("submissions") == 1
    assert await ground.count("deliveries") == len(PROVINCES)
    assert await ground.count("packages") == 1
    assert await ground.count("outbox") == 0
    assert await ground.events() == {"document:accepted": 1, "copies:dispatched": 1}


async def repeated(axis: Axis) -> bool:
    """Whether the sender has got one receipt more than the survivor had to give."""
    return await axis.count(SENDER, "receipts") >= 2 and await depth(axis.channel, wire.ingress_queue("normal")) == 0
