"""The short form of every scenario, on real parts."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from docaxis.local.postgres import PrivatePostgres
from docaxis.local.service import ServiceError
from tests.cluster import Cluster
from tests.faults.old_version import missing_history
from tests.faults.run import run
from tests.faults.scenario import Scenario, all_scenarios
from tests.faults.stage import Places
from tests.services import DOWNLOADS, needed
from tests.small_disk import SmallDisk

SEED = 20261122
SCENARIOS = [
    pytest.param(name, scenario, id=name, marks=[pytest.mark.long] if scenario.long_only or scenario.seldom else [])
    for name, scenario in all_scenarios().items()
]


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[PrivatePostgres]:
    """A server of the test's own, to be stopped at will."""
    server = PrivatePostgres(tmp_path / "postgres", downloads=DOWNLOADS, durable=True)
    needed("PostgreSQL", server.start)
    yield server
    server.kill()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    """Make a file system of so many bytes, gone after the test."""
    with ExitStack() as stack:

        def make(size_bytes: int) -> SmallDisk:
            disk = SmallDisk(tmp_path / "disk", size_bytes)
            try:
                return stack.enter_context(disk)
            except ServiceError as error:
                # No package gives it: a container or a chroot may forbid namespaces, so CI skips it too, and says so.
                pytest.skip(str(error))

        yield make


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes of the test's own (30 s)."""
    nodes = Cluster(tmp_path / "cluster")
    needed("cluster of RabbitMQ", nodes.__enter__)
    yield nodes
    nodes.kill()


@pytest.mark.broker
@pytest.mark.postgres
@pytest.mark.parametrize(("name", "scenario"), SCENARIOS)
async def test_nothing_is_lost_or_doubled_when(
    name: str, scenario: Scenario, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if missing := missing_history(scenario.version_before):
        pytest.skip(missing)
    cluster = request.getfixturevalue("cluster") if scenario.cluster else None
    alone = "own_rabbitmq" if scenario.breaks_broker else "rabbitmq"
    broker = cluster.nodes[0] if cluster else request.getfixturevalue(alone)
    postgres = None
    disk = request.getfixturevalue("small_disk")(scenario.disk_bytes) if scenario.disk_bytes else None
    database_url = f"sqlite+aiosqlite:///{(disk.point if disk else tmp_path) / 'docaxis.db'}"
    if scenario.database == "postgresql":
        postgres = request.getfixturevalue("own_postgres" if scenario.breaks_database else "postgres")
        database_url = postgres.create_database(f"f{secrets.token_hex(8)}")
    vhost = f"f{secrets.token_hex(8)}"
    broker_url = (cluster or broker).create_vhost(vhost)
    places = Places(tmp_path, broker, broker_url, database_url, postgres, disk, cluster)
    report = await run(name, scenario, places, SEED, scale=1)
    (cluster or broker).delete_vhost(vhost)
    assert report.balance.holds, report.balance.breaches
    assert report.balance.counts["accepted"] > 0
