"""The world that the browser looks at: the demonstration, played to its end, with its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from docaxis.backends.engine import open_reader
from docaxis.backends.tables import documents
from docaxis.local.demo.first_act import FIRST_ACT
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.play import Play
from docaxis.local.demo.second_act import SECOND_ACT
from docaxis.local.demo.stage import Stage, Wanted
from docaxis.local.demo.third_act import ThirdAct
from docaxis.local.demo.troupe import Troupe
from tests.services import told


@dataclass(frozen=True, slots=True)
class World:
    """A running hub with its pages, and who plays on it."""

    stage: Stage
    troupe: Troupe

    @property
    def address(self) -> str:
        """Return where the pages are."""
        return self.stage.web_url

    async def documents(self) -> dict[str, str]:
        """Return the keys of all accepted documents, by number and notation; keys as they stand in addresses."""
        engine = open_reader(self.stage.store_url, 1)
        try:
            async with engine.connect() as connection:
                rows = await connection.execute(
                    select(documents.c.document_key, documents.c.code_number, documents.c.code_notation)
                )
                return {f"{row.code_number}/{row.code_notation}": str(row.document_key) for row in rows}
        finally:
            await engine.dispose()


@asynccontextmanager
async def played(folder: Path, downloads: Path) -> AsyncIterator[World]:
    """Play the demonstration, whose own comparison must find nothing, and leave everything running for the block."""
    ledger = Ledger()
    async with Stage(Wanted(folder, downloads), ledger, told) as stage:
        play = Play(stage, ledger, (FIRST_ACT, SECOND_ACT))
        _, differences = await play.run()
        act = ThirdAct(stage, ledger, play.desk, told)
        flows = await act.run()
        assert differences + flows.differences == []
        yield World(stage, act)
