import asyncio

import pytest

from adapters.client import Client
from adapters.publisher import SendError
from docaxis.domain import wire
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.adapters.standin import StandInHub, until
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.broker

SMALL = b"<small/>"
LARGE = b"x" * 50_000


async def test_a_package_is_confirmed_answered_and_its_receipt_kept(hub: StandInHub):
    async with Client(hub.settings()) as client:
        message_id = await client.send(SMALL)
        answer = await client.receipt_for(message_id, PATIENCE_S)
        assert message_id == wire.digest_of(SMALL).removeprefix("sha256:")
        assert answer.receipt.outcome == "accepted"
        assert answer.is_final
        assert (await client.known_receipt(message_id)) == answer
    assert [(one.lane, one.body) for one in hub.arrived] == [("normal", SMALL)]
    assert await hub.depth("receipts") == 0


async def test_the_same_package_again_has_the_same_id_and_no_second_receipt(hub: StandInHub):
    async with Client(hub.settings()) as client:
        first, second = await client.send(SMALL, lane="urgent"), await client.send(SMALL, lane="urgent")
        assert first == second
        await until(lambda: len(hub.arrived) == 2)
        await client.receipt_for(first, PATIENCE_S)
        await asyncio.sleep(0.3)
        assert len(client.journal.receipts_of(first)) == 1
    assert {one.lane for one in hub.arrived} == {"urgent"}


async def test_a_large_package_goes_by_claim_check(hub: StandInHub):
    async with Client(hub.settings()) as client:
        message_id = await client.send(LARGE)
        assert (await client.receipt_for(message_id, PATIENCE_S)).receipt.digest == wire.digest_of(LARGE)
    assert hub.arrived[0].is_claim
    assert wire.parse_claim(hub.arrived[0].body) == wire.Claim(wire.digest_of(LARGE), len(LARGE))
    assert hub.blobs[wire.digest_of(LARGE)] == LARGE


async def test_a_blob_store_that_refuses_is_named(hub: StandInHub):
    hub.http_status = 413
    async with Client(hub.settings()) as client:
        with pytest.raises(SendError, match="413"):
            await client.send(LARGE)
        # A token that is not valid now may be so later: tried until the deadline.
        hub.http_status = 401
        with pytest.raises(SendError, match="401"):
            await client.send(LARGE, deadline_s=3)
    assert not hub.arrived


async def test_many_at_once_are_all_confirmed(hub: StandInHub):
    async with Client(hub.settings()) as client:
        ids = await asyncio.gather(*(client.send(b"<p>%d</p>" % n, lane="normal") for n in range(300)))
        answers = await asyncio.gather(*(client.receipt_for(one, PATIENCE_S) for one in ids))
    assert [answer.message_id for answer in answers] == ids


async def test_a_deferral_is_not_final_and_the_decision_with_the_same_receipt_id_is_kept(hub: StandInHub):
    hub.answer = lambda _: None
    digest = wire.digest_of(SMALL)
    async with Client(hub.settings()) as client:
        await client.send(SMALL, "m-1")
        deferred = hub.receipt("m-1", digest, "deferred", "SIG.TRY_LATER", receipt_id="r")
        await hub.send_receipt(deferred, "m-1")
        assert (await client.receipt_for("m-1", PATIENCE_S, final=False)).receipt.outcome == "deferred"
        with pytest.raises(TimeoutError):
            await client.receipt_for("m-1", 0.3)
        await hub.send_receipt(hub.receipt("m-1", digest, receipt_id="r"), "m-1")
        assert (await client.receipt_for("m-1", PATIENCE_S)).receipt.outcome == "accepted"


async def test_a_receipt_repeated_under_a_new_id_is_found_by_it_when_the_digest_fits(hub: StandInHub):
    hub.answer = lambda _: None
    async with Client(hub.settings()) as client:
        first = hub.receipt("first", wire.digest_of(SMALL))
        await hub.send_receipt(first, "second")
        assert (await client.receipt_for("second", PATIENCE_S, wire.digest_of(SMALL))).receipt.message_id == "first"
        with pytest.raises(TimeoutError):
            await client.receipt_for("second", 0.2, wire.digest_of(LARGE))


