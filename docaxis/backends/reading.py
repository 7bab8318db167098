"""What every reading half shares: an engine that cannot write, and pages that begin where the last one ended."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.engine import open_reader
from docaxis.backends.tables import documents
from docaxis.backends.transactions import in_transaction

T = TypeVar("T")

DOCUMENT_COLUMNS = tuple(
    column for column in documents.columns if column.name not in {"folded", "salt", "note", "number_key"}
)
"""What a `DocumentView` is made of, in its order."""

PAGE = 100
"""Rows of a page where nothing else is asked for."""


class Reading:
    """Every method of those that follow raises StoreUnavailable when the database cannot be read now."""

    def __init__(self, url: str, pool_size: int = 5) -> None:
        """Open the engine; connects at first use. On PostgreSQL give the reading role's address."""
        self._engine = open_reader(url, pool_size)

    async def __aenter__(self) -> Self:
        """Return itself; connections are closed at the end of the block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def _run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        return await in_transaction(self._engine, work)

    async def _rows(self, query: Any, view: Callable[..., T]) -> list[T]:  # noqa: ANN401 - any kind of SELECT
        async def work(connection: AsyncConnection) -> list[T]:
            return [view(*row) for row in await connection.execute(query)]

        return await self._run(work)


def page(
    query: Select[Any], place: Sequence[ColumnElement[Any]], after: Sequence[object] | None, limit: int
) -> Select[Any]:
    """Return the query newest first by these columns, which name a row; the page begins after one that was seen."""
    if after is not None:
        query = query.where(tuple_(*place) < tuple_(*after, types=[column.type for column in place]))
    return query.order_by(*(column.desc() for column in place)).limit(limit)
