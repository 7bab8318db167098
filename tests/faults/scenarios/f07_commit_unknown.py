"""F7: the line to the database breaks before a COMMIT arrives, or after it was done and before the answer comes back."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from tests.cable import Direction, Tap
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import PATIENCE_S, eventually

CUTS_PER_KIND = 2
# A transaction takes a package in when it writes submissions; every other commit (outbox, log, fetched) is one too.
INTAKE = b'"submissions"'

Half = Literal["before", "after"]


@dataclass(slots=True)
class Cuts:
    """A plan of cuts: each names its half and whether it waits for a commit of the intake; one commit, one cut."""

    plan: list[tuple[Half, bool]]
    made: list[tuple[Half, bool]] = field(default_factory=list)

    def tap(self) -> Tap:
        """Return the tap of a new connection; it reads PostgreSQL's frames only as far as these words."""
        takes_in, cuts_answer = False, False

        def see(direction: Direction, octets: bytes) -> bytes | None:
            nonlocal takes_in, cuts_answer
            if direction == "back":
                # The server speaks after COMMIT only when it has committed.
                return None if cuts_answer else octets
            takes_in = takes_in or INTAKE in octets
            if b"COMMIT;" not in octets:
                return octets
            half, only_intake = self.plan[0] if self.plan else (None, False)
            due = half is not None and (takes_in or not only_intake)
            takes_in = False
            if not due:
                return octets
            self.made.append(self.plan.pop(0))
            cuts_answer = half == "after"
            return octets if cuts_answer else None

        return see


async def strike(stage: Stage) -> None:
    """Cut at so many commits of each kind, in an order that is diced, under load."""
    kinds: list[tuple[Half, bool]] = [("before", True), ("after", True), ("before", False), ("after", False)]
    plan = [kind for kind in kinds for _ in range(CUTS_PER_KIND * stage.scale)]
    stage.dice.shuffle(plan)
    cuts = Cuts(list(plan))
    # The hub's connections are there already: they break once, and the new ones have a tap.
    stage.database_cable.tap = cuts.tap
    stage.database_cable.cut()

    async def all_made() -> bool:
        return not cuts.plan

    async with stage.under_load():
        await eventually("every cut made", all_made, PATIENCE_S * stage.scale)
    stage.database_cable.tap = None
    assert cuts.made == plan
    for half, only_intake in cuts.made:
        stage.book.count(f"cut {half} a commit{' of the intake' if only_intake else ''}")
    await stage.answered()
    await _told_once(stage)


async def _told_once(stage: Stage) -> None:
    """One act, one event: a redelivered package finds its rows, a repeated settling finds the outbox empty."""
    acts: Counter[str] = Counter()
    for kind, canonical in await stage.ground.rows("SELECT kind, canonical FROM events"):
        body = json.loads(bytes(canonical))["body"]
        match kind:
            case "copies:dispatched":
                acts.update(f"{kind} {document} {to}" for document, targets in body["dispatched"] for to in targets)
            case "copies:fetched":
                acts.update(
                    f"{kind} {endpoint} {lane} {sequence}"
                    for endpoint, lane, first, last in body["fetched"]
                    for sequence in range(first, last + 1)
                )
            case "copies:withdrawn":
                acts.update(f"{kind} {body['document']} {endpoint}" for _, endpoint, *_ in body["withdrawn"])
            case _:
                acts[f"{kind} {body.get('endpoint', '')} {body['package']}"] += 1
    twice = [act for act, times in acts.items() if times > 1]
    assert not twice, f"acts with two events: {twice}"
    repeated = [act for act in acts if act.startswith("submission:repeated")]
    assert not repeated, f"redeliveries taken for new messages: {repeated}"


SCENARIO = Scenario(title="the outcome of a commit is unknown", faults=("F7",), strike=strike, flows=True)
