"""`./hub chaos [SCENARIO…] [OPTIONS]`: run fault scenarios one after another, print the balance, end with 1 on a breach."""

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console

from docaxis.local.postgres import PrivatePostgres
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError
from docaxis.logs import set_up_logs
from tests.cluster import Cluster
from tests.faults import soak
from tests.faults.old_version import missing_history
from tests.faults.report import show, total
from tests.faults.run import Report, run
from tests.faults.scenario import Scenario, all_scenarios
from tests.faults.stage import Places
from tests.services import BROKER_ADVANCED, BROKER_SETTINGS, DOWNLOADS
from tests.small_disk import SmallDisk

NO_SERVICE, STOPPED = 69, 130
VAR = Path(__file__).resolve().parents[2] / "var" / "chaos"
LONG_SCALE = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; returns the exit status."""
    found = all_scenarios()
    options = _read(arguments, found)
    if options.list:
        for name, scenario in found.items():
            print(f"{name:32} {' '.join(scenario.faults):16} {scenario.title}")
        return 0
    set_up_logs("critical", json_lines=False)
    wanted = _wanted(options.scenarios, found, long=options.long or options.scale > 1)
    if options.soak:
        wanted = {soak.NAME: soak.Soak(options.soak, options.every).scenario()}
    console = Console(stderr=True)
    VAR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=VAR))
    reports: list[Report] = []
    try:
        _run_all(wanted, options, folder, console, reports)
    except ServiceError as error:
        console.print(f"[red]{error}")
        return NO_SERVICE
    except KeyboardInterrupt:
        return STOPPED
    finally:
        broken = any(not one.balance.holds for one in reports)
        if broken or options.keep:
            console.print(f"books and logs are kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(total(reports), ensure_ascii=False, indent=2))
    else:
        show(reports, Console())
    return 1 if broken else 0


def _run_all(
    wanted: dict[str, Scenario], options: argparse.Namespace, folder: Path, console: Console, reports: list[Report]
) -> None:
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    scale = LONG_SCALE if options.long else options.scale
    console.log(f"seed {seed}, scale {scale}; starting the broker and PostgreSQL")
    broker = PrivateRabbitMQ(
        folder / "rabbitmq", downloads=DOWNLOADS, settings=BROKER_SETTINGS, advanced_config=BROKER_ADVANCED
    )
    postgres = PrivatePostgres(folder / "postgres", downloads=DOWNLOADS, durable=True)
    with broker, postgres:
        for turn in range(options.rounds):
            for name, scenario in wanted.items():
                at = folder / f"{turn}-{name}"
                at.mkdir()
                console.log(f"{name}: {scenario.title}")
                if missing := missing_history(scenario.version_before):
                    console.log(f"  [yellow]left out[/]: {missing}")
                    continue
                reports.append(_run_one(name, scenario, at, (broker, postgres), seed + turn, scale))
                console.log(_line(reports[-1]))


def _run_one(
    name: str,
    scenario: Scenario,
    folder: Path,
    services: tuple[PrivateRabbitMQ, PrivatePostgres],
    seed: int,
    scale: int,
) -> Report:
    broker, postgres = services
    # The one before may have left them down.
    broker.start()
    postgres.start()
    unique = secrets.token_hex(6)
    on_postgres = scenario.database == "postgresql"
    try:
        with (
            SmallDisk(folder / "disk", scenario.disk_bytes) if scenario.disk_bytes else nullcontext() as disk,
            Cluster(folder / "cluster") if scenario.cluster else nullcontext() as cluster,
        ):
            places = Places(
                folder=folder,
                broker=cluster.nodes[0] if cluster else broker,
                broker_url=(cluster or broker).create_vhost(f"chaos-{unique}"),
                database_url=postgres.create_database(f"chaos{unique}")
                if on_postgres
                else f"sqlite+aiosqlite:///{(disk.point if disk else folder) / 'docaxis.db'}",
                postgres=postgres if on_postgres else None,
                disk=disk,
                cluster=cluster,
            )
            return asyncio.run(run(name, scenario, places, seed, scale))
    except Exception as error:  # noqa: BLE001
        # The scenario could not be played to its end: that is a breach too, and the others still get their turn.
        report = Report(name, scenario.title, scenario.faults, seed, scale)
        report.balance.breaches.append(f"not played: {type(error).__name__}: {error}")
        (folder / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        return report
    finally:
        if not scenario.cluster:
            broker.start()
            broker.delete_vhost(f"chaos-{unique}")


def _line(report: Report) -> str:
    if report.balance.holds:
        return f"  holds, {report.seconds:.0f} s, at rest after {report.rest_s:.1f} s"
    return f"  [red]broken[/], seed {report.seed}: " + "; ".join(report.balance.breaches)


def _wanted(names: Sequence[str], found: Mapping[str, Scenario], *, long: bool) -> dict[str, Scenario]:
    if not names:
        return {name: scenario for name, scenario in found.items() if long or not scenario.long_only}
    return {name: scenario for name, scenario in found.items() if any(name.startswith(wanted) for wanted in names)}


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    reader = argparse.ArgumentParser(prog="./hub chaos", description="strike faults and balance the book")
    reader.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="names, or how they begin; default: all")
    reader.add_argument("--list", action="store_true", help="name the scenarios and end")
    reader.add_argument("--seed", type=int, help="play a run again; default: diced and printed")
    reader.add_argument("--long", action="store_true", help=f"the full form, {LONG_SCALE} times as much")
    reader.add_argument("--scale", type=int, default=1, help="how much of everything; 1 is the short form")
    reader.add_argument("--rounds", type=int, default=1, help="play all so often, each time with the next seed")
    reader.add_argument("--soak", type=float, metavar="MINUTES", help="instead: steady load, random faults")
    reader.add_argument("--every", type=float, default=600.0, metavar="SECONDS", help="between two faults of a soak")
    reader.add_argument("--keep", action="store_true", help="keep books and logs when all is well too")
    reader.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return reader


def _read(arguments: Sequence[str] | None, found: Mapping[str, Scenario]) -> argparse.Namespace:
    reader = parser()
    options = reader.parse_args(arguments)
    unknown = [one for one in options.scenarios if not any(name.startswith(one) for name in found)]
    if unknown:
        reader.error(f"no such scenario: {', '.join(unknown)} (see --list)")
    return options


if __name__ == "__main__":
    sys.exit(main())
