"""What the page of indicators stands on."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from docaxis.backends.engine import open_reader
from docaxis.backends.registry import Registry
from docaxis.backends.statistics.figures import Figures
from docaxis.backends.statistics.kept import KeptFigures
from docaxis.config import ConfigError
from docaxis.domain.calendar import day_of
from docaxis.domain.measure import Measure
from docaxis.domain.targets import Target, read_targets
from docaxis.web.indicators.ports import INDICATOR_FIGURES, Figured, Question
from docaxis.wiring.parts import Parts

_READERS = 2


class KeptIndicators:
    """Counts with an engine of its own, so that other pages never wait for it."""

    def __init__(self, kept: KeptFigures[Question], targets: Sequence[Target]) -> None:
        self._kept = kept
        self._targets = targets

    async def figures(self, question: Question, patience_s: float) -> Figured | None:
        """Return figures that were counted lately, None while they are being counted."""
        found = await self._kept.get(question, patience_s)
        return Figured(*found) if found else None

    @property
    def targets(self) -> Sequence[Target]:
        """Return what is to be reached."""
        return self._targets


async def put_indicators(app: web.Application, parts: Parts) -> None:
    """Put the port of the area in; raises ConfigError where the targets cannot be read."""
    engine = open_reader(parts.url, _READERS)
    parts.stack.push_async_callback(engine.dispose)
    registry = Registry(parts.database.engine)

    async def count(question: Question) -> Sequence[Measure]:
        directory, today = parts.world.snapshot.directory, day_of(parts.clock())
        figures = Figures(engine, directory, await registry.endpoints(), today)
        return await figures.measure(question.names, question.periods, question.by, question.scope)

    kept = KeptFigures(count, parts.clock)
    parts.stack.push_async_callback(kept.close)
    file = parts.config.web.targets_file
    app[INDICATOR_FIGURES] = KeptIndicators(kept, _targets(file) if file else ())


def _targets(file: Path) -> Sequence[Target]:
    try:
        return read_targets(file.read_text(encoding="utf-8"), is_csv=file.suffix.lower() == ".csv")
    except (OSError, ValueError) as error:
        raise ConfigError(f"web.targets_file: {file}: {error}") from None
