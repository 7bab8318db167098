"""F29: a load that never ends, a random fault now and then, and a look at what the hub holds meanwhile."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.scenario import Scenario, all_scenarios
from tests.faults.stage import Stage

NAME = "f29_soak"
PER_S = 5.0
SETTLED_S = 30.0
"""A hub that has just started is still growing; its first figures are taken after this, or a quarter of the time it has."""
GROWTH_MOST = 1.3
"""So much may a figure grow between two faults, and FREE on top of that."""
FREE = {"memory MiB": 24.0, "files": 16.0}


@dataclass(frozen=True, slots=True)
class Soak:
    """How long, and how often a fault strikes."""

    minutes: float
    every_s: float = 600.0

    def scenario(self) -> Scenario:
        """Return it in the form that the harness plays."""
        title = f"{self.minutes:g} minutes of load, a random fault every {self.every_s:g} s"
        return Scenario(
            title=title, faults=("F29",), strike=self.strike, breaks_broker=True, breaks_database=True, patience_s=300.0
        )

    async def strike(self, stage: Stage) -> None:
        """Keep up the load; every so often let another scenario strike, then begin again with one fresh hub."""
        faults = {name: one for name, one in all_scenarios().items() if one.soaks}
        until = time.monotonic() + 60 * self.minutes
        async with stage.under_load(PER_S):
            while True:
                await self._watch(stage, min(self.every_s, until - time.monotonic()))
                if time.monotonic() >= until:
                    return
                name = stage.dice.choice(sorted(faults))
                stage.book.count(f"struck by {name}")
                await faults[name].strike(stage)
                await stage.heal()
                await _one_fresh_hub(stage)

    async def _watch(self, stage: Stage, for_s: float) -> None:
        """Let the one hub work, and see that it does not grow."""
        (number,) = stage.hubs.running
        settled_s = min(SETTLED_S, for_s / 4)
        await asyncio.sleep(settled_s)
        before = holds(stage, number)
        await asyncio.sleep(max(0.0, for_s - settled_s))
        after = holds(stage, number)
        for what, free in FREE.items():
            grown = f"{what}: {before[what]:.0f}, {for_s:.0f} s later {after[what]:.0f}"
            assert after[what] <= before[what] * GROWTH_MOST + free, f"I6 grown: {grown}"
            stage.book.most(f"{what} at most", round(after[what]))


def holds(stage: Stage, number: int) -> Mapping[str, float]:
    """Return what a hub process holds: memory, and open files, sockets among them."""
    process = Path("/proc") / str(stage.hubs.running[number].process.pid)
    status = (process / "status").read_text(encoding="utf-8").splitlines()
    (resident,) = (line.split()[1] for line in status if line.startswith("VmRSS:"))
    return {"memory MiB": int(resident) / 1024, "files": float(len(list((process / "fd").iterdir())))}


async def _one_fresh_hub(stage: Stage) -> None:
    for number in list(stage.hubs.running):
        # One that is still starting has no ear for a signal yet.
        await stage.hubs.running[number].ready()
        await stage.hubs.terminate(number)
    await stage.hubs.start()
