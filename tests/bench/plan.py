"""What a run of the bench is asked for, and the words of the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS, PLAIN_DOCUMENTS, ROUNDS = 8_000, 1_200, 3
QUICK_DOCUMENTS, QUICK_PLAIN_DOCUMENTS, QUICK_ROUNDS = 300, 100, 1
QUICK_LATENCY_S = 3.0
STATUSES_DOCUMENTS, QUICK_STATUSES_DOCUMENTS = 500, 20
"""With 24 statuses each they are 12,500 packages, and 500."""
NATIONAL_DAY = 40_000
"""Documents of a day between the agencies of a country, to eight addressees each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One call: how many packages of which kind, on which parts; addresses are empty where private parts are wanted."""

    documents: int
    plain_documents: int
    rounds: int
    only: tuple[str, ...]
    key: str
    size_bytes: int
    addressees: int
    processes: tuple[int, ...]
    store: str
    latency: bool
    latency_s: float
    rate: float
    receivers: bool
    steady: bool
    agencies: int
    statuses: bool
    profile: Path | None
    broker_url: str
    management_url: str
    queried: int = 0
    """Documents of the database that is asked the clerk's questions; 0: it is not asked."""
    paged: int = 0
    """Documents of the database whose pages are asked for; 0: they are not."""
    streams: int = 0
    """Open live pages beside the load; 0: that is not measured."""
    cache: Path = ROOT / "var" / "bench"
    downloads: Path = ROOT / "var" / "debian"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./hub bench",
        description="Measure docaxis beside a plain hub and beside the irreducible work, in turn, on real parts.",
    )
    add = parser.add_argument
    add("--documents", type=int, help=f"signed packages a round (default {DOCUMENTS})")
    add("--rounds", type=int, help=f"rounds; figures are medians over them (default {ROUNDS})")
    add("--only", action="append", choices=["docaxis", "plain", "floor"], help="only this one; may be given again")
    add("--quick", action="store_true", help=f"{QUICK_DOCUMENTS} documents, one round: guarantees, no figure to quote")
    add("--key", choices=["rsa2048", "p256"], default="rsa2048", help="the signers' key (default rsa2048)")
    add("--size", type=int, default=10_000, metavar="BYTES", help="size of a package, about (default 10000)")
    add("--addressees", type=int, default=8, choices=range(1, 9), metavar="1-8", help="addressees of each (default 8)")
    add("--processes", type=int, action="append", help="docaxis with so many processes (default 1 and 2, SQLite 1)")
    add("--store", choices=["postgresql", "sqlite"], default="postgresql", help="SQLite: docaxis alone")
    add("--no-latency", action="store_true", help="leave out the run at half load")
    add("--latency-seconds", type=float, default=20.0, help="length of the run at half load (default 20)")
    add("--rate", type=float, default=0.0, help="documents/s of that run (default: half of what docaxis did)")
    add("--receivers", action="store_true", help="a further run at half load with eight verifying Python receivers")
    add("--steady", type=float, metavar="MINUTES", help="the run at half load, so long, alone: does anything grow?")
    add("--national-day", action="store_true", help=f"{NATIONAL_DAY} documents through two processes, alone")
    add("--agencies", type=int, default=0, metavar="N", help="docaxis with the small and a made directory, in turn")
    add("--statuses", action="store_true", help="docaxis alone, each addressee reports 01, 03, 06 of each document")
    add("--queries", action="store_true", help="the clerk's questions at a million documents, and nothing else")
    add("--pages", action="store_true", help="every page of every role at a million documents, and nothing else")
    add(
        "--million", type=int, default=1_000_000, metavar="N", help="with --queries, --pages: so many documents instead"
    )
    add("--streams", type=int, default=0, metavar="N", help="one hub with and without N open live pages, in turn")
    add("--profile", type=Path, metavar="FILE", help="docaxis alone under cProfile: shares by part, statistics kept")
    add("--broker-url", default="", help="a broker of one's own (default: a private one)")
    add("--management-url", default="", help="its management API with login: each run makes a vhost of its own")
    add("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _or(given: int | None, usual: int) -> int:
    return usual if given is None else given


def read_arguments(arguments: list[str] | None = None) -> tuple[Plan, bool]:
    """Return the plan, and whether JSON is wanted; ends the process with a message for wrong words."""
    parser = _parser()
    read = parser.parse_args(arguments)
    sqlite, steady = read.store == "sqlite", read.steady is not None
    alone = read.national_day or read.profile or sqlite or read.agencies or steady or read.statuses
    only = tuple(dict.fromkeys(read.only or (["docaxis"] if alone else ["docaxis", "plain", "floor"])))
    processes = tuple(read.processes or ([2] if read.national_day else [1] if alone else [1, 2]))
    if sqlite and (max(processes) > 1 or only != ("docaxis",)):
        parser.error("SQLite takes docaxis alone, with one hub process")
    if alone and only != ("docaxis",):
        parser.error("that is asked of docaxis alone")
    if bool(read.broker_url) != bool(read.management_url):
        parser.error("each run needs a vhost of its own: give --broker-url and --management-url together")
    if read.statuses and (steady or read.agencies):
        parser.error("--statuses is a run of its own")
    usual = (
        (QUICK_DOCUMENTS, QUICK_PLAIN_DOCUMENTS, QUICK_ROUNDS) if read.quick else (DOCUMENTS, PLAIN_DOCUMENTS, ROUNDS)
    )
    if read.statuses:
        usual = (QUICK_STATUSES_DOCUMENTS if read.quick else STATUSES_DOCUMENTS, *usual[1:])
    documents = _or(read.documents, NATIONAL_DAY if read.national_day else usual[0])
    rounds = _or(read.rounds, 1 if read.national_day or read.profile or steady else usual[2])
    if (
        min(documents, rounds, read.size, read.million, *processes) < 1
        or min(read.agencies, read.rate, read.steady or 0) < 0
    ):
        parser.error("numbers must be above 0")
    latency_s = read.steady * 60 if steady else QUICK_LATENCY_S if read.quick else read.latency_seconds
    latency = not read.no_latency and not read.statuses and "docaxis" in only and (steady or not alone or sqlite)
    plan = Plan(
        documents=documents,
        plain_documents=min(documents, usual[1]),
        rounds=rounds,
        only=only,
        key=read.key,
        size_bytes=read.size,
        addressees=read.addressees,
        processes=processes,
        store=read.store,
        latency=latency,
        latency_s=latency_s,
        rate=read.rate,
        receivers=read.receivers,
        steady=steady,
        agencies=read.agencies,
        statuses=read.statuses,
        profile=read.profile,
        broker_url=read.broker_url,
        management_url=read.management_url,
        queried=read.million if read.queries else 0,
        paged=read.million if read.pages else 0,
        streams=read.streams,
    )
    return plan, read.json
