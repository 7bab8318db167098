"""F27: the hub's seal is replaced on one of two processes after the other; agencies believe the old and the next one."""

from collections import Counter
from dataclasses import replace

from docaxis.trust.receipts import read_receipt
from docaxis.trust.sealed import NotSealed
from tests.faults.scenario import Scenario
from tests.faults.stage import MINISTRIES, Stage

OLD_MESSAGES = 5


async def strike(stage: Stage) -> None:
    """Restart one process with a new seal, send with both at work, repeat what the old seal answered, then the other."""
    now, following = stage.country.hub, stage.country.authority.issue(kind="hub")
    key_file, certificate_file = following.write(stage.places.folder / "next-hub")
    for agency in stage.agencies.values():
        await agency.take_up(replace(agency.hub, certificates=(now.certificate, following.certificate)))
    packages = [stage.package(MINISTRIES[0]) for _ in range(OLD_MESSAGES)]
    await _send_and_hear(stage, packages)
    seal = {"seal": {"key_file": key_file, "certificate_file": certificate_file}}
    async with stage.under_load():
        for number in list(stage.hubs.running):
            await stage.hubs.terminate(number)
            await stage.hubs.start(sections=seal)
            stage.book.count("seals replaced")
            await stage.send(20 * stage.scale)
            # Whoever gets them now: the answer is the one that the old seal gave.
            await _send_and_hear(stage, packages)
    await stage.answered()
    sealed: Counter[str] = Counter()
    for (receipt,) in await stage.ground.rows("SELECT receipt FROM submissions"):
        for name, issued in (("now", now), ("next", following)):
            try:
                read_receipt(bytes(receipt), issued.certificate)
            except NotSealed:
                continue
            sealed[name] += 1
    assert sealed["now"] >= OLD_MESSAGES, sealed
    assert sealed["next"] >= 20 * stage.scale, sealed
    assert sealed.total() == await stage.ground.count("submissions"), sealed


async def _send_and_hear(stage: Stage, packages: list[tuple[str, str, frozenset[str], bytes]]) -> None:
    for sender, message_id, receivers, package in packages:
        await stage.agencies[sender].send(package, message_id, receivers, frozenset({"accepted"}))
    await stage.answered()


SCENARIO = Scenario(
    title="the hub's seal is replaced, one process after the other", faults=("F27",), strike=strike, hubs=2
)
