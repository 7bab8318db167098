"""The log read in portions for all subscribers together: most of them stand at the same place and want the same entries."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from docaxis.hub.change_facts import Entry, Facts
from docaxis.hub.changes import Change, changes_of

ENTRIES_AT_ONCE = 500
PORTIONS_KEPT = 8

_Told = tuple[dict[str, list[Change]], int]


class Log(Protocol):
    """What can be asked of the log; raises StoreUnavailable."""

    async def read(self, first: int, limit: int, endpoints: frozenset[str]) -> tuple[Sequence[Entry], Facts]:
        """Return at most so many entries from `first` on, with what they speak of where it concerns the endpoints."""

    async def time_of(self, index: int) -> datetime | None:
        """Return the time of an entry, None where there is none yet."""


class LogReading:
    """Reads each portion once; one at a time, so that what is off the hot path takes one connection of the pool at most."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._reading = asyncio.Lock()
        self._portions: dict[tuple[int, frozenset[str]], _Told] = {}
        self.endpoints: frozenset[str] = frozenset()
        """Whose changes are looked for."""

    async def changes(self, endpoint: str, first: int) -> tuple[Sequence[Change], int]:
        """Return an endpoint's changes in the order of the log, and the first entry that was not read."""
        endpoints = self.endpoints | {endpoint}
        async with self._reading:
            key = first, endpoints
            found = self._portions.get(key)
            if found is None:
                found = await self._read(first, endpoints)
                if found[1] > first:
                    self._portions[key] = found
                while len(self._portions) > PORTIONS_KEPT:
                    del self._portions[next(iter(self._portions))]
        told, end = found
        return told.get(endpoint, ()), end

    async def time_of(self, index: int) -> datetime | None:
        """Return the time of an entry, None where there is none yet."""
        return await self._log.time_of(index)

    async def _read(self, first: int, endpoints: frozenset[str]) -> _Told:
        entries, facts = await self._log.read(first, ENTRIES_AT_ONCE, endpoints)
        told: dict[str, list[Change]] = {}
        for entry in entries:
            for endpoint, change in changes_of(entry, facts):
                told.setdefault(endpoint, []).append(change)
        return told, entries[-1].leaf_index + 1 if entries else first
