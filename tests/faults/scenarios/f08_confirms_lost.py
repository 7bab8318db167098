"""F8: the broker takes what the hub publishes, but its confirmations get lost."""

from tests.faults.frames import BASIC_ACK, FrameTap
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

PUBLISH_TIMEOUT_S = 1


async def strike(stage: Stage) -> None:
    """Let every confirmation vanish for a while: what was published counts as not published, and goes out again."""
    losing = False
    lost = 0

    def vanishes(method: bytes) -> bool:
        nonlocal lost
        # Only publishing is acknowledged by the broker.
        gone = losing and method == BASIC_ACK
        lost += gone
        return gone

    stage.broker_cable.tap = lambda: FrameTap(vanishes)
    stage.broker_cable.cut()
    await stage.consumed()
    for _ in range(stage.scale):
        await stage.send(5)
        await stage.answered()
        losing = True
        await stage.send(10)
        await eventually("a second try", lambda: stage.hubs.metric("docaxis_publications_unconfirmed_total"))
        assert await stage.ground.count("outbox") > 0
        losing = False
        await eventually("the outbox is empty", stage.ground.outbox_empty)
    assert lost
    assert stage.book.wire_repeats, "nothing was published again"
    stage.book.count("confirmations lost", lost)


SCENARIO = Scenario(
    title="the broker's confirmations get lost",
    faults=("F8",),
    strike=strike,
    sections={"broker": {"publish_timeout_s": PUBLISH_TIMEOUT_S}},
)
