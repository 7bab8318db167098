"""Figures kept for a while: a month of a country takes seconds to count, and nobody waits for that at every page."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from docaxis.domain.measure import Measure

K = TypeVar("K", bound=Hashable)
KEPT_MOST = 200
FRESH = timedelta(minutes=10)
"""How long figures are shown before they are counted anew; the old ones are shown until the new ones are there."""
FORGOTTEN = timedelta(hours=6)


@dataclass
class _Kept:
    measures: Sequence[Measure] | None = None
    at: datetime | None = None
    task: "asyncio.Task[None] | None" = None
    error: Exception | None = None


class KeptFigures(Generic[K]):
    """One count at a time, so that the pages never take more of the database than one connection."""

    def __init__(self, count: Callable[[K], Awaitable[Sequence[Measure]]], clock: Callable[[], datetime]) -> None:
        self._count = count
        self._clock = clock
        self._kept: dict[K, _Kept] = {}
        self._turn = asyncio.Lock()

    async def get(self, key: K, patience_s: float) -> tuple[Sequence[Measure], datetime] | None:
        """Return figures and when they were counted, None while they are being counted; raises what counting raised."""
        now = self._clock()
        kept = self._kept.setdefault(key, _Kept())
        if kept.at is not None and now - kept.at > FORGOTTEN:
            kept.measures = None
        is_fresh = kept.at is not None and now - kept.at <= FRESH
        if not is_fresh and (kept.task is None or kept.task.done()):
            kept.error = None
            kept.task = asyncio.create_task(self._refresh(key, kept))
            self._forget(key)
        if kept.measures is None and kept.task is not None:
            await asyncio.wait([kept.task], timeout=patience_s)
        if kept.measures is None or kept.at is None:
            if kept.error is not None:
                raise kept.error
            return None
        return kept.measures, kept.at

    async def close(self) -> None:
        """End what is being counted."""
        tasks = [one.task for one in self._kept.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self, key: K, kept: _Kept) -> None:
        async with self._turn:
            try:
                kept.measures = await self._count(key)
                kept.at = self._clock()
            except Exception as error:  # noqa: BLE001 - raised where the figures are asked for
                kept.error = error

    def _forget(self, newest: K) -> None:
        idle = [key for key, one in self._kept.items() if key != newest and (one.task is None or one.task.done())]
        for key in idle[: max(0, len(self._kept) - KEPT_MOST)]:
            del self._kept[key]
