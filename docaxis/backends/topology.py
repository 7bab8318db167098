"""Everything that must exist on the broker, as data: one place to read, declare, check and document it.

Quorum queues only, nothing that RabbitMQ 4.3 refuses. Inboxes have no length limit: the window is the hub's own, since a
full queue under `reject-publish` would nack a fan-out while the others keep their copy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from docaxis.domain import wire

# A closed consumer counts against all its unacked messages, so the limit is far above what crashes alone can reach.
INGRESS_DELIVERY_LIMIT = 20
# A receiver may crash as often as it likes; its messages are never given up, only fetched or withdrawn.
INBOX_DELIVERY_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue and the keys that bind it to the ingress exchange."""

    name: str
    arguments: Mapping[str, str | int]
    binding_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one broker user may do: three patterns of RabbitMQ, and the routing keys it may publish with."""

    user: str
    configure: str
    write: str
    read: str
    topic_write: str


def _quorum(delivery_limit: int) -> dict[str, str | int]:
    return {"x-queue-type": "quorum", "x-delivery-limit": delivery_limit}


def _hub_queues() -> tuple[Queue, ...]:
    to_quarantine = {
        # No routing key of its own: the message keeps the one that proves its sender.
        "x-dead-letter-exchange": wire.QUARANTINE_EXCHANGE,
        "x-dead-letter-strategy": "at-least-once",
        # At-least-once dead-lettering is only had together with this overflow behaviour.
        "x-overflow": "reject-publish",
    }
    ingress = _quorum(INGRESS_DELIVERY_LIMIT) | to_quarantine
    return (
        Queue(wire.QUARANTINE_QUEUE, _quorum(INBOX_DELIVERY_LIMIT)),
        *(Queue(wire.ingress_queue(lane), ingress, (f"*.{lane}",)) for lane in wire.LANES),
        Queue(wire.FETCHED_QUEUE, ingress, ("*.fetched",)),
    )


@dataclass(frozen=True, slots=True)
class Topology:
    """The hub's own part of the broker; what the quarantine exchange is given goes to the quarantine queue, whatever its key."""

    exchange: str = wire.INGRESS_EXCHANGE
    quarantine_exchange: str = wire.QUARANTINE_EXCHANGE
    queues: tuple[Queue, ...] = field(default_factory=_hub_queues)


def inbox_queues(endpoint: str, token: str) -> tuple[Queue, ...]:
    """Return the queues of one endpoint: two lanes, receipts, control."""
    return tuple(
        Queue(wire.inbox_queue(endpoint, token, kind), _quorum(INBOX_DELIVERY_LIMIT)) for kind in wire.INBOX_KINDS
    )


def endpoint_permissions(endpoint: str, token: str) -> Permissions:
    """Return what an endpoint's user may do: publish with its own routing keys, read its own four queues, nothing else."""
    inbox = re.escape(wire.inbox_queue(endpoint, token, "")).replace("\\-", "-")
    verbs = "|".join((*wire.LANES, "fetched"))
    return Permissions(
        user=endpoint,
        configure="^$",
        write=f"^{re.escape(wire.INGRESS_EXCHANGE)}$",
        read=f"^{inbox}({'|'.join(wire.INBOX_KINDS)})$",
        topic_write=rf"^{endpoint}\.({verbs})$",
    )
