"""Sequence numbers of deliveries, taken from the store in blocks, so that they cost no query per document."""

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import length_hint

from docaxis.hub.ports import Store

BLOCK = 500


class SequencesShort(Exception):
    """A number was asked for that nobody had reserved."""


class Sequences:
    """Hands out numbers per (endpoint, lane); numbers that a crash leaves unused are gaps, which ranges bear well."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free: dict[tuple[str, str], list[Iterator[int]]] = {}

    async def reserve(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Make sure that every (endpoint, lane) can be asked as often as it stands in `wanted`."""
        short = {key: max(BLOCK, number) for key, number in Counter(wanted).items() if self._left(key) < number}
        if not short:
            return
        for key, first in (await self._store.sequences(short)).items():
            # What is left of the block before is used up first: its numbers are lower, and none is thrown away.
            begun = [block for block in self._free.get(key, ()) if length_hint(block)]
            self._free[key] = [*begun, iter(range(first, first + short[key]))]

    def next(self, endpoint: str, lane: str) -> int:
        """Return the next number; raises SequencesShort."""
        for block in self._free.get((endpoint, lane), ()):
            for number in block:
                return number
        raise SequencesShort(f"{endpoint} {lane}")

    def _left(self, key: tuple[str, str]) -> int:
        return sum(map(length_hint, self._free.get(key, ())))
