"""F10: one document id with several contents at the same moment: one is accepted, the others are refused, both are kept."""

import asyncio

from docaxis.domain import wire
from docaxis.domain.verdict import Reason
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

DOCUMENTS = 6
"""For each unit of scale."""
CONTENTS = 4
HUBS = 2


async def strike(stage: Stage) -> None:
    """Send every document with so many contents at once, then the first content once more."""
    for _ in range(DOCUMENTS * stage.scale):
        await _one_document(stage)
    stage.book.count("document ids in conflict", DOCUMENTS * stage.scale)


async def _one_document(stage: Stage) -> None:
    sender, first, receivers, package = stage.package()
    number = stage.numbers
    to = sorted(receiver.removeprefix("e-").upper() for receiver in receivers)
    packages = {first: package}
    for content in range(1, CONTENTS):
        _, _, _, other = stage.package(sender, to, number=number, subject=f"Nội dung thứ {content}")
        packages[f"{first}-content-{content}"] = other
    agency = stage.agencies[sender]
    either = frozenset({"accepted", "rejected"})
    await asyncio.gather(*(agency.send(octets, m, receivers, either) for m, octets in packages.items()))
    await stage.answered()
    outcomes = {m: stage.book.answers[m][-1] for m in packages}
    accepted = [m for m, answer in outcomes.items() if answer.outcome == "accepted"]
    assert len(accepted) == 1, f"{len(accepted)} contents accepted of {number}"
    codes = {answer.code for m, answer in outcomes.items() if m not in accepted}
    assert codes == {Reason.PKG_ID_CONFLICT.value}, codes
    kept = {digest for (digest,) in await stage.ground.rows("SELECT digest FROM packages")}
    assert {wire.digest_of(octets) for octets in packages.values()} <= kept, "a content in conflict is not kept"
    # What was accepted is untouched: sent again, it gets its own receipt again.
    again = f"{accepted[0]}-again"
    await agency.send(packages[accepted[0]], again, receivers, frozenset({"accepted"}))
    await stage.answered()
    assert stage.book.answers[again][-1].octets == outcomes[accepted[0]].octets


SCENARIO = Scenario(title="one document id, several contents at once", faults=("F10",), strike=strike, hubs=HUBS)
