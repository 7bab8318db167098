"""The one metadata, and column types that behave the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Index, MetaData, text
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Describe an index of the rows that `where` names only, alike on both databases."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment that goes in and comes back in UTC; SQLite keeps it as sortable text without an offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into what the driver stores; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a datetime without time zone cannot be stored"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Leave alone what the driver of PostgreSQL gives, aware and in UTC: a page reads thousands of moments."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def coerce_compared_value(self, op: object, value: object) -> TypeEngine[Any]:
        """Compare as this type, so that a parameter is converted as the column is."""
        del op, value
        return self
