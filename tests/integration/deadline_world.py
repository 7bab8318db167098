"""A store with documents to south (two addressees) and west (one), a process that looks, and hands on its clock."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select, update

from docaxis.backends.database import Database
from docaxis.backends.deadlines import SqlDeadlines
from docaxis.backends.flow_tables import attendance, deadlines, misses
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import deliveries, events
from docaxis.domain.report import Report
from docaxis.domain.status import StatusCode, bit
from docaxis.hub.deadlines import Deadlines
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import FetchRange
from docaxis.hub.rows import Batch
from docaxis.trust.reports import read_report
from docaxis.trust.seal import Seal
from tests.integration.store_rows import NOW, accept, document_key, event_row

START = NOW
DUE = NOW + timedelta(hours=8)
LATER = DUE + timedelta(seconds=1)


@dataclass
class World:
    """A database, the rounds of one hub process on it, and its clock, `now[0]`."""

    database: Database
    store: SqlStore
    rounds: Deadlines
    seal: Seal
    metrics: Metrics
    now: list[datetime]

    async def look(self, at: datetime = LATER) -> None:
        self.now[0] = at
        await self.rounds.one_round()

    async def write(self, statement: Any, rows: Any = None) -> None:
        async with self.database.engine.begin() as connection:
            await connection.execute(statement, rows)

    async def rows(self, table: Table) -> list[Any]:
        async with self.database.engine.begin() as connection:
            return list(await connection.execute(select(table).order_by(*table.primary_key.columns)))

    async def due(self, key: UUID, kind: str = "receipt", start_at: datetime = START, due_at: datetime = DUE) -> None:
        await self.write(insert(deadlines).values(document_key=key, kind=kind, start_at=start_at, due_at=due_at))

    async def present(self, since: datetime, until: datetime) -> None:
        await self.write(insert(attendance).values(since=since, until=until))

    async def status(self, key: UUID, organ_id: str, *codes: StatusCode) -> None:
        mine = (deliveries.c.document_key == key) & (deliveries.c.organ_id == organ_id)
        await self.write(update(deliveries).where(mine).values(statuses=sum(bit(code) for code in codes)))

    async def fetch(self, endpoint: str, sequence: int = 1) -> None:
        done = await self.store.fetched(
            [FetchRange(endpoint, "normal", sequence, sequence)], NOW, lambda _: event_row()
        )
        assert done

    async def told(self) -> dict[str, list[Report]]:
        """Return the reports that stand to be published, by endpoint."""
        taken = await self.store.take_outbox("h", self.now[0], 30, 1000)
        found: dict[str, list[Report]] = {}
        for one in taken:
            assert not one.targets or one.receipt
            for endpoint, octets in one.notices:
                if octets.startswith(b"<Report"):
                    found.setdefault(endpoint, []).append(read_report(octets, self.seal.certificate))
        return found

    async def happened(self, kind: str) -> list[Any]:
        return [json.loads(row.canonical)["body"] for row in await self.rows(events) if row.kind == kind]

    async def missed(self) -> list[tuple[str, str, bool]]:
        return [(row.organ_id, row.cause, row.attributable) for row in await self.rows(misses)]


async def world_on(database: Database, store: SqlStore, seal: Seal, share: float = 0.25) -> World:
    now = [NOW]
    metrics = Metrics()
    settings = Settings("hub", seal, "h", timedelta(30), timedelta(60), timedelta(60), 1000)
    rounds = Deadlines(
        SqlDeadlines(database),
        settings,
        lambda: now[0],
        metrics,
        is_connected=lambda: False,
        hub_away_share=share,
        monotonic=time.monotonic,
    )
    return World(database, store, rounds, seal, metrics, now)


async def sent(world: World, name: str = "d1", sequence: int = 1, state: str = "dispatched") -> UUID:
    batch = Batch()
    key = document_key(name)
    row = accept(batch, key, sequence, endpoints=("south", "west"), state=state)
    # West has one addressee only.
    batch.deliveries = [one for one in batch.deliveries if one.organ_id != "west.01"]
    batch.outbox = []
    await world.store.sequences({(e, "normal"): 1 for e in ("south", "west")})
    await world.store.commit([key], lambda _: batch)
    return row.submission_id
