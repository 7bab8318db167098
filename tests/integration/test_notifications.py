"""A whole hub tells: a document's way by webhook and on the control queue, told by two processes as by one."""

import asyncio
import json
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.backends.subscriptions import SqlSubscriptions
from docaxis.domain import wire
from docaxis.hub.ids import new_id
from docaxis.trust.jws import verify_detached
from docaxis.wiring import utc_now
from tests.axis import lay_ground, viewing
from tests.simulator import SENDER, Country, endpoint_of
from tests.subscriber import subscribed
from tests.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.postgres]
RECEIVER, STRANGER = "H01", "H05"


async def test_two_hub_processes_tell_a_documents_way_once_and_in_order(
    postgres_dsn: str, vhost: str, tmp_path: Path
) -> None:
    country = Country(now=utc_now(), connected=(SENDER, RECEIVER, STRANGER))
    ground = await lay_ground(country, postgres_dsn, vhost, tmp_path)
    database = Database(postgres_dsn)
    subscriptions = SqlSubscriptions(database)
    certificates = [country.hub.certificate]
    webhooks = {"allowed_hosts": ["127.0.0.1"], "interval_s": 0.2}
    async with subscribed(certificates) as sender, subscribed(certificates) as stranger:
        for organ, kind, url in (
            (SENDER, "webhook", sender.url),
            (STRANGER, "webhook", stranger.url),
            (RECEIVER, "amqp", ""),
        ):
            await subscriptions.add(new_id(utc_now()), endpoint_of(organ), kind, url, utc_now(), from_start=False)
        with ground.hub(webhooks=webhooks) as one, ground.hub(webhooks=webhooks) as other:
            await asyncio.gather(one.ready(), other.ready())
            async with viewing(ground) as axis:
                for number in range(1, 6):
                    await axis.send(country.signed(country.envelope(number=number, to=(RECEIVER,))), f"m-{number}")
                await axis.send(b"<nonsense", "m-6")
                notes = [axis.note(await axis.next(RECEIVER)) for _ in range(5)]
                await axis.acknowledge(RECEIVER, {"normal": [note.endpoints[0].sequence for note in notes]})
                await sender.has(16)
                message = await axis.next(RECEIVER, "control")
                changes = json.loads(message.body)["changes"]
                while sum(len(one["addressees"]) for one in changes) < 10:
                    message = await axis.next(RECEIVER, "control")
                    changes += json.loads(message.body)["changes"]
        sender.check_order()
        assert len({change["id"] for change in sender.changes}) == len(sender.changes) == 16
        assert sorted(set(sender.kinds())) == [
            "copies:dispatched", "copies:fetched", "document:accepted", "submission:rejected",
        ]  # fmt: skip
        assert stranger.asked == 0
    assert message.type == wire.CHANGE_TYPE
    verify_detached(message.body, str(message.headers[wire.SIGNATURE_HEADER]), certificates)
    assert {change["type"] for change in changes} == {"copies:dispatched", "copies:fetched"}
    assert {one["endpoint"] for change in changes for one in change["addressees"]} == {endpoint_of(RECEIVER)}

    async def settled() -> bool:
        found, size = await subscriptions.all()
        return all(one.failures == 0 and one.told_index <= size for one in found)

    await eventually("nothing failed", settled)
    await database.close()
