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
from docaxis.hub.rows import Batch, DeliveryChange
from tests.integration.store_rows import NOW, SENDER, composer, digest_of, document_key

DOCUMENTS = 1500
"""All of one sender, to the same two addressees: any index but a key's leads to far more rows than were asked for."""
STATUSES = 100
COPIES = 2
ADDRESSEE = "south.00"

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
async def test_a_batch_of_statuses_reads_no_more_rows_than_it_is_about(grown: Database, *, analysed: bool) -> None:
    statements: list[tuple[str, Any]] = []
    if analysed:
        async with grown.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    async with grown.engine.connect() as connection:
        known = await KnownFacts(grown.dialect).load(connection, _statuses())
        changes = [_finish(one) for one in known]
        event.listen(
            grown.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, sql, values, *_: statements.append((sql, values)),
        )
        await KnownFacts(grown.dialect).load(connection, _statuses())
        await Changes(grown.dialect, LaneCounts(grown.dialect)).write(connection, changes, NOW)
        await connection.rollback()
        found = []
        for sql, values in list(statements):
            plan = (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)).scalar_one()
            print(sql); import json; print(json.dumps(plan[0]["Plan"], indent=1)[:6000])
            found += list(_read(plan[0]["Plan"]))
            await connection.rollback()
    print(found)
    assert max(rows for _, rows in found) <= STATUSES * COPIES


def _statuses() -> Sequence[SubmissionKey]:
    return [
        SubmissionKey("south", f"s-{n}", digest_of(b"%d" % n), subjects=(Subject(SENDER, f"VB-{n}", ADDRESSEE, ADDRESSEE),))
        for n in range(STATUSES)
    ]


def _finish(known: Known) -> DeliveryChange:
    (document,) = known.subjects
    assert document is not None
    (copy,) = document.deliveries
    return DeliveryChange(
        document.document_key, copy.organ_id, copy.statuses, copy.state, bit(StatusCode.FINISHED), copy.state
    )


def _read(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield each table or index of a plan, and how many rows were read of it, those included that were passed over."""
    if "Relation Name" in plan or "Index Name" in plan:
        passed = sum(plan.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
        name = f"{plan['Node Type']} {plan.get('Relation Name', '')} {plan.get('Index Name', '')}"
        yield name, (plan["Actual Rows"] + passed) * plan["Actual Loops"]
    for child in plan.get("Plans", ()):
        yield from _read(child)
