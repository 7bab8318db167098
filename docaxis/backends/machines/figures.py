"""Figures of one agency for the API: counted with an engine of their own, kept for a while."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from docaxis.backends.registry import Registry
from docaxis.backends.statistics.figures import Figures
from docaxis.backends.statistics.kept import KeptFigures
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.indicators import INDICATORS
from docaxis.domain.measure import Measure, Scope
from docaxis.domain.period import Period


class _Question(NamedTuple):
    organ_id: str
    period: Period


class AgencyFigures:
    """Fulfils `api.v1.ports.Statistics`; close ends what is being counted."""

    def __init__(
        self,
        engine: AsyncEngine,
        registry: Registry,
        directory: Callable[[], Directory],
        clock: Callable[[], datetime],
    ) -> None:
        """Take a reading engine, the registry, the directory as registered, and the time."""
        self._engine = engine
        self._registry = registry
        self._directory = directory
        self._clock = clock
        self._kept: KeptFigures[_Question] = KeptFigures(self._count, clock)

    async def measure(
        self, organ_id: str, period: Period, patience_s: float
    ) -> tuple[Sequence[Measure], datetime] | None:
        """Return figures and when they were counted; None: they are being counted. Raises StoreUnavailable."""
        return await self._kept.get(_Question(organ_id, period), patience_s)

    async def close(self) -> None:
        """End what is being counted."""
        await self._kept.close()

    async def _count(self, question: _Question) -> Sequence[Measure]:
        endpoints = await self._registry.endpoints()
        figures = Figures(self._engine, self._directory(), endpoints, day_of(self._clock()))
        return await figures.measure(tuple(INDICATORS), (question.period,), scope=Scope(question.organ_id))
