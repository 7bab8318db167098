"""What the page of indicators asks: figures, which take seconds and are kept for a while, and the targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from docaxis.domain.measure import By, Measure, Scope
from docaxis.domain.period import Period
from docaxis.domain.targets import Target


@dataclass(frozen=True, slots=True)
class Question:
    """Figures of some indicators over some periods, of whom, told apart by what."""

    names: tuple[str, ...]
    periods: tuple[Period, ...]
    by: By
    scope: Scope


@dataclass(frozen=True, slots=True)
class Figured:
    """Figures, and when they were counted."""

    measures: Sequence[Measure]
    at: datetime


class IndicatorPort(Protocol):
    """Counts in the background: raises StoreUnavailable where counting failed."""

    async def figures(self, question: Question, patience_s: float) -> Figured | None:
        """Return figures that were counted lately, or that are there within so many seconds; None: they are being counted."""

    @property
    def targets(self) -> Sequence[Target]:
        """Return what is to be reached."""


INDICATOR_FIGURES = web.AppKey("indicator_figures", IndicatorPort)
