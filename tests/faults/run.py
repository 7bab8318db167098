"""Runs one scenario: strike, heal, come to rest, balance."""

import time
from dataclasses import dataclass, field

from docaxis.local.service import ServiceError
from tests.faults.balance import Balance, balance
from tests.faults.judge_flows import judge_flows
from tests.faults.scenario import Scenario
from tests.faults.stage import Places, Stage
from tests.faults.staging import staged
from tests.waiting import eventually

CONNECTIONS_OF_A_HUB = 4


@dataclass(slots=True)
class Report:
    """How a scenario went; rest_s is how long the backlog took to reach zero after healing."""

    name: str
    title: str
    faults: tuple[str, ...]
    seed: int
    scale: int
    seconds: float = 0.0
    rest_s: float = 0.0
    did: dict[str, int] = field(default_factory=dict)
    balance: Balance = field(default_factory=Balance)


async def run(name: str, scenario: Scenario, places: Places, seed: int, scale: int) -> Report:
    """Run a scenario; an exception of the scenario itself is raised, a broken invariant is in the report."""
    report = Report(name, scenario.title, scenario.faults, seed, scale)
    started = time.monotonic()
    async with staged(scenario, places, seed, scale) as stage:
        await stage.send(5)
        await stage.answered()
        stage.log_before = await stage.leaf_hashes()
        await scenario.strike(stage)
        await stage.heal()
        healed = time.monotonic()
        await _rest(stage, report.balance)
        report.rest_s = time.monotonic() - healed
        await judge_store(stage, report.balance)
        if stage.talk:
            await judge_flows(stage, report.balance)
        for number in list(stage.hubs.running):
            await stage.hubs.terminate(number)
        for agency in stage.agencies.values():
            agency.check()
        judged = balance(stage.book)
        report.balance.counts = judged.counts | report.balance.counts
        report.balance.breaches = judged.breaches + report.balance.breaches
        report.did = dict(stage.book.counts)
    report.seconds = time.monotonic() - started
    return report


async def _rest(stage: Stage, judged: Balance) -> None:
    """I5: the backlog reaches zero by itself."""
    backlog: dict[str, int] = {}

    async def at_rest() -> bool:
        nonlocal backlog
        try:
            backlog = await stage.backlog()
        except (OSError, ServiceError) as error:
            backlog = {str(error): 1}
        return not backlog

    try:
        await eventually("rest", at_rest, stage.scenario.patience_s)
    except AssertionError:
        judged.breach("I5", "backlog left", [f"{name} {number}" for name, number in backlog.items()])


async def judge_store(stage: Stage, judged: Balance) -> None:
    """I4 and I6: the log, and what has grown."""
    accepted = {one.digest for one in stage.book.accepted("document").values()}
    documents = await stage.ground.count("documents")
    events = await stage.ground.events()
    judged.differs("I4", "documents", documents, len(accepted))
    judged.differs("I4", "events of acceptance", events["document:accepted"], documents)
    leaves = await stage.leaf_hashes()
    # In one statement: a hub at rest still writes down now and then what it did.
    ((unequal,),) = await stage.ground.rows(
        "SELECT (SELECT count(*) FROM events) - (SELECT count(*) FROM log_entries) - (SELECT count(*) FROM log_pending)"
    )
    judged.differs("I4", "events without a leaf", unequal, 0)
    indexes = (await stage.ground.rows("SELECT min(leaf_index), max(leaf_index) FROM log_entries"))[0]
    judged.differs("I4", "leaf indexes", indexes, (0, len(leaves) - 1))
    judged.differs("I4", "log before the fault", leaves[: len(stage.log_before)], stage.log_before)
    known = {one.hex() for one in leaves}
    answers = [answer for given in stage.book.answers.values() for answer in given]
    judged.breach("I4", "receipts without a leaf", {one.event_hash for one in answers} - known)
    judged.counts |= {"documents": documents, "leaves": len(leaves)}
    hub_connections = [
        one
        for one in await stage.management("GET", "/api/vhosts/{vhost}/connections")
        if "test hub" in str(one.get("client_properties", {}).get("connection_name"))
    ]
    most = CONNECTIONS_OF_A_HUB * max(1, len(stage.hubs.running))
    judged.breach("I6", "connections too many", (one.get("name") for one in hub_connections[most:]))
