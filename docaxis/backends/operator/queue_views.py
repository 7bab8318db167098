"""What the looks at a queue mean: its state in a word, its age, its rates."""

from collections.abc import Mapping
from datetime import datetime

from docaxis.backends.operator.broker import QueueLook
from docaxis.backends.operator.history import RATE_S, History
from docaxis.domain import wire
from docaxis.hub.ports import Pending
from docaxis.hub.views.operating import QueueKind, QueueState, QueueView

STANDING_S = 120.0
"""A queue of the hub's own whose oldest message is so old stands still."""
UNFETCHED_S = 1800.0
"""The same of an inbox: nobody fetches."""

_KINDS: Mapping[str, QueueKind] = {
    wire.FETCHED_QUEUE: "fetched",
    wire.QUARANTINE_QUEUE: "trial",
    **{wire.ingress_queue(lane): "ingress" for lane in wire.LANES},
}
_LABELS = {wire.ingress_queue(lane): lane for lane in wire.LANES}


def hub_queue(name: str, look: QueueLook | None, history: History, received_rate: float | None) -> QueueView:
    """Return one of the hub's own queues on the broker; received_rate: what the hub took out of it, where the store tells."""
    kind, label = _KINDS[name], _LABELS.get(name, "")
    if look is None:
        return QueueView(kind, name, label, None, "unseen", history=history.depths())
    rates = history.rates()
    left = rates.left if rates.left is not None else received_rate
    came = rates.came
    if came is None and left is not None:
        # What came in is what went out and what has stayed.
        came = max(0.0, left + rates.growth)
    age = history.oldest_s()
    oldest_s, is_bound = age or (None, False)
    if oldest_s and look.left is None and left:
        # Without the broker's counters: what stands there goes out at this rate.
        oldest_s, is_bound = min(oldest_s, look.depth / left), False
    stands = look.depth > 0 and (not look.consumers or (oldest_s is not None and oldest_s >= STANDING_S))
    return QueueView(
        kind=kind,
        name=name,
        label=label,
        depth=look.depth,
        state="standing" if stands else "flowing",
        oldest_s=oldest_s if look.depth else None,
        oldest_is_bound=is_bound,
        in_rate=came,
        out_rate=left,
        rate_s=rates.span_s or RATE_S,
        redelivered=look.redelivered,
        history=history.depths(),
        consumers=look.consumers,
    )


def stored_queue(
    kind: QueueKind, depth: int, oldest_at: datetime | None, pending: Pending, history: History
) -> QueueView:
    """Return what waits in the database: publications, events without their place, deferred submissions."""
    oldest_s = max(0.0, (pending.database_at - oldest_at).total_seconds()) if depth and oldest_at else None
    state: QueueState = "flowing"
    if kind == "deferred":
        state = "held" if depth else "flowing"
    elif oldest_s is not None and oldest_s >= STANDING_S:
        state = "standing"
    return QueueView(kind, kind, "", depth, state, oldest_s, history=history.depths())


def inbox_queue(endpoint: str, waiting: int, history: History, oldest_s: float | None) -> QueueView:
    """Return an endpoint's inbox; oldest_s from the database where it was asked, else from the history."""
    look, rates = history.now, history.rates()
    depth = look.depth if look else 0
    is_bound = False
    if depth and oldest_s is None and (age := history.oldest_s()):
        # Of a copy that is older than everything seen only the least age is known: that is said by not saying any.
        oldest_s, is_bound = age if age[1] else (None, False)
    state: QueueState = "flowing"
    if waiting:
        state = "full"
    elif depth and oldest_s is not None and oldest_s >= UNFETCHED_S:
        state = "standing"
    return QueueView(
        kind="inbox",
        name=f"inbox.{endpoint}",
        label=endpoint,
        depth=depth,
        state=state,
        oldest_s=oldest_s if depth else None,
        oldest_is_bound=is_bound,
        in_rate=rates.came,
        out_rate=rates.left,
        rate_s=rates.span_s,
        history=history.depths(),
        waiting=waiting,
    )
