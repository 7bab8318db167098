"""Several hub processes side by side: nothing is accepted twice, and whatever one of them leaves another finishes."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from docaxis.domain import wire
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, viewing
from tests.hub_child import HubChild
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01", "H05")


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


async def at_rest(ground: Ground, documents: int) -> bool:
    """Whether so many documents are accepted, and everything is published."""
    return await ground.count("documents") == documents and await ground.outbox_empty()


async def served(axis: Axis, ground: Ground, submissions: int) -> bool:
    """Whether every message has been answered."""
    return (
        await depth(axis.channel, wire.ingress_queue("normal")) == 0
        and await axis.count(SENDER, "receipts") >= submissions
        and await ground.outbox_empty()
    )


@pytest.mark.postgres
async def test_duplicates_sent_at_once_to_two_processes_are_accepted_once(
    country: Country, postgres_dsn: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, postgres_dsn, vhost, tmp_path)
    # One message at a time each, so that both get their share of every pair.
    narrow = {"prefetch_normal": 1, "prefetch_urgent": 1}
    # A long lease, or a slow machine would have answers published again by the sweeper.
    patient = {"publish_lease_s": 60}
    with ground.hub(broker=narrow, intake=patient) as one, ground.hub(broker=narrow, intake=patient) as other:
        await asyncio.gather(one.ready(), other.ready())
        async with viewing(ground) as axis:
            packages = [country.signed(country.envelope(number=number, to=TO)) for number in range(1, 31)]
            for number, package in enumerate(packages):
                # The same message twice, and the same octets under a new id.
                await asyncio.gather(
                    axis.send(package, f"m-{number}"),
                    axis.send(package, f"m-{number}"),
                    axis.send(package, f"again-{number}"),
                )
            await eventually("all answered", lambda: served(axis, ground, 90))
            receipts = await axis.all_of(SENDER, "receipts")
            assert len(receipts) == 90
            assert len({message.body for message in receipts}) == 30
            for organ_id in TO:
                messages = await axis.all_of(organ_id)
                assert sorted(message.body for message in messages) == sorted(packages)
        shares = [await decided(hub_metrics) for hub_metrics in (one, other)]
        assert all(share > 0 for share in shares), shares
        assert (await one.terminate(), await other.terminate()) == (0, 0)
    assert await ground.count("documents") == 30
    assert await ground.count("submissions WHERE outcome = 'accepted'") == 30
    assert await ground.count("submissions WHERE outcome = 'repeated'") == 30
    assert (await ground.events())["document:accepted"] == 30


async def decided(hub: HubChild) -> float:
    """Return how many decisions a process counts."""
    _, metrics = await hub.get("/metrics")
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line.startswith("docaxis_submissions_total")
    )


async def test_second_process_on_sqlite_refuses_and_says_why(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    with ground.hub() as first:
        await first.ready()
        # Not from the nursery: a Python of its own, as everybody starts it.
        with HubChild(ground.config_file()) as second:
            assert await second.ended() == 1
            assert "another hub process is using" in second.log
            assert "Traceback" not in second.log
        assert (await first.get("/readyz"))[0] == 200
        assert await first.terminate() == 0


async def test_sigterm_in_the_middle_of_work_drains_and_the_next_process_finishes(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    packages = [country.signed(country.envelope(number=number, to=TO)) for number in range(1, 151)]
    with ground.hub(intake={"batch_size": 5}) as first:
        await first.ready()
        async with viewing(ground) as axis:
            for number, package in enumerate(packages):
                await axis.send(package, f"m-{number}")
                if number == 60:
                    stopping = asyncio.create_task(first.terminate())
            assert await stopping == 0
            committed = await ground.count("documents")
            # Drained: all it had taken is published and settled, all it had not is still in the broker.
            assert await ground.count("outbox") == 0
            waiting = await depth(axis.channel, wire.ingress_queue("normal"))
            # More may wait than is not committed: what was committed late is not acknowledged, and comes once more.
            assert committed > 0
            assert waiting >= 150 - committed
    with ground.hub() as second:
        await second.ready()
        async with viewing(ground) as axis:
            await eventually("the rest", lambda: at_rest(ground, 150))
            for organ_id in TO:
                assert sorted({m.message_id: m.body for m in await axis.all_of(organ_id)}.values()) == sorted(packages)
        assert await second.terminate() == 0


@pytest.mark.postgres
async def test_leases_of_a_killed_process_run_out_and_another_takes_them_over(
    country: Country, postgres_dsn: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, postgres_dsn, vhost, tmp_path)
    package = country.signed(country.envelope(number=1, to=TO))
    with ground.hub(failpoint="committed") as killed:
        await killed.ready()
        async with viewing(ground) as axis:
            await axis.send(package, "m-1")
            assert await killed.ended() == -9
            # No redelivery helps here: only the lease brings this document on its way.
            await eventually("the redelivery", lambda: purged(axis))
            assert await ground.count("outbox") == 1
            with ground.hub() as heir:
                await heir.ready()
                await eventually("published by the heir", lambda: at_rest(ground, 1))
                assert [(await axis.next(organ_id)).body for organ_id in TO] == [package] * 2
                assert await heir.terminate() == 0
    assert await ground.events() == {"document:accepted": 1, "copies:dispatched": 1}


async def purged(axis: Axis) -> bool:
    """Take the redelivered message away."""
    queue = await axis.channel.get_queue(wire.ingress_queue("normal"), ensure=False)
    return (await queue.purge()).message_count == 1


@pytest.mark.parametrize("cut_point", ["released", "redecided", "fetched", "resumed"])
async def test_killed_in_the_background_work_too_nothing_is_lost(
    cut_point: str, country: Country, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    limits = {"inbox_window": 1}
    packages = {f"m-{n}": country.signed(country.envelope(number=n, to=["H01"])) for n in (1, 2)}
    late = country.signed(country.envelope(number=3, to=["H05"]))
    claim = wire.write_claim(wire.Claim(wire.digest_of(late), len(late)))
    first_failpoint = "committed" if cut_point == "resumed" else cut_point
    with ground.hub(failpoint=first_failpoint, limits=limits) as hub:
        await hub.ready()
        async with viewing(ground) as axis:
            for message_id, package in packages.items():
                await axis.send(package, message_id)
            if cut_point != "resumed":
                await eventually("both accepted", lambda: served(axis, ground, 2))
                await axis.send(claim, "m-late", kind=wire.CLAIM_TYPE)
                await eventually("deferred", lambda: served(axis, ground, 3))
                await put_blob(ground, hub.config.http.port, late)
                await axis.acknowledge("H01", {"normal": [1]})
            assert await hub.ended() == -9
    if cut_point == "resumed":
        with ground.hub(failpoint=cut_point, limits=limits) as hub:
            assert await hub.ended() == -9
        async with viewing(ground) as axis:
            await axis.send(claim, "m-late", kind=wire.CLAIM_TYPE)
    with ground.hub(limits=limits) as hub:
        await hub.ready()
        await put_blob(ground, hub.config.http.port, late)
        async with viewing(ground) as axis:
            await axis.acknowledge("H01", {"normal": [1]})
            await eventually("all accepted and published", lambda: at_rest(ground, 3))

            async def delivered() -> bool:
                there = [await axis.count(organ_id) for organ_id in TO]
                return there[0] >= 2 and there[1] >= 1

            await eventually("all delivered", delivered)
            assert {m.body for m in await axis.all_of("H01")} == set(packages.values())
            assert {m.headers[wire.DIGEST_HEADER] for m in await axis.all_of("H05")} == {wire.digest_of(late)}
        assert await hub.terminate() == 0
    assert await ground.count("deliveries") == 3
    assert (await ground.rows("SELECT sum(fetched) FROM lanes"))[0][0] == 1
    events = await ground.events()
    assert (events["document:accepted"], events["copies:fetched"]) == (3, 1)


async def put_blob(ground: Ground, port: int, octets: bytes) -> None:
    """Bring octets as the sender's endpoint."""
    headers = {"Authorization": f"Bearer {ground.bearers[endpoint_of(SENDER)]}"}
    url = f"http://127.0.0.1:{port}/blobs/{wire.digest_of(octets)}"
    async with aiohttp.ClientSession() as session, session.put(url, data=octets, headers=headers) as answer:
        assert answer.status in {201, 204}
