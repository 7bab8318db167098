"""The looking itself: it outlives every trouble, and ends without cutting a look off."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.backends.operator import sampler as module
from docaxis.backends.operator.sampler import Sampler
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.views.operating import BrokerView
from docaxis.wiring import utc_now


class Failing:
    """Whatever is asked of it, it fails: as foreseen, or not."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        async def ask(*_: object) -> object:
            self.asked += 1
            raise self.error

        return ask


class Quiet:
    """An endpoint list and a broker that have nothing."""

    async def close(self) -> None:
        """Do nothing."""

    def views(self, inboxes: object) -> list[object]:
        return []


def made(figures: Any, broker: Any, folder: Path) -> Sampler:
    endpoints: Any = Quiet()
    return Sampler(broker, BrokerView(is_own=True), figures, endpoints, figures, figures, folder, utc_now)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("never thought of")], ids=repr)
async def test_a_look_at_nothing_but_trouble_names_it_and_goes_on(error: Exception, tmp_path: Path) -> None:
    failing = Failing(error)
    watched = made(failing, failing, tmp_path)
    for _ in range(2):
        await watched.look()
    board = watched.board()
    assert board.missing in {("broker", "disk", "store"), ("broker", "store")}
    assert board.accepted_rate is None
    assert {queue.state for queue in board.queues} == {"unseen"}
    assert failing.asked > 4


class Away:
    """A broker that can be out of reach."""

    is_away = True

    async def look(self) -> dict[str, object]:
        if self.is_away:
            raise BrokerUnavailable("refused")
        return {}


async def test_what_is_away_is_logged_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    broker, failing = Away(), Failing(StoreUnavailable("away"))
    watched = made(failing, broker, tmp_path)
    with capture_logs() as lines:
        for is_away in (True, True, True, False, False, True):
            broker.is_away = is_away
            await watched.look()
            assert ("broker" in watched.board().missing) is is_away
    assert [(line["event"], line["what"]) for line in lines if line["what"] == "broker"] == [
        ("not looked at; the last figures stay", "broker"),
        ("looked at again", "broker"),
        ("not looked at; the last figures stay", "broker"),
    ]
    assert [line["what"] for line in lines if line["log_level"] == "warning"] == ["broker", "store", "disk", "broker"]


async def test_a_look_under_way_is_not_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_S", 0.0)
    began, ended = asyncio.Event(), asyncio.Event()

    class Slow(Sampler):
        async def look(self) -> None:
            began.set()
            await asyncio.sleep(0.2)
            ended.set()

    quiet: Any = Quiet()
    failing: Any = Failing(StoreUnavailable("away"))
    watched = Slow(quiet, BrokerView(is_own=True), failing, quiet, failing, failing, tmp_path, utc_now)
    running = asyncio.create_task(watched.run())
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
