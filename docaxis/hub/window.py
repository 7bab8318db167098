"""The window: how many unfetched copies of an endpoint may stand in the broker; the rest wait in the store."""

from collections.abc import Mapping

from docaxis.hub.ports import LaneLoad


class Window:
    """This process's view of every endpoint's load: the store's figures, and its own commits since."""

    def __init__(self, copies: int, size_bytes: int) -> None:
        self._copies = copies
        self._size_bytes = size_bytes
        self._loads: dict[str, LaneLoad] = {}
        self.waiting: set[str] = set()

    def refresh(self, loads: Mapping[str, LaneLoad]) -> None:
        """Take over the store's figures; `waiting` names endpoints that have copies waiting."""
        self._loads = dict(loads)
        self.waiting = {endpoint for endpoint, load in loads.items() if load.waiting}

    def admit(self, endpoint: str, size_bytes: int) -> bool:
        """Whether a new copy may go to the broker now; nobody overtakes copies that wait already."""
        load = self._loads.get(endpoint, LaneLoad(0, 0))
        copies, room_bytes = self._room(load)
        # An empty window takes one copy of any size, or a document larger than the window would wait for ever.
        if endpoint in self.waiting or not copies or (room_bytes < size_bytes and load.unfetched):
            self.waiting.add(endpoint)
            return False
        self._loads[endpoint] = LaneLoad(load.unfetched + 1, load.unfetched_bytes + size_bytes)
        return True

    def room(self, endpoint: str) -> tuple[int, int]:
        """Return how many copies and bytes more the endpoint may have in the broker; never negative."""
        return self._room(self._loads.get(endpoint, LaneLoad(0, 0)))

    def _room(self, load: LaneLoad) -> tuple[int, int]:
        return max(0, self._copies - load.unfetched), max(0, self._size_bytes - load.unfetched_bytes)
