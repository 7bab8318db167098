"""The bench's own view of the audit store: what is committed, what is open, what may be acknowledged."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import ScalarSelect, Select, bindparam, func, literal, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.engine import open_reader
from docaxis.backends.tables import deliveries, events, fetch_ranges, lanes, log_pending, outbox
from tests.bench.registration import CONNECTED
from tests.bench.variants import DOCAXIS, FLOOR, PLAIN, Variant
from tests.simulator import endpoint_of

ENDPOINTS = tuple(endpoint_of(organ_id) for organ_id in CONNECTED)


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


def _total(query: Select[int]) -> ScalarSelect[int]:
    return query.scalar_subquery()


def _numbered() -> ScalarSelect[int]:
    # The last number of each endpoint is one look into the index; counting the rows would be a walk.
    last = (select(func.max(deliveries.c.sequence)).where(deliveries.c.endpoint == one) for one in ENDPOINTS)
    sums = [func.coalesce(one.where(deliveries.c.lane == "normal").scalar_subquery(), 0) for one in last]
    return _total(select(sum(sums[1:], sums[0])))


_OPEN = _total(select(func.count()).select_from(outbox))
_NONE = literal(0)
_PROGRESS = {
    DOCAXIS: select(
        _total(select(func.coalesce(func.sum(lanes.c.dispatched), 0))),
        _total(select(func.coalesce(func.sum(lanes.c.fetched), 0))),
        _OPEN,
        _total(select(func.count()).select_from(log_pending)),
    ),
    PLAIN: select(
        _numbered(), _total(select(func.count()).where(deliveries.c.state == "fetched")), _NONE, _NONE.label("none")
    ),
    FLOOR: select(
        _numbered(),
        _total(
            select(
                func.coalesce(func.sum(fetch_ranges.c.last_sequence - fetch_ranges.c.first_sequence + 1), 0),
            )
        ),
        _OPEN,
        _NONE,
    ),
}
_COMMITTED = (
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
_SPANS = select(_COMMITTED.c.endpoint, func.min(_COMMITTED.c.sequence), func.max(_COMMITTED.c.sequence)).group_by(
    _COMMITTED.c.endpoint, _COMMITTED.c.island
)


class Books:
    """An asynchronous context with one reading connection; what it costs the database is not counted as the hub's."""

    def __init__(self, url: str, variant: Variant) -> None:
        self._engine: AsyncEngine = open_reader(url, 1)
        self._connection: AsyncConnection | None = None
        self._variant = variant
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
        return Progress(*map(int, (await self.rows(_PROGRESS[self._variant.name]))[0]))

    async def spans(self, floor: int) -> list[Span]:
        """Return the committed sequence numbers above `floor`."""
        return [Span(str(endpoint), first, last) for endpoint, first, last in await self.rows(_SPANS, {"floor": floor})]

    async def counts(self) -> dict[str, int]:
        """Return the number of rows of each table that a document leaves rows in; of events those that accept one."""
        names: Iterable[str] = (*self._variant.tables, "deliveries")
        found = {name: (await self.rows(select(func.count()).select_from(table(name))))[0][0] for name in names}
        accepted = select(func.count()).select_from(events).where(events.c.kind == "document:accepted")
        return found | {"events": (await self.rows(accepted))[0][0]}

    async def rows(self, query: object, values: dict[str, int] | None = None) -> Sequence[tuple[int, ...]]:
        """Return the rows of a query; nothing is left open behind it."""
        if self._connection is None:
            raise RuntimeError("Books are read inside `async with`")
        rows = (await self._connection.execute(query, values or {})).all()  # type: ignore[call-overload]
        await self._connection.rollback()
        return [tuple(row) for row in rows]
