"""The bench's own view of the audit store: what is committed, what is open, what may be acknowledged."""

from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.database import Database
from docaxis.backends.engine import open_reader
from docaxis.backends.migrate import upgrade
from docaxis.backends.registry import Registry
from docaxis.backends.tables import deliveries, documents, events, lanes, log_pending, outbox, packages, submissions
from docaxis.wiring import utc_now
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of

ENDPOINTS = tuple(endpoint_of(organ_id) for organ_id in (SENDER, *PROVINCES))


class Progress(NamedTuple):
    """Copies committed for the broker, copies acknowledged by their endpoints, publications and log places still open."""

    dispatched: int
    fetched: int
    outbox: int
    pending: int


class Span(NamedTuple):
    """Committed sequence numbers in a row."""

    endpoint: str
    first: int
    last: int


_PROGRESS = select(
    select(func.coalesce(func.sum(lanes.c.dispatched), 0)).scalar_subquery(),
    select(func.coalesce(func.sum(lanes.c.fetched), 0)).scalar_subquery(),
    select(func.count()).select_from(outbox).scalar_subquery(),
    select(func.count()).select_from(log_pending).scalar_subquery(),
)
_NUMBERED = (
    select(
        deliveries.c.endpoint,
        deliveries.c.sequence,
        (
            deliveries.c.sequence
            - func.row_number().over(partition_by=deliveries.c.endpoint, order_by=deliveries.c.sequence)
        ).label("island"),
    )
    .where(
        deliveries.c.endpoint.in_(ENDPOINTS), deliveries.c.lane == "normal", deliveries.c.sequence > bindparam("floor")
    )
    .subquery()
)
_SPANS = select(_NUMBERED.c.endpoint, func.min(_NUMBERED.c.sequence), func.max(_NUMBERED.c.sequence)).group_by(
    _NUMBERED.c.endpoint, _NUMBERED.c.island
)


async def register(url: str, country: Country) -> dict[str, str]:
    """Make the tables and enter agencies and endpoints; returns endpoint → queue token."""
    await upgrade(url)
    database = Database(url)
    registry = Registry(database.engine)
    await registry.import_agencies(country.directory.agencies.values())
    for organ_id in (SENDER, *PROVINCES):
        await registry.add_endpoint(endpoint_of(organ_id), organ_id, utc_now())
        await registry.connect(endpoint_of(organ_id), [organ_id])
    tokens = {one.endpoint_id: one.queue_token for one in await registry.endpoints()}
    await database.close()
    return tokens


class Books:
    """An asynchronous context with one reading connection; what it costs the database is not counted as the hub's."""

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = open_reader(url, 1)
        self._connection: AsyncConnection | None = None
        self.backend_pids: list[int] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        connection = self._connection = await self._engine.connect()
        if self._engine.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            self.backend_pids = [(await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        if self._connection:
            await self._connection.close()
        await self._engine.dispose()

    async def progress(self) -> Progress:
        """Return how far the hub is."""
        return Progress(*map(int, (await self._rows(_PROGRESS))[0]))

    async def spans(self, floor: int) -> list[Span]:
        """Return the committed sequence numbers above `floor`."""
        return [
            Span(str(endpoint), first, last) for endpoint, first, last in await self._rows(_SPANS, {"floor": floor})
        ]

    async def counts(self) -> dict[str, int]:
        """Return the number of rows of each table that a document leaves rows in; of events those that accept one."""
        found = {}
        for table in (submissions, packages, documents, deliveries):
            found[table.name] = (await self._rows(select(func.count()).select_from(table)))[0][0]
        accepted = select(func.count()).select_from(events).where(events.c.kind == "document:accepted")
        return found | {"events": (await self._rows(accepted))[0][0]}

    async def _rows(self, query: object, values: dict[str, int] | None = None) -> Sequence[tuple[int, ...]]:
        if self._connection is None:
            raise RuntimeError("Books are read inside `async with`")
        rows = (await self._connection.execute(query, values or {})).all()  # type: ignore[call-overload]
        await self._connection.rollback()
        return [tuple(row) for row in rows]
