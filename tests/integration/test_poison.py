"""Our own faults: a message that makes the hub fail is kept with its origin and reason, and the others go on."""

from pathlib import Path

import aio_pika
import pytest

from docaxis.backends import sources
from docaxis.domain import wire
from docaxis.hub import intake
from docaxis.hub.compose import compose
from docaxis.hub.decide import Arrival, Decision, decide
from docaxis.hub.snapshot import Snapshot
from docaxis.wiring import utc_now
from tests.axis import Axis, depth, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually, fetch

pytestmark = pytest.mark.broker
TO = ("H01",)


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


def failing(arrival: Arrival, snapshot: Snapshot) -> Decision:
    """Decide, but fail at the poison; the reason holds what no database takes."""
    if arrival.message_id.startswith("poison"):
        raise RuntimeError("not \x00 to be \ud800 stored")
    return decide(arrival, snapshot)


async def test_message_that_makes_the_decision_fail_is_quarantined_and_the_others_go_on(
    country: Country, database_url: str, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "decide", failing)
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground, intake={"batch_wait_ms": 200.0}) as axis:
        packages = {n: country.signed(country.envelope(number=n, to=TO)) for n in range(1, 8)}
        for number, package in packages.items():
            await axis.send(package, f"{'poison' if number == 4 else 'm'}-{number}")

        async def at_rest() -> bool:
            return await ground.count("documents") == 6 and await ground.count("quarantine") == 1

        await eventually("six accepted, one kept aside", at_rest)
        await eventually("acknowledged", lambda: acknowledged(axis))
        rows = await ground.rows("SELECT origin, endpoint, message_id, body, reason FROM quarantine")
        assert rows == [("normal", endpoint_of(SENDER), "poison-4", packages[4], "RuntimeError: not ? to be ? stored")]

        async def answered() -> bool:
            return await axis.count(SENDER, "receipts") == 6

        # A batch is acknowledged at the latest two seconds after its commit, published or not.
        await eventually("six receipts", answered)
        assert (await ground.events())["message:quarantined"] == 1
        assert axis.config
        _, metrics = await fetch(f"http://127.0.0.1:{axis.config.http.metrics_port}/metrics")
        assert "docaxis_quarantined_total 1.0" in metrics


async def acknowledged(axis: Axis) -> bool:
    """Whether the ingress is empty."""
    return await depth(axis.channel, wire.ingress_queue("normal")) == 0


