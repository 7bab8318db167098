"""The publisher against a real broker: what is confirmed, refused, returned, cut off or never answered, counted exactly."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from docaxis.backends import amqp, link, messages
from docaxis.domain import wire
from docaxis.hub.ports import Remainder
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.alarm import memory_alarm
from tests.cable import Cable
from tests.integration.publications import (
    INBOXES,
    SENDER,
    TOKEN,
    ids,
    keys,
    outgoing,
    own_headers,
    publishing,
    taken,
    untouched,
    watching,
)
from tests.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.broker


async def test_batch_arrives_whole_with_all_its_properties(vhost: str) -> None:
    body, note = bytes(range(256)) * 800, '{"note":"công văn"}'.encode()
    batch = [
        outgoing(*INBOXES, body=body, note=note, notices=(("e-h01", b"<n/>"), ("e-h02", b""))),
        outgoing("e-h01", body=None, receipt=b""),
        outgoing("e-h02", body=b"x" * 300_000, note=b"n" * 40_000, receipt=None),
        outgoing(receipt=b"r" * 200_000),
    ]
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        left = await publisher.publish(batch)
        assert left == [Remainder(one.outbox_id) for one in batch]
        for endpoint in INBOXES:
            first = (await taken(channel, endpoint))[0]
            properties = first.header.properties
            assert first.body == body
            assert (properties.message_id, properties.message_type) == (batch[0].document_key.hex, "package")  # type: ignore[union-attr]
            assert (properties.content_type, properties.delivery_mode) == ("application/xml", 2)
            assert own_headers(first) == {wire.NOTE_HEADER: note.decode(), wire.DIGEST_HEADER: batch[0].digest}
        receipts = await taken(channel, SENDER, "receipts")
        assert [message.body for message in receipts] == [b"receipt", b"", b"r" * 200_000]
        assert [message.header.properties.correlation_id for message in receipts] == ["m-1"] * 3
        assert {message.body for message in await taken(channel, "e-h01", "control")} == {b"<n/>"}
        assert {message.body for message in await taken(channel, "e-h02", "control")} == {b""}


async def test_claims_and_notes_that_are_too_large_travel_by_digest(vhost: str) -> None:
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        large = outgoing("e-h02", body=b"x" * 300_000, note=b"n" * 40_000, receipt=None)
        assert (await publisher.publish([large]))[0].done
        (message,) = await taken(channel, "e-h02")
        assert wire.parse_claim(message.body) == wire.Claim(large.digest, 300_000)
        assert message.header.properties.message_type == "claim"
        assert own_headers(message) == {
            wire.NOTE_DIGEST_HEADER: wire.digest_of(b"n" * 40_000),
            wire.DIGEST_HEADER: large.digest,
        }


async def test_large_batches_at_once_come_out_exact(vhost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several batches share the channel, groups are split, portions are drained in between."""
    monkeypatch.setattr(messages, "BCC_TARGETS_MAX", 2)
    batches = [[outgoing(*INBOXES, body=b"x" * 20_000) for _ in range(200)] for _ in range(4)]
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        lefts = await asyncio.gather(*(publisher.publish(batch) for batch in batches))
        assert all(left.done for many in lefts for left in many)
        wanted = keys([one for batch in batches for one in batch])
        for endpoint in INBOXES:
            assert ids(await taken(channel, endpoint)) == wanted
        assert len(await taken(channel, SENDER, "receipts")) == 800


