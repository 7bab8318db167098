"""The operator's figures and acts on a real broker and database, with a hub that works beside them."""

from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest

from docaxis.backends.database import Database
from docaxis.backends.operator.broker import BrokerLook
from docaxis.backends.operator.certificates import CertificateEnds, Signers
from docaxis.backends.operator.endpoints import Endpoints
from docaxis.backends.operator.figures import OperatorFigures
from docaxis.backends.operator.quarantine import Quarantine
from docaxis.backends.operator.release import Ingress
from docaxis.backends.operator.sampler import COUNT_EVERY, SURVEY_EVERY, Sampler
from docaxis.backends.registry import Registry
from docaxis.config import Config
from docaxis.domain import wire
from docaxis.domain.envelope import Priority
from docaxis.hub import intake
from docaxis.hub.decide import Arrival, Decision, decide
from docaxis.hub.snapshot import Snapshot
from docaxis.hub.views.operating import BrokerView, NotReleased
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.wiring import utc_now
from docaxis.wiring.configured import broker_of
from tests.axis import Ground, depth, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01", "H05")


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


class Room:
    """An operator's parts over the ground of a hub."""

    def __init__(
        self, ground: Ground, config: Config, stack: AsyncExitStack, management_url: str | None = None
    ) -> None:
        broker, trust = broker_of(config), config.trust
        self.seconds = 0.0
        self.database = Database(ground.database_url)
        stack.push_async_callback(self.database.close)
        ingress = Ingress(broker, "test")
        self.quarantine = Quarantine(ground.database_url, self.database, ingress, utc_now)
        figures, signers = OperatorFigures(ground.database_url), Signers(ground.database_url)
        look = BrokerLook(broker, "test", management_url, ground.broker_url.rpartition("/")[2])
        for opened in (self.quarantine, figures, signers, look):
            stack.push_async_callback(opened.close)
        self.sampler = Sampler(
            broker=look,
            broker_view=BrokerView(is_own=True),
            figures=figures,
            endpoints=Endpoints(Registry(self.database.engine), figures),
            certificates=CertificateEnds(
                config.seal.certificate_file, trust.anchors_dir, trust.intermediates_dir, trust.crls_dir
            ),
            signers=signers,
            folder=ground.folder,
            clock=utc_now,
            monotonic=lambda: self.seconds,
        )

    async def look(self) -> None:
        """Look at everything, as a minute later."""
        for _ in range(SURVEY_EVERY):
            self.seconds += 5
            await self.sampler.look()


