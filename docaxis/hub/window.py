"""The window: how many unfetched copies of an endpoint may stand in the broker; the rest wait in the store."""

import asyncio
from collections.abc import Mapping

from docaxis.hub.ports import LaneLoad

URGENT_SHARE = 10
"""One place in so many is kept for urgent copies: they do not wait behind a thousand normal ones that nobody fetches."""

_NO_LOAD = LaneLoad(0, 0)


class Window:
    """This process's view of every endpoint's load: the store's figures, and its own commits since.

    Whoever admits holds `lock` until his commit, whoever refreshes from before he asks the store: else the figures taken
    over would lack the copies of a commit under way, and the next batch would fill their places again.
    """

    def __init__(self, copies: int, size_bytes: int) -> None:
        self._copies = copies
        self._size_bytes = size_bytes
        self._loads: dict[str, LaneLoad] = {}
        self.waiting: set[str] = set()
        self.lock = asyncio.Lock()

    def refresh(self, loads: Mapping[str, LaneLoad]) -> None:
        """Take over the store's figures; `waiting` names endpoints that have copies waiting."""
        self._loads = dict(loads)
        self.waiting = {endpoint for endpoint, load in loads.items() if load.waiting}

    def admit(self, endpoint: str, size_bytes: int, lane: str = "normal") -> bool:
        """Whether a new copy may go to the broker now; a normal one overtakes nobody that waits already."""
        load = self._loads.get(endpoint, _NO_LOAD)
        urgent = lane == "urgent"
        copies, room_bytes = self._room(load, urgent=urgent)
        waits = endpoint in self.waiting and not urgent
        # An empty window takes one copy of any size, or a document larger than the window would wait for ever.
        if waits or not copies or (room_bytes < size_bytes and load.unfetched):
            self.waiting.add(endpoint)
            return False
        self._loads[endpoint] = LaneLoad(load.unfetched + 1, load.unfetched_bytes + size_bytes)
        return True

    def room(self, endpoint: str) -> tuple[int, int]:
        """Return how many copies and bytes of those that wait the endpoint may have in the broker; never negative."""
        return self._room(self._loads.get(endpoint, _NO_LOAD), urgent=False)

    def _room(self, load: LaneLoad, *, urgent: bool) -> tuple[int, int]:
        copies, size_bytes = self._copies, self._size_bytes
        if not urgent:
            copies, size_bytes = copies - copies // URGENT_SHARE, size_bytes - size_bytes // URGENT_SHARE
        return max(0, copies - load.unfetched), max(0, size_bytes - load.unfetched_bytes)
