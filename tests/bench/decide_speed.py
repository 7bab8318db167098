"""What deciding one document costs, step by step, in µs of CPU: `python -m tests.bench.decide_speed [DOCUMENTS]`."""

import gc
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from docaxis.backends.directory_files import shipped
from docaxis.backends.world import COLLECT_AFTER
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.directory_csv import read_agencies
from docaxis.domain.envelope import Envelope
from docaxis.domain.routing import check_sender, route
from docaxis.domain.wire import digest_of
from docaxis.edxml.limits import DEFAULT_LIMITS
from docaxis.edxml.reader import read_valid
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.schema import check_schema
from docaxis.hub.decide import Accepted, Arrival, Proven, check_lane, check_speaker, decide
from docaxis.hub.snapshot import Snapshot
from docaxis.trust import xmldsig
from docaxis.trust.certificate import ChainCache, Signer, TrustStore, load_trust, verify_signer
from docaxis.wiring import utc_now
from tests.bench.corpus import WARM_UP, corpus
from tests.bench.plan import read_arguments
from tests.bench.routing_speed import directory_text
from tests.simulator import PROVINCES, SENDER, endpoint_of

ROUNDS = 200
"""Every document is decided so many times, in turn with the others; its quickest time of a step counts, since what is above
that is other people's work on the same cores."""


def main() -> None:
    """Print µs for each step and for the whole, with the shipped directory and with one of 123,000 agencies."""
    documents = sys.argv[1] if len(sys.argv) > 1 else "20"
    for key in ("rsa2048", "p256"):
        plan, _ = read_arguments(["--documents", documents, "--key", key])
        with corpus(plan) as packages:
            packages.provide(plan.documents)
            bodies, pki = list(packages.packages(WARM_UP, plan.documents)), packages.pki
            trust = load_trust(pki / "anchors", pki / "intermediates", pki / "crls")
        measure(key, bodies, trust)


def measure(key: str, bodies: list[bytes], trust: TrustStore) -> None:
    """Print the table of one kind of key; ends the process when a package is not accepted."""
    small, large = (snapshot_of(directory, trust) for directory in (shipped()[0], large_directory()))
    at, endpoint = utc_now(), endpoint_of(SENDER)
    arrivals = [Arrival(body, endpoint, f"m-{n}", "normal", digest_of(body), at) for n, body in enumerate(bodies)]
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    spent: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(arrivals))
    for _ in range(ROUNDS):
        for number, arrival in enumerate(arrivals):
            for step, seconds in chain(by_step(arrival, small), whole(arrival, small), whole(arrival, large)):
                spent[step][number] = min(spent[step][number], seconds)
    lines = [f"{key}, {sum(map(len, bodies)) // len(bodies)} bytes, {len(PROVINCES)} addressees: µs of CPU a document"]
    lines += [f"{1e6 * sum(seconds) / len(seconds):7.0f}  {step}" for step, seconds in spent.items()]
    sys.stdout.write("\n".join(lines) + "\n")


def whole(arrival: Arrival, snapshot: Snapshot) -> Iterator[tuple[str, float]]:
    """Yield the seconds that the hub's own function takes."""
    begun = time.process_time()
    found = decide(arrival, snapshot)
    ended = time.process_time()
    if not isinstance(found, Accepted):
        raise SystemExit(str(found))
    yield f"decide, {len(snapshot.directory):,} agencies", ended - begun


def by_step(arrival: Arrival, snapshot: Snapshot) -> Iterator[tuple[str, float]]:
    """Yield the seconds of every step; `release` is giving the tree and the values back."""
    begun = time.process_time()
    for step in steps(arrival, snapshot):
        ended = time.process_time()
        yield step, ended - begun
        begun = time.process_time()
    yield "release", time.process_time() - begun


def steps(arrival: Arrival, snapshot: Snapshot) -> Iterator[str]:
    """Do what `decide` does for an acceptable package, naming each step when it is done."""
    parsed = parse(arrival.body, snapshot.limits)
    assert isinstance(parsed, ParsedXml)
    yield "parse"
    assert check_schema(parsed) is None
    yield "schema"
    signed = xmldsig.verify(parsed)
    assert isinstance(signed, xmldsig.SignedPackage)
    yield "signature"
    envelope = read_valid(parsed)
    assert isinstance(envelope, Envelope)
    yield "envelope"
    signer = verify_signer(signed.certificate, signed.hints, snapshot.trust, arrival.received_at, snapshot.chains)
    assert isinstance(signer, Signer)
    yield "signer"
    header, today = envelope.header, day_of(arrival.received_at)
    assert check_sender(header.sender.organ_id, arrival.endpoint, snapshot.directory, today) is None
    assert check_speaker(Proven(envelope, signer), snapshot.directory, snapshot.bindings) is None
    assert check_lane(envelope, arrival.lane) is None
    yield "sender"
    route(header, snapshot.directory, snapshot.policy, today)
    yield "route"


def snapshot_of(directory: Directory, trust: TrustStore) -> Snapshot:
    """Return what a hub would decide by, with this directory and the bench's own authority."""
    connections = {code: endpoint_of(code) for code in (SENDER, *PROVINCES)}
    connected = Directory.build(directory.agencies.values(), directory.levels, connections, directory.branches)
    return Snapshot(connected, shipped()[1], trust, ChainCache(), {}, {}, DEFAULT_LIMITS)


def large_directory() -> Directory:
    """Return 123,000 agencies in the shipped levels."""
    structure = shipped()[0]
    return Directory.build(read_agencies(directory_text()), structure.levels, {}, structure.branches)


if __name__ == "__main__":
    main()
