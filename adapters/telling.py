"""What an endpoint tells the hub of its copies, each time confirmed by the broker: durably written, or given back unread."""

from collections.abc import Iterable

from pamqp.commands import Basic

from adapters.journal import Withdrawn, Written
from adapters.publisher import PERSISTENT, Publisher
from docaxis.domain import wire

DEADLINE_S = 60.0
Copy = Written | Withdrawn


class Telling:
    """Publishes with the endpoint's key `<endpoint>.fetched`; both methods raise SendError."""

    def __init__(self, endpoint: str, publisher: Publisher) -> None:
        self._key = wire.routing_key(endpoint, "fetched")
        self._publisher = publisher

    async def fetched(self, copies: Iterable[Copy]) -> None:
        """Tell which copies are written durably."""
        await self._publish(wire.write_fetched(_by_lane(copies)))

    async def withdrawn(self, copies: Iterable[Copy]) -> None:
        """Tell which copies were given back and will never be written."""
        await self._publish(wire.write_withdrawn(_by_lane(copies)))

    async def _publish(self, body: bytes) -> None:
        properties = Basic.Properties(
            message_type=wire.FETCHED_TYPE, content_type="application/json", delivery_mode=PERSISTENT
        )
        await self._publisher.publish(wire.INGRESS_EXCHANGE, self._key, body, properties, DEADLINE_S)


def _by_lane(copies: Iterable[Copy]) -> dict[str, list[int]]:
    lanes: dict[str, list[int]] = {}
    for one in copies:
        lanes.setdefault(one.lane, []).append(one.sequence)
    return lanes