async def test_figures_of_a_working_hub(  # noqa: PLR0915 - one board has that many figures
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with AsyncExitStack() as stack, serving(ground) as axis:
        assert axis.config
        room = Room(ground, axis.config, stack)
        await room.look()
        assert room.sampler.board().missing == ()
        for number in range(1, 6):
            await axis.send(country.signed(country.envelope(number=number, to=TO)), f"m-{number}")
        for _ in range(5):
            await axis.next("H01")
        await axis.acknowledge("H01", {"normal": [1, 2, 3, 4, 5]})
        await axis.send(b"no package", "m-bad")

        async def at_rest() -> bool:
            fetched = await ground.rows("SELECT sum(fetched) FROM lanes")
            rejected = await ground.count("submissions") == 6
            return rejected and await ground.outbox_empty() and int(fetched[0][0] or 0) == 5

        await eventually("at rest", at_rest)
        await room.look()
        board = room.sampler.board()

    assert board.missing == ()
    assert board.accepted_rate == pytest.approx(5 / 300)
    assert board.dispatched_rate
    assert board.dispatched_rate > 0
    assert board.latency_base == 5
    assert board.latency_p95_s is not None
    assert 0 < board.latency_p95_s < 60
    assert board.log_at is not None
    assert board.log_size > 5
    assert board.quarantined == 0
    assert board.disk is not None
    assert 0 < board.disk.share < 1
    queues = {queue.name: queue for queue in board.queues}
    ingress = queues[wire.ingress_queue("normal")]
    assert (ingress.depth, ingress.state, ingress.consumers) == (0, "flowing", 1)
    assert ingress.out_rate == pytest.approx(6 / 300)
    taken, left = queues["inbox." + endpoint_of("H01")], queues["inbox." + endpoint_of("H05")]
    assert (taken.depth, taken.state, taken.oldest_s) == (0, "flowing", None)
    assert (left.depth, left.state) == (5, "flowing")
    assert left.oldest_s is not None
    assert 0 < left.oldest_s < 120
    assert left.in_rate
    assert left.out_rate == 0
    seen = {one.endpoint_id: one for one in board.endpoints}
    assert seen[endpoint_of(SENDER)].sent_at
    assert not seen[endpoint_of(SENDER)].fetched_at
    assert seen[endpoint_of("H01")].fetched_at
    assert not seen[endpoint_of("H01")].sent_at
    assert seen[endpoint_of("H05")].seen_at is None
    assert seen[endpoint_of("H05")].unfetched == 5
    assert seen[endpoint_of("H05")].organ_ids == ("H05",)
    assert sum(point.accepted for point in board.traffic) == 5
    assert sum(point.rejected for point in board.traffic) == 1
    kinds = {one.kind for one in board.certificates}
    assert {"seal", "anchor", "crl"} <= kinds
    assert board.signers_seen == 0  # looked for at the first look, when nobody had signed yet


async def test_signers_are_read_out_of_their_last_package(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with AsyncExitStack() as stack, serving(ground) as axis:
        await axis.send(country.signed(country.envelope(number=1, to=TO)), "m-1")
        await axis.next("H01")
        signers = Signers(database_url)
        stack.push_async_callback(signers.close)
        await signers.find()
        await signers.read()
        (found,) = signers.ends
    assert (found.kind, found.organ_id) == ("signer", SENDER)
    assert await ground.rows("SELECT signer FROM documents") == [(found.fingerprint,)]
    assert found.ends_at > utc_now()


def failing(arrival: Arrival, snapshot: Snapshot) -> Decision:
    raise RuntimeError("a fault of the hub")


async def test_quarantined_message_is_released_to_the_hub_and_accepted(
    country: Country, database_url: str, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "decide", failing)
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with AsyncExitStack() as stack, serving(ground) as axis:
        assert axis.config
        room = Room(ground, axis.config, stack)
        await axis.send(
            country.signed(country.envelope(number=1, to=TO, priority=Priority.URGENT)), "m-1", lane="urgent"
        )
        await axis.send(b"never to be tried again", "m-2")

        async def aside() -> bool:
            return await ground.count("quarantine") == 2

        await eventually("set aside", aside)
        waiting = {one.message_id: one for one in await room.quarantine.waiting(None, 10)}
        first, second = waiting["m-1"], waiting["m-2"]
        assert (first.origin, first.endpoint, first.releasable, first.times) == ("urgent", endpoint_of(SENDER), True, 1)
        assert "a fault of the hub" in first.reason
        monkeypatch.setattr(intake, "decide", decide)

        assert await room.quarantine.release(UUID(first.event_id), "minh", "the fault is mended")
        assert await axis.verdict() == ("accepted", "")
        assert await ground.rows("SELECT message_id, lane, outcome FROM submissions") == [("m-1", "urgent", "accepted")]
        assert not await room.quarantine.release(UUID(first.event_id), "minh", "once more")
        assert await room.quarantine.discard(UUID(second.event_id), "minh", "nobody knows what it is")
        assert not await room.quarantine.release(UUID(second.event_id), "minh", "too late")

        assert await room.quarantine.waiting(None, 10) == []
        assert [(one.message_id, one.outcome, one.reason) for one in await room.quarantine.ended(10)] == [
            ("m-2", "discarded", "nobody knows what it is"),
            ("m-1", "released", "the fault is mended"),
        ]
        events = await ground.events()
        assert (events["quarantine:released"], events["quarantine:discarded"]) == (1, 1)
        assert await ground.count("quarantine") == 2
        await room.look()
        assert room.sampler.board().quarantined == 0


async def test_release_without_a_broker_records_nothing(
    country: Country, database_url: str, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "decide", failing)
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with AsyncExitStack() as stack:
        async with serving(ground) as axis:
            await axis.send(b"poison", "m-1")

            async def aside() -> bool:
                return await ground.count("quarantine") == 1

            await eventually("set aside", aside)
        config = ground.config(broker={"url": "amqp://nobody@127.0.0.1:1/"})
        room = Room(ground, config, stack)
        (one,) = await room.quarantine.waiting(None, 10)
        with pytest.raises(NotReleased):
            await room.quarantine.release(UUID(one.event_id), "minh", "the fault is mended")
        assert len(await room.quarantine.waiting(None, 10)) == 1
        assert (await ground.events())["quarantine:released"] == 0
        for _ in range(COUNT_EVERY):
            await room.sampler.look()
        board = room.sampler.board()
        assert board.missing == ("broker",)
        assert {queue.state for queue in board.queues if queue.kind in {"ingress", "fetched", "trial"}} == {"unseen"}


async def test_counters_of_the_management_api(
    country: Country, rabbitmq: PrivateRabbitMQ, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with AsyncExitStack() as stack, serving(ground) as axis:
        assert axis.config
        address = rabbitmq.management_url.replace("://", f"://{rabbitmq.user}:{quote(rabbitmq.password, safe='')}@")
        room = Room(ground, axis.config, stack, address)
        for number in range(3):
            await axis.send(b"no package", f"m-{number}")

        async def counted() -> bool:
            await room.sampler.look()
            queue = next(one for one in room.sampler.board().queues if one.label == "normal")
            return queue.redelivered is not None and queue.in_rate is not None and queue.in_rate > 0

        async def empty() -> bool:
            room.seconds += 61
            return await depth(axis.channel, wire.ingress_queue("normal")) == 0 and await counted()

        await room.sampler.look()
        await eventually("counted", empty)


async def test_one_endpoints_queues_are_seen_at_once(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with AsyncExitStack() as stack, serving(ground) as axis:
        assert axis.config
        room = Room(ground, axis.config, stack)
        await room.look()
        looks = await room.sampler.inbox(endpoint_of("H01"))
        assert looks is not None
        assert {one.kind: one.depth for one in looks} == dict.fromkeys(wire.INBOX_KINDS, 0)
        assert await room.sampler.inbox("nobody") is None
