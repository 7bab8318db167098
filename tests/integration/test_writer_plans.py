"""The writer finds what a batch of statuses is about by key, on a database that has grown before it was ever analysed."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event, text

from docaxis.backends.changes import Changes
from docaxis.backends.database import Database
from docaxis.backends.known import KnownFacts
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.migrate import upgrade
from docaxis.backends.store import SqlStore
from docaxis.domain.status import StatusCode, bit
from docaxis.hub.ports import Known, Subject, SubmissionKey
from docaxis.hub.rows import DeliveryChange
from tests.integration.store_rows import NOW, SENDER, composer, digest_of, document_key

DOCUMENTS = 4000
"""All of one sender, to the same addressees: any index but a key's leads to far more rows than were asked for."""
COPIES = 8
ADDRESSEE = "south.07"
STATUSES = 50

pytestmark = pytest.mark.postgres


@pytest.fixture
async def grown(postgres_dsn: str) -> AsyncIterator[Database]:
    await upgrade(postgres_dsn)
    database = Database(postgres_dsn, pool_size=1)
    keys = [document_key(f"VB-{number}") for number in range(DOCUMENTS)]
    await SqlStore(database).commit(keys, composer(keys, organs_each=COPIES))
    yield database
    await database.close()


@pytest.mark.parametrize("analysed", [False, True], ids=["no-statistics", "statistics"])
async def test_a_batch_of_statuses_reads_its_own_documents_alone(grown: Database, *, analysed: bool) -> None:
    if analysed:
        async with grown.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    statements = await _written(grown)
    for sql, values in statements:
        read = await _read(grown, sql, values)
        # Whether a document is finished hangs on all its copies; of all else there is one row for a status.
        most = STATUSES * COPIES if "finished_at=" in sql else STATUSES
        assert [one for one in read if one[1] > most] == [], sql
        assert read, sql


async def _written(database: Database) -> Sequence[tuple[str, Any]]:
    """Return the statements of two batches, one that finishes documents and one that opens them again; none is kept."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: object, *_rest: object) -> None:
        statements.append((sql, values))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    changes = Changes(database.dialect, LaneCounts(database.dialect))
    async with database.engine.connect() as connection:
        finished = [_finish(one) for one in await KnownFacts(database.dialect).load(connection, _statuses())]
        opened = [one._replace(statuses_before=one.statuses, statuses=0) for one in finished]
        await changes.write(connection, finished, NOW)
        await changes.write(connection, opened, NOW)
        await changes.end(connection, [(one.document_key, "recalled") for one in finished], NOW)
        await connection.rollback()
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    return statements


async def _read(database: Database, sql: str, values: tuple[Any, ...]) -> Sequence[tuple[str, float]]:
    """Run a statement and return each step that reads a table or an index, with the rows that it read; nothing is kept."""
    async with database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        found = list(_scans(rows.scalar_one()[0]["Plan"]))
        await connection.rollback()
    return found


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield each table or index of a plan, and how many rows were read of it, those included that were passed over."""
    if "Relation Name" in plan or "Index Name" in plan:
        passed = sum(plan.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
        name = f"{plan['Node Type']} {plan.get('Relation Name', '')} {plan.get('Index Name', '')}"
        yield name, (plan["Actual Rows"] + passed) * plan["Actual Loops"]
    for child in plan.get("Plans", ()):
        yield from _scans(child)


def _statuses() -> Sequence[SubmissionKey]:
    return [
        SubmissionKey(
            "south", f"s-{n}", digest_of(b"%d" % n), subjects=(Subject(SENDER, f"VB-{n}", ADDRESSEE, ADDRESSEE),)
        )
        for n in range(STATUSES)
    ]


def _finish(known: Known) -> DeliveryChange:
    (document,) = known.subjects
    assert document is not None
    (copy,) = document.deliveries
    return DeliveryChange(
        document.document_key, copy.organ_id, copy.statuses, copy.state, bit(StatusCode.FINISHED), copy.state
    )
