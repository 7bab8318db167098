"""Writing many plain rows: COPY and sorted `INSERT … ON CONFLICT` on PostgreSQL, `executemany` on SQLite."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Sequence[Any]

_COUNT = re.compile(r"\d+$")


class Bulk(Protocol):
    """How rows in the column order of a table get into it; columns at its end may be left out."""

    async def insert(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Write rows that cannot be there yet."""

    async def insert_new(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> int:
        """Write rows, sorted by key, passing over those whose key is there; returns how many were new."""


def bulk_for(dialect: str) -> Bulk:
    """Return the writer of a database by its name."""
    return SqliteBulk() if dialect == "sqlite" else PostgresBulk()


class PostgresBulk:
    """COPY in the binary format; unsorted writers of the same keys would deadlock, hence the sorted insert."""

    async def insert(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Write rows by COPY."""
        if rows:
            driver = await _driver_connection(connection)
            names = [column.name for column in table.columns][: len(rows[0])]
            await driver.copy_records_to_table(table.name, records=rows, columns=names)

    async def insert_new(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> int:
        """Write rows by one INSERT from arrays; waits for other writers of the same keys to end."""
        if not rows:
            return 0
        driver = await _driver_connection(connection)
        status: str = await driver.execute(_insert_from_arrays(table), *map(list, zip(*rows, strict=True)))
        found = _COUNT.search(status)
        return int(found.group()) if found else 0


async def _driver_connection(connection: AsyncConnection) -> "asyncpg.Connection[asyncpg.Record]":
    """Return asyncpg's connection; the caller ran a statement before, with which SQLAlchemy began the transaction."""
    driver: asyncpg.Connection[asyncpg.Record] | None = (await connection.get_raw_connection()).driver_connection
    if driver is None or not driver.is_in_transaction():
        message = "bulk writing before the transaction has begun"
        raise RuntimeError(message)
    return driver


@cache
def _insert_from_arrays(table: Table) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = [f"${i}::{column.type.compile(dialect=dialect)}[]" for i, column in enumerate(table.columns, start=1)]
    # The rows were sorted by the caller and a scan of arrays keeps their order.
    return f"INSERT INTO {table.name} SELECT * FROM unnest({', '.join(arrays)}) ON CONFLICT DO NOTHING"  # noqa: S608


class SqliteBulk:
    """One `executemany` a table, with the values converted as SQLAlchemy converts them."""

    async def insert(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Write rows."""
        if rows:
            statement = _insert_positional(table, len(rows[0]))
            await connection.exec_driver_sql(statement, _converted(table, rows))

    async def insert_new(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> int:
        """Write rows, passing over known keys."""
        if not rows:
            return 0
        statement = _insert_positional(table, len(rows[0])) + " ON CONFLICT DO NOTHING"
        return (await connection.exec_driver_sql(statement, _converted(table, rows))).rowcount


@cache
def _insert_positional(table: Table, width: int) -> str:
    names = ", ".join([column.name for column in table.columns][:width])
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * width)})"  # noqa: S608 - names of ours


@cache
def _conversions(table: Table) -> list[tuple[int, Callable[[Any], Any]]]:
    dialect = aiosqlite.dialect()
    found = ((i, column.type.dialect_impl(dialect).bind_processor(dialect)) for i, column in enumerate(table.columns))
    return [(i, convert) for i, convert in found if convert is not None]


def _converted(table: Table, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    conversions = _conversions(table)
    width = len(rows[0])
    needed = [(i, convert) for i, convert in conversions if i < width]
    if not needed:
        return [tuple(row) for row in rows]
    converted = []
    for row in rows:
        values = list(row)
        for i, convert in needed:
            values[i] = convert(values[i])
        converted.append(tuple(values))
    return converted