async def test_batch_that_the_store_refuses_is_taken_one_by_one(
    country: Country, database_url: str, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row that the database does not take must not hold back the rest of its transaction."""
    storable = compose

    def spoiling(*arguments, **more):
        composed = storable(*arguments, **more)
        for number, row in enumerate(composed.batch.submissions):
            if row.message_id == "poison-2":
                composed.batch.submissions[number] = row._replace(detail="\ud800\x00")
        return composed

    monkeypatch.setattr(intake, "compose", spoiling)
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground, intake={"batch_wait_ms": 200.0}) as axis:
        for message_id, number in [("m-1", 1), ("poison-2", 2), ("m-3", 3)]:
            await axis.send(country.signed(country.envelope(number=number, to=TO)), message_id)

        async def at_rest() -> bool:
            return await ground.count("documents") == 2 and await ground.count("quarantine") == 1

        await eventually("two accepted, one kept aside", at_rest)
        assert len({m.body for m in [await axis.next("H01"), await axis.next("H01")]}) == 2


async def test_full_disk_of_the_blob_store_makes_the_hub_wait_and_refuse_nothing(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    (tmp_path / "blobs").write_text("no folder can be made here", encoding="utf-8")
    async with serving(ground, limits={"inline_limit_bytes": 1024}) as axis:
        package = country.signed(country.envelope(number=1, to=TO))
        await axis.send(package, "m-1")

        async def trying() -> bool:
            return await depth(axis.channel, wire.ingress_queue("normal")) == 0

        await eventually("in the hub's hands", trying)
        assert await ground.count("quarantine") == 0
        assert await axis.count(SENDER, "receipts") == 0
        (tmp_path / "blobs").unlink()
        assert await axis.verdict() == ("accepted", "")
        assert (await axis.next("H01")).type == wire.CLAIM_TYPE


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 100, b"\xff" * 1000, b"{" * 1000, b'{"normal": [[1, 2, 3]]}'], ids=repr
)
async def test_unreadable_acknowledgement_is_counted_and_harms_nobody(
    country: Country, vhost: str, tmp_path: Path, body: bytes
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis:
        await axis.send(country.signed(country.envelope(number=1, to=TO)), "m-1")
        await axis.next("H01")
        await axis.send(body, "ack", sender="H01", lane="fetched", kind=wire.FETCHED_TYPE)
        await axis.acknowledge("H01", {"normal": [1]})

        async def fetched() -> bool:
            return bool((await ground.rows("SELECT sum(fetched) FROM lanes"))[0][0])

        await eventually("the good one is recorded", fetched)
        assert axis.config
        _, metrics = await fetch(f"http://127.0.0.1:{axis.config.http.metrics_port}/metrics")
        assert "docaxis_acknowledgements_unreadable_total 1.0" in metrics


METRICS = (
    "docaxis_submissions_total", "docaxis_decide_duration_seconds", "docaxis_commit_duration_seconds",
    "docaxis_copies_dispatched_total", "docaxis_copies_fetched_total", "docaxis_quarantined_total",
    "docaxis_acknowledgements_unreadable_total", "docaxis_copies_waiting", "docaxis_copies_unfetched",
    "docaxis_broker_connected", "docaxis_events_sequenced_total",
)  # fmt: skip


async def test_health_and_metrics_tell_what_operators_need(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis:
        assert axis.config
        base = f"http://127.0.0.1:{axis.config.http.metrics_port}"
        await axis.send(country.signed(country.envelope(number=1, to=TO)), "m-1")
        assert await axis.verdict() == ("accepted", "")
        assert (await fetch(f"{base}/livez"))[0] == 200
        assert (await fetch(f"{base}/readyz"))[0] == 200
        _, metrics = await fetch(f"{base}/metrics")
        assert [name for name in METRICS if f"\n{name}" not in metrics] == []
        assert "docaxis_broker_connected 1.0" in metrics
        assert 'docaxis_submissions_total{code="",outcome="accepted"} 1.0' in metrics


async def test_message_that_the_broker_gave_up_is_tried_alone_and_then_goes_its_way(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    """It expired while no hub was there: the quarantine keeps who sent it, and the next hub takes it in from there."""
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground):
        pass
    package = country.signed(country.envelope(number=30, to=TO))
    connection = await aio_pika.connect(vhost)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        message = aio_pika.Message(package, message_id="m-30", type=wire.PACKAGE_TYPE, delivery_mode=2, expiration=0.05)
        await exchange.publish(message, routing_key=wire.routing_key(endpoint_of(SENDER), "normal"))

        async def given_up() -> bool:
            return await depth(channel, wire.QUARANTINE_QUEUE) == 1

        await eventually("dead-lettered", given_up)
    async with serving(ground) as axis:
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.message_id) == ("accepted", "m-30")
        assert (await axis.next(TO[0], "normal")).body == package


async def test_message_that_ends_its_reader_is_kept_aside(
    country: Country, database_url: str, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    monkeypatch.setattr(sources, "_is_suspect", lambda delivered: delivered.message.body == b"killer")
    monkeypatch.setenv("DOCAXIS_FAILPOINT", "tried")
    async with serving(ground, intake={"batch_wait_ms": 200.0}) as axis:
        await axis.send(b"killer", "m-killer")
        await axis.send(country.signed(country.envelope(number=31, to=TO)), "m-31")
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.message_id) == ("accepted", "m-31")

        async def kept_aside() -> bool:
            return await ground.rows("SELECT message_id, body FROM quarantine") == [("m-killer", b"killer")]

        await eventually("kept aside", kept_aside)