async def test_inbox_that_refuses_is_left_and_the_others_are_not(vhost: str) -> None:
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        full = wire.inbox_queue("e-h02", TOKEN, "normal")
        await channel.queue_declare(full, durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        await channel.basic_publish(b"", routing_key=full)
        await channel.basic_publish(b"", routing_key=full)
        alone, many, other = outgoing("e-h02"), outgoing(*INBOXES), outgoing("e-h01", "e-h03")
        left = await publisher.publish([alone, many, other])
        assert [one.targets for one in left] == [("e-h02",), ("e-h02",), ()]
        assert not any(one.with_receipt for one in left)
        for endpoint in ("e-h01", "e-h03"):
            assert set(ids(await taken(channel, endpoint))) == set(keys([many, other]))


async def test_inbox_whose_limit_is_taken_away_takes_again(
    rabbitmq: PrivateRabbitMQ, vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = f"/api/policies/{urlsplit(vhost).path[1:]}/full"
    limits = {"max-length": 1, "overflow": "reject-publish"}
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        assert (await publisher.publish([outgoing("e-h01")]))[0].done
        await asyncio.to_thread(
            rabbitmq.management, "PUT", policy, {"pattern": "e-h01.*normal", "definition": limits, "apply-to": "queues"}
        )

        async def refused() -> bool:
            return not (await publisher.publish([outgoing("e-h01", "e-h02")]))[0].done

        await eventually("refused", refused)
        await asyncio.to_thread(rabbitmq.management, "DELETE", policy)
        await taken(channel, "e-h01")
        # While others are under way, or the connection is young, it is kept.
        assert await refused()
        assert publisher.connections == 1
        monkeypatch.setattr(link, "RENEW_AFTER_S", 0.0)

        async def accepted() -> bool:
            return not await refused()

        await eventually("accepted", accepted)
        assert publisher.connections >= 2


async def test_missing_queues_are_made_anew_and_tried_once_more(vhost: str) -> None:
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        assert (await publisher.publish([outgoing(*INBOXES, notices=(("e-h01", b"1"),))]))[0].done
        for endpoint in INBOXES:
            await channel.queue_delete(wire.inbox_queue(endpoint, TOKEN, "normal"))
        for endpoint, kind in ((SENDER, "receipts"), ("e-h01", "control")):
            await channel.queue_delete(wire.inbox_queue(endpoint, TOKEN, kind))
        batch = [outgoing(*INBOXES, notices=(("e-h01", b"2"),)), outgoing("e-h01"), outgoing("e-h01")]
        assert all(left.done for left in await publisher.publish(batch))
        assert ids(await taken(channel, "e-h01")) == keys(batch)
        assert ids(await taken(channel, "e-h03")) == keys(batch[:1])
        assert len(await taken(channel, SENDER, "receipts")) == 3
        assert [message.body for message in await taken(channel, "e-h01", "control")] == [b"2"]


async def test_who_is_not_known_any_more_is_left(vhost: str) -> None:
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        one = outgoing("e-h01", "e-unknown", "e-h02", notices=(("e-unknown", b"n"), ("e-h01", b"n")))
        (left,) = await publisher.publish([one])
        assert left == Remainder(one.outbox_id, ("e-unknown",), (("e-unknown", b"n"),), with_receipt=False)
        assert ids(await taken(channel, "e-h02")) == keys([one])


async def test_channel_that_the_broker_closes_leaves_all_and_the_next_try_goes_through(
    rabbitmq: PrivateRabbitMQ, vhost: str
) -> None:
    rights = f"/api/permissions/{urlsplit(vhost).path[1:]}/{rabbitmq.user}"
    batch = [outgoing(*INBOXES) for _ in range(20)]
    async with publishing(vhost) as publisher, watching(vhost) as channel:
        assert (await publisher.publish([outgoing(*INBOXES)]))[0].done
        await publisher.close()
        refusing = {"configure": ".*", "write": "^docaxis", "read": ".*"}
        await asyncio.to_thread(rabbitmq.management, "PUT", rights, refusing)
        assert await publisher.publish(batch) == [untouched(one) for one in batch]
        await asyncio.to_thread(rabbitmq.management, "PUT", rights, refusing | {"write": ".*"})
        assert all(left.done for left in await publisher.publish(batch))
        assert set(ids(await taken(channel, "e-h01"))) > set(keys(batch))


async def test_cable_that_is_cut_in_mid_batch_costs_repeats_at_most(vhost: str) -> None:
    cable = Cable(vhost)
    async with cable.laid() as through, publishing(through) as publisher, watching(vhost) as channel:
        assert (await publisher.publish([outgoing(*INBOXES)]))[0].done
        await taken(channel, "e-h01")
        sent, cuts = [], 0
        for number in range(6):
            batch = [outgoing("e-h01", body=b"x" * 20_000) for _ in range(100)]
            sent += batch
            under_way = asyncio.create_task(publisher.publish(batch))
            await asyncio.sleep(0.01 * number)
            cuts += cable.cut() > 0
            left = await under_way
            while again := [one for one, rest in zip(batch, left, strict=True) if not rest.done]:
                await asyncio.sleep(link.REST_S)
                batch, left = again, await publisher.publish(again)
        assert cuts >= 3
        assert set(ids(await taken(channel, "e-h01"))) == set(keys(sent))


async def test_connection_that_answers_nothing_is_given_up_in_bounded_time(
    vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "CONNECT_TIMEOUT_S", 1.0)
    cable = Cable(vhost)
    async with cable.laid() as through, publishing(through, 1.0) as publisher, watching(vhost) as channel:
        assert (await publisher.publish([outgoing(*INBOXES)]))[0].done
        cable.plugged.clear()
        batch = [outgoing(*INBOXES, body=b"x" * 200_000) for _ in range(50)]
        async with asyncio.timeout(PATIENCE_S):
            assert await publisher.publish(batch) == [untouched(one) for one in batch]
            # Resting: nothing is even tried.
            assert await publisher.publish(batch) == [untouched(one) for one in batch]
        cable.plugged.set()
        await asyncio.sleep(link.REST_S)
        assert all(left.done for left in await publisher.publish(batch))
        assert set(ids(await taken(channel, "e-h01"))) >= set(keys(batch))


async def test_connection_whose_frames_aiormq_does_not_see_is_not_held_for_dead(vhost: str) -> None:
    """The broker sends no heartbeats while it confirms, and aiormq gives up after six silent seconds here."""
    cable = Cable(vhost)
    async with cable.laid() as through, publishing(through, heartbeat_s=1) as publisher:
        until = time.monotonic() + 8
        while time.monotonic() < until:
            assert (await publisher.publish([outgoing("e-h01")]))[0].done
            await asyncio.sleep(0.1)
        assert cable.opened == 1


@pytest.mark.slow
async def test_alarm_of_the_broker_is_seen_and_leaves_all_in_bounded_time(own_rabbitmq: PrivateRabbitMQ) -> None:
    url = own_rabbitmq.create_vhost("alarm")
    batch = [outgoing(*INBOXES, body=b"x" * 200_000) for _ in range(20)]
    cable = Cable(url)
    async with (
        cable.laid() as through,
        publishing(through, publish_timeout_s=3.0) as publisher,
        watching(url) as channel,
    ):

        async def blocked() -> bool:
            return publisher.blocked

        async def unblocked() -> bool:
            return not publisher.blocked

        # A short one is waited out on the same connection.
        with memory_alarm(own_rabbitmq):
            under_way = asyncio.create_task(publisher.publish([outgoing(*INBOXES)]))
            await eventually("blocked", blocked)
        await eventually("unblocked", unblocked)
        assert (await under_way)[0].done
        assert publisher.connections == 1
        with memory_alarm(own_rabbitmq):
            under_way_too = asyncio.create_task(publisher.publish(batch))
            await eventually("blocked", blocked)
            async with asyncio.timeout(PATIENCE_S):
                assert await under_way_too == [untouched(one) for one in batch]
            # The connection is kept, since a new one would be blocked too, and nothing more is heaped up on it.
            async with asyncio.timeout(PATIENCE_S):
                assert await publisher.publish(batch) == [untouched(one) for one in batch]
            assert (publisher.connections, publisher.blocked) == (1, True)
            # One that is lost in the alarm is not waited for: the broker may have come back without it.
            cable.cut()
            await eventually("lost", unblocked)
            assert await publisher.publish(batch) == [untouched(one) for one in batch]
            assert (publisher.connections, publisher.blocked) == (2, True)
        await eventually("unblocked", unblocked)
        assert all(left.done for left in await publisher.publish(batch))
        assert set(ids(await taken(channel, "e-h01"))) >= set(keys(batch))
