"""Sequence numbers of deliveries, taken from the store in blocks, so that they cost no query per document."""

from collections.abc import Iterable

from docaxis.hub.ports import Store

BLOCK = 500


class SequencesShort(Exception):
    """A number was asked for that nobody had reserved."""


class Sequences:
    """Hands out numbers per (endpoint, lane); numbers that a crash leaves unused are gaps, which ranges bear well."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free: dict[tuple[str, str], range] = {}

    async def reserve(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Make sure that every (endpoint, lane) can be asked as often as it stands in `wanted`."""
        counts: dict[tuple[str, str], int] = {}
        for key in wanted:
            counts[key] = counts.get(key, 0) + 1
        short = {key: max(BLOCK, n) for key, n in counts.items() if len(self._free.get(key, ())) < n}
        if short:
            for key, first in (await self._store.sequences(short)).items():
                self._free[key] = range(first, first + short[key])

    def next(self, endpoint: str, lane: str) -> int:
        """Return the next number; raises SequencesShort."""
        free = self._free.get((endpoint, lane))
        if not free:
            raise SequencesShort(f"{endpoint} {lane}")
        self._free[endpoint, lane] = free[1:]
        return free[0]
