"""F1: the hub is killed in what it does beside the main path: acknowledgements, windows, the outbox's rest, deferrals."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

FAILPOINTS = ("fetched", "released", "resumed", "redecided")


async def strike(stage: Stage) -> None:
    """Kill at every failpoint `scale` times, in an order that is diced."""
    (healthy,) = stage.hubs.running
    await stage.hubs.kill(healthy)
    async with stage.under_load():
        for point in stage.each_diced(FAILPOINTS):
            await _killed_at(stage, point)
            stage.book.count(f"at {point}")


async def _killed_at(stage: Stage, point: str) -> None:
    passage = f"{point}:{stage.dice.randint(1, 3)}"
    match point:
        case "released":
            # So small a window that copies wait for room.
            number = await stage.hubs.start(passage, ready=False, sections={"limits": {"inbox_window": 2}})
        case "resumed":
            # Committed and not published, so that the next process finds a lease that has run out.
            await stage.hubs.killed_by_itself(await stage.hubs.start("committed", ready=False))
            number = await stage.hubs.start(point, ready=False)
        case "redecided":
            with without_crls(stage.country.folder):
                number = await stage.hubs.start(passage, ready=False)
                await eventually("a deferral", lambda: _deferred(stage))
                await stage.hubs.killed_by_itself(number)
            return
        case _:
            number = await stage.hubs.start(passage, ready=False)
    await stage.hubs.killed_by_itself(number)


@contextmanager
def without_crls(country: Path) -> Iterator[None]:
    """Take the revocation lists away: who signed cannot be judged, so everything is deferred."""
    aside = (country / "crls").rename(country / "crls-aside")
    (country / "crls").mkdir()
    try:
        yield
    finally:
        (country / "crls").rmdir()
        aside.rename(country / "crls")


async def _deferred(stage: Stage) -> bool:
    return any(one.outcome == "deferred" for given in stage.book.answers.values() for one in given)


SCENARIO = Scenario(
    title="the hub is killed in its background work", faults=("F1",), strike=strike, soaks=True, flows=True
)
