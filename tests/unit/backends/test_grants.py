"""The writing role may do what the code does, and no more: read off the statements in the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import docaxis.backends
from docaxis.backends import directory_tables, flow_tables, grants, people_tables, tables  # noqa: F401 - they fill the metadata
from docaxis.backends.columns import metadata

BACKENDS = Path(docaxis.backends.__file__).parent
PARTLY = {"documents"}
"""Of which only some columns may change (`grants.FLOWING`)."""


def changed(verb: str) -> Iterator[str]:
    """Yield the tables of every `update(table)` or `delete(table)` in the package, migrations left out."""
    for file in BACKENDS.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == verb
            if named and node.args and isinstance(node.args[0], ast.Name):  # type: ignore[attr-defined]
                name = node.args[0].id.removesuffix("_table")  # type: ignore[attr-defined]
                if name in metadata.tables:
                    yield name


def test_what_is_updated_may_be() -> None:
    found = set(changed("update"))
    assert {"deliveries", "people", "drafts"} <= found
    assert found <= {*grants.UPDATED, *PARTLY}


def test_what_is_deleted_may_be() -> None:
    found = set(changed("delete"))
    assert {"outbox", "sessions", "drafts"} <= found
    assert found <= set(grants.DELETED)


def test_rights_are_for_tables_that_exist() -> None:
    assert {*grants.UPDATED, *grants.DELETED} <= set(metadata.tables)
