"""Many rows as one JSON parameter: one prepared statement serves batches of every size, on both databases."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

PARAMETER = "rows_json"


def rowset(dialect: str, columns: Mapping[str, TypeEngine[Any]]) -> Subquery:
    """Return a relation `wanted` of these columns, read from the parameter; `json_rows` makes its value."""
    if dialect == "sqlite":
        fields = [f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(columns)]
        source = f"json_each(:{PARAMETER})"
    else:
        fields = [f"CAST(value->>{i} AS {_compiled(kind)}) AS {name}" for i, (name, kind) in enumerate(columns.items())]
        source = f"json_array_elements(CAST(CAST(:{PARAMETER} AS text) AS json))"
    # A subquery and no CTE: Python's sqlite3 counts no rows of a DELETE that begins with WITH.
    query = f"SELECT {', '.join(fields)} FROM {source}"  # noqa: S608 - names of ours, values are the parameter
    return text(query).columns(**columns).subquery("wanted")


def json_rows(rows: Iterable[Sequence[str | int | UUID | None]]) -> dict[str, str]:
    """Return the parameter for a rowset."""
    return {PARAMETER: json.dumps([*rows], separators=(",", ":"), default=_plain)}


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return value.hex  # as SQLite keeps it; PostgreSQL reads it too
    message = f"{type(value).__name__} has no place in a rowset"
    raise TypeError(message)


def _compiled(kind: TypeEngine[Any]) -> str:
    return kind.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
