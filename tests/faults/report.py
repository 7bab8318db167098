"""The tables of a run, for people and for machines."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.run import Report

ZEROES = ("lost", "doubled", "phantom", "unanswered")


def total(reports: Sequence[Report]) -> dict[str, Any]:
    """Return the run as one object: the sums, and every scenario."""
    counts: Counter[str] = Counter()
    did: Counter[str] = Counter()
    for one in reports:
        counts.update(one.balance.counts)
        did.update(one.did)
    return {
        "holds": all(one.balance.holds for one in reports),
        "counts": dict(counts),
        "did": dict(did),
        "scenarios": [
            {
                "name": one.name,
                "faults": one.faults,
                "seed": one.seed,
                "scale": one.scale,
                "seconds": round(one.seconds, 1),
                "rest_s": round(one.rest_s, 1),
                "did": one.did,
                "counts": one.balance.counts,
                "breaches": one.balance.breaches,
            }
            for one in reports
        ],
    }


def show(reports: Sequence[Report], console: Console) -> None:
    """Print a line a scenario, every breach, and the sums."""
    table = Table("scenario", "seed", "sent", "copies", *ZEROES, "rest s", "s")
    for one in reports:
        counts = one.balance.counts
        table.add_row(
            one.name if one.balance.holds else f"[red]{one.name}",
            str(one.seed),
            *(str(counts.get(name, 0)) for name in ("sent", "copies", *ZEROES)),
            f"{one.rest_s:.1f}",
            f"{one.seconds:.0f}",
        )
    console.print(table)
    for one in reports:
        for breach in one.balance.breaches:
            console.print(f"[red]{one.name} (seed {one.seed}): {breach}")
    sums = total(reports)
    did = ", ".join(f"{number} {what}" for what, number in sums["did"].items())
    counted = ", ".join(f"{what} {number}" for what, number in sums["counts"].items())
    console.print(f"{did}\n{counted}\n{'every invariant held' if sums['holds'] else '[red]broken'}")
