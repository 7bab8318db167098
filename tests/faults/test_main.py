"""`./hub chaos`: what it prints, and how it ends."""

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest

from docaxis.local.service import ServiceError
from tests.faults import __main__ as chaos
from tests.faults.balance import Balance
from tests.faults.run import Report
from tests.faults.scenario import Scenario, all_scenarios


async def nothing(_: object) -> None:
    """Strike nobody."""


SCENARIOS = {
    "f01_one": Scenario("the first", ("F1",), nothing),
    "f02_other": Scenario("the second", ("F2", "F3"), nothing, long_only=True),
}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, int, int]]:
    """Play nothing for real: every scenario holds, but those that are named bad; returns name, seed, scale."""
    played: list[tuple[str, int, int]] = []

    class Service:
        def __init__(self, *_: object, **__: object) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    def run_one(name: str, scenario: Scenario, folder: Path, services: object, seed: int, scale: int) -> Report:
        played.append((name, seed, scale))
        balance = Balance({"lost": 0}, ["I1 lost: 1 (x)"] if name == "f02_other" and seed == 13 else [])
        return Report(name, scenario.title, scenario.faults, seed, scale, did={"hub kills": 3}, balance=balance)

    monkeypatch.setattr(chaos, "VAR", tmp_path)
    monkeypatch.setattr(chaos, "all_scenarios", lambda: SCENARIOS)
    monkeypatch.setattr(chaos, "PrivateRabbitMQ", Service)
    monkeypatch.setattr(chaos, "PrivatePostgres", Service)
    monkeypatch.setattr(chaos, "_run_one", run_one)
    return played


def test_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert chaos.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(all_scenarios())


def test_run_that_holds_ends_with_zero_and_keeps_nothing(
    played: list[tuple[str, int, int]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert chaos.main(["--seed", "7", "--scale", "2", "--rounds", "2", "--json"]) == 0
    assert played == [("f01_one", 7, 2), ("f02_other", 7, 2), ("f01_one", 8, 2), ("f02_other", 8, 2)]
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is True
    assert told["did"] == {"hub kills": 12}
    assert [one["seed"] for one in told["scenarios"]] == [7, 7, 8, 8]
    assert list(tmp_path.iterdir()) == []


def test_breach_ends_with_one_names_the_seed_and_keeps_the_books(
    played: list[tuple[str, int, int]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert chaos.main(["f02", "--seed", "13"]) == 1
    assert played == [("f02_other", 13, 1)]
    told = capsys.readouterr()
    assert "I1 lost: 1 (x)" in told.out
    assert "seed 13" in told.out
    assert len(list(tmp_path.iterdir())) == 1


def test_long_form_is_larger(played: list[tuple[str, int, int]]) -> None:
    assert chaos.main(["f01", "--long", "--seed", "1"]) == 0
    assert played == [("f01_one", 1, chaos.LONG_SCALE)]


def test_unknown_scenario_is_wrong_use(played: list[tuple[str, int, int]]) -> None:
    with pytest.raises(SystemExit) as ended:
        chaos.main(["f99"])
    assert ended.value.code == 2
    assert played == []


def test_missing_service_is_said(
    played: list[tuple[str, int, int]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: object, **__: object) -> None:
        raise ServiceError("no RabbitMQ here")

    monkeypatch.setattr(chaos, "PrivateRabbitMQ", none)
    assert chaos.main([]) == chaos.NO_SERVICE
    assert "no RabbitMQ here" in capsys.readouterr().err


def test_scenario_that_cannot_be_played_is_a_breach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Service:
        running = True

        def start(self) -> None: ...
        def create_vhost(self, name: str) -> str:
            return name

        def create_database(self, name: str) -> str:
            return name

        def delete_vhost(self, _: str) -> None: ...

    async def failing(*_: object) -> Report:
        await asyncio.sleep(0)
        raise AssertionError("never ready")

    monkeypatch.setattr(chaos, "run", failing)
    report = chaos._run_one("f01", SCENARIOS["f01_one"], tmp_path, cast(Any, (Service(), Service())), 1, 1)
    assert report.balance.breaches == ["not played: AssertionError: never ready"]
    assert "never ready" in (tmp_path / "failure.txt").read_text()