async def test_receipts_stream_goes_on_where_it_stopped(hub: StandInHub):
    async with Client(hub.settings()) as client:
        for number in range(3):
            await client.receipt_for(await client.send(b"<p>%d</p>" % number), PATIENCE_S)
        numbers = []
        async for received in client.receipts(after=1):
            numbers.append(received.number)
            if len(numbers) == 2:
                await client.send(b"<last/>")
            if len(numbers) == 3:
                break
    assert numbers == [2, 3, 4]


async def test_a_forged_receipt_is_set_aside_and_blocks_nothing(hub: StandInHub, tmp_path):
    stranger = StandInHub(hub.amqp_url)
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        await hub.send_receipt(stranger.receipt("m", wire.digest_of(SMALL)), "m")
        await hub.send_receipt(hub.receipt("m", wire.digest_of(SMALL), endpoint="somebody-else"), "m")
        await hub.send_receipt(b"<not xml", "m")
        await client.receipt_for(await client.send(SMALL), PATIENCE_S)
        assert await client.known_receipt("m") is None
    assert len(list((tmp_path / "set-aside").iterdir())) == 3
    assert await hub.depth("receipts") == 0


async def test_a_routing_key_of_somebody_else_is_refused_at_once(hub: StandInHub, rabbitmq: PrivateRabbitMQ):
    vhost = hub.amqp_url.rpartition("/")[2]
    rabbitmq.management("PUT", "/api/users/so-y-te", {"password": "p", "tags": ""})
    rights = {"configure": "^$", "write": "^docaxis.ingress.v1$", "read": "^$"}
    rabbitmq.management("PUT", f"/api/permissions/{vhost}/so-y-te", rights)
    topic = {"exchange": wire.INGRESS_EXCHANGE, "write": "^another[.]normal$", "read": "^$"}
    rabbitmq.management("PUT", f"/api/topic-permissions/{vhost}/so-y-te", topic)
    hub.amqp_url = rabbitmq.amqp_url_of(vhost, "so-y-te", "p")
    async with Client(hub.settings()) as client:
        with pytest.raises(SendError, match="may not publish"):
            await client.send(SMALL)


async def test_a_refused_login_is_told_at_once(hub: StandInHub):
    hub.amqp_url = hub.amqp_url.replace("@", "-no-longer@")
    async with Client(hub.settings()) as client, asyncio.timeout(PATIENCE_S):
        with pytest.raises(SendError, match="login refused"):
            await client.send(SMALL)


async def test_nobody_listening_is_an_error_that_names_the_deadline():
    hub = StandInHub("amqp://nobody:secret@127.0.0.1:1/")
    hub.url = ""
    async with Client(hub.settings()) as client:
        with pytest.raises(SendError, match="within 1 s") as caught:
            await client.send(SMALL, deadline_s=1)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(hub.settings())


@pytest.mark.slow
async def test_what_is_sent_during_a_restart_of_the_broker_arrives(own_rabbitmq: PrivateRabbitMQ):
    hub = StandInHub(own_rabbitmq.create_vhost("v"))
    await hub.start()
    async with Client(hub.settings()) as client:
        first = await client.send(b"<first/>")
        await client.receipt_for(first, PATIENCE_S)
        await asyncio.sleep(1)  # RabbitMQ 3.10 saves its directory of quorum queues every 500 ms
        await asyncio.to_thread(own_rabbitmq.kill)
        sending = [asyncio.create_task(client.send(b"<p>%d</p>" % n, lane="normal", deadline_s=90)) for n in range(20)]
        await asyncio.sleep(1)
        await asyncio.to_thread(own_rabbitmq.start)
        ids = await asyncio.gather(*sending)
        answers = [await client.receipt_for(one, PATIENCE_S) for one in ids]
        assert {answer.receipt.outcome for answer in answers} == {"accepted"}
    assert {one.message_id for one in hub.arrived} == {first, *ids}
    await hub.stop()
