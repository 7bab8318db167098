"""What a run of the bench is asked for, and the words of the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 8_000
QUICK_DOCUMENTS = 500
QUICK_LATENCY_S = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One call: how many packages of which kind, on which parts; addresses are empty where private parts are wanted."""

    documents: int
    key: str
    size_bytes: int
    addressees: int
    processes: int
    store: str
    latency: bool
    latency_s: float
    rate: float
    profile: Path | None
    broker_url: str
    management_url: str
    cache: Path
    downloads: Path


def read_arguments(arguments: list[str] | None = None) -> tuple[Plan, bool]:
    """Return the plan, and whether JSON is wanted; ends the process with a message for wrong words."""
    parser = argparse.ArgumentParser(
        prog="./hub bench", description="Measure the hub: documents waiting in the ingress, worked off on real parts."
    )
    add = parser.add_argument
    add("--documents", type=int, help=f"signed packages that wait in the ingress (default {DOCUMENTS})")
    add(
        "--quick",
        action="store_true",
        help=f"{QUICK_DOCUMENTS} documents and {QUICK_LATENCY_S:.0f} s: guarantees, no figure to quote",
    )
    add("--key", choices=["rsa2048", "p256"], default="rsa2048", help="the signers' key (default rsa2048)")
    add("--size", type=int, default=10_000, metavar="BYTES", help="size of a package, about (default 10000)")
    add("--addressees", type=int, default=8, choices=range(1, 9), metavar="1-8", help="addressees of each (default 8)")
    add("--processes", type=int, default=1, help="hub processes (default 1; SQLite takes one)")
    add("--store", choices=["postgresql", "sqlite"], default="postgresql", help="the audit store (default postgresql)")
    add("--no-latency", action="store_true", help="leave the second run (half rate, real receivers) out")
    add("--latency-seconds", type=float, default=20.0, help="length of the second run (default 20)")
    add("--rate", type=float, default=0.0, help="documents/s of the second run (default: half of the first's)")
    add("--profile", type=Path, metavar="FILE", help="run the hub under cProfile and keep its statistics there")
    add("--broker-url", default="", help="a broker of one's own, on an empty vhost (default: a private one)")
    add("--management-url", default="", help="its management API with login: then each run makes a vhost of its own")
    add("--json", action="store_true", help="one JSON object on standard output")
    read = parser.parse_args(arguments)
    if read.store == "sqlite" and read.processes > 1:
        parser.error("SQLite takes one hub process")
    documents = read.documents if read.documents is not None else QUICK_DOCUMENTS if read.quick else DOCUMENTS
    if min(documents, read.size, read.processes) < 1:
        parser.error("numbers must be above 0")
    if read.broker_url and not read.management_url and not read.no_latency:
        parser.error("two runs need a vhost each: give --management-url too, or --no-latency")
    plan = Plan(
        documents=documents,
        key=read.key,
        size_bytes=read.size,
        addressees=read.addressees,
        processes=read.processes,
        store=read.store,
        latency=not read.no_latency,
        latency_s=QUICK_LATENCY_S if read.quick else read.latency_seconds,
        rate=read.rate,
        profile=read.profile,
        broker_url=read.broker_url,
        management_url=read.management_url,
        cache=ROOT / "var" / "bench",
        downloads=ROOT / "var" / "debian",
    )
    return plan, read.json
