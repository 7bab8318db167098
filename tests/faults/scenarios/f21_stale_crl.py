"""F21: no revocation list is in force: signers are neither believed nor refused until a new list comes."""

import asyncio
from datetime import timedelta

from docaxis.domain.verdict import Reason
from docaxis.wiring import utc_now
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

LIST_LIFE = timedelta(seconds=1)
REFRESH_S = 1


async def strike(stage: Stage) -> None:
    """Let the lists run out `scale` times; what is sent meanwhile is put off, and decided once a list is there."""
    authority = stage.country.authority
    for _ in range(stage.scale):
        await stage.answered()
        known = set(stage.book.answers)
        authority.write_crls(days=LIST_LIFE / timedelta(days=1), at=utc_now())
        await asyncio.sleep(LIST_LIFE.total_seconds() + 2 * REFRESH_S)
        stage.book.count("revocation lists run out")
        await stage.send(10)
        new = stage.book.sent.keys() - known

        async def all_put_off(new: set[str] = new) -> bool:
            return stage.book.answers.keys() >= new

        await eventually("everything put off", all_put_off)
        given = {(one.outcome, one.code) for message_id in new for one in stage.book.answers[message_id]}
        assert given == {("deferred", Reason.SIG_TRY_LATER.value)}, given
        authority.write_crls(at=utc_now())
        await stage.answered()


SCENARIO = Scenario(
    title="the revocation lists run out and are renewed",
    faults=("F21",),
    strike=strike,
    sections={"trust": {"refresh_s": REFRESH_S}},
)
