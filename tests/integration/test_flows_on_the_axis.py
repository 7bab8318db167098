"""Statuses and recalls over a real broker: what each side finds on its control queue, with the hub's receipt beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from docaxis.domain import wire
from docaxis.domain.envelope import Business, BusinessDocType, Receiver
from docaxis.domain.receipt import Receipt
from docaxis.trust.receipts import read_receipt
from docaxis.trust.reports import read_report
from docaxis.wiring import utc_now
from tests.axis import Axis, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
TO = ("H01", "H05")


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, *TO))


@pytest.fixture
async def axis(country: Country, vhost: str, tmp_path: Path) -> AsyncIterator[Axis]:
    """A hub at work on SQLite, and a look at its queues."""
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis:
        yield axis


def proof(axis: Axis, message: AbstractIncomingMessage) -> Receipt:
    """Return the receipt that travels beside a package that is passed on, verified, and about these very octets."""
    assert message.type == wire.PACKAGE_TYPE
    header = message.headers[wire.NOTE_HEADER]
    receipt = read_receipt(header if isinstance(header, bytes) else str(header).encode(), axis.country.hub.certificate)
    assert receipt.digest == wire.digest_of(message.body)
    assert message.message_id == receipt.receipt_id
    return receipt


async def tell(axis: Axis, code: str, author: str, other: str, document_id: str) -> Receipt:
    """Send a status and return its receipt."""
    body = axis.country.signed_status(code, author, other, document_id)
    await axis.send(body, f"s-{code}-{author}-{other}", sender=author, lane=wire.lane_of_status(code))
    receipt, _ = await axis.receipt(author)
    assert receipt.outcome == "accepted", receipt
    return receipt


async def send(axis: Axis, number: int = 1) -> tuple[str, str]:
    """Send a document to two addressees; returns its id and the hub's key of it."""
    envelope = axis.country.envelope(number, TO)
    await axis.send(axis.country.signed(envelope), f"d-{number}")
    receipt, _ = await axis.receipt()
    assert receipt.outcome == "accepted", receipt
    return envelope.header.document_id, receipt.receipt_id


async def test_statuses_reach_the_sender_with_the_hubs_word(axis: Axis) -> None:
    document_id, key = await send(axis)
    assert {len(await axis.all_of(to)) for to in TO if await axis.next(to)} == {0}
    for author, code in (("H01", "01"), ("H01", "03"), ("H01", "06"), ("H05", "02")):
        said = await tell(axis, code, author, SENDER, document_id)
        message = await axis.next(SENDER, "control")
        receipt = proof(axis, message)
        assert receipt == said
        ((effect),) = receipt.effects
        assert (effect.organ_id, effect.act, effect.code, effect.document) == (author, "advanced", code, key)
        assert receipt.addressees[0].endpoint == endpoint_of(SENDER)
    assert await axis.ground.rows("SELECT finished_at IS NOT NULL FROM documents") == [(1,)]
    assert (await axis.ground.events())["status:accepted"] == 4


async def test_a_request_before_the_copy_was_fetched_ends_in_a_withdrawal(axis: Axis) -> None:
    document_id, key = await send(axis)
    said = await tell(axis, "13", SENDER, "H01", document_id)
    receipt = proof(axis, await axis.next("H01", "control"))
    assert receipt == said
    ((effect),) = receipt.effects
    assert (effect.act, effect.endpoint, effect.document) == ("withdrawing", endpoint_of("H01"), key)
    assert await axis.count("H05", "control") == 0
    exchange = await axis.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
    body = wire.write_withdrawn({effect.lane: [effect.sequence]})
    await exchange.publish(
        aio_pika.Message(body, type=wire.FETCHED_TYPE, delivery_mode=2),
        routing_key=wire.routing_key(endpoint_of("H01"), "fetched"),
    )
    notice = await axis.next(SENDER, "control")
    assert notice.type == wire.NOTICE_TYPE
    report = read_report(notice.body, axis.country.hub.certificate)
    assert (report.kind, report.document) == ("withdrawn", key)
    assert [(one.organ_id, one.state) for one in report.addressees] == [("H01", "withdrawn")]
    states = await axis.ground.rows("SELECT organ_id, state FROM deliveries ORDER BY organ_id")
    assert states == [("H01", "withdrawn"), ("H05", "dispatched")]


async def test_an_order_after_fetching_asks_for_consent(axis: Axis) -> None:
    document_id, key = await send(axis)
    await axis.acknowledge("H01", {"normal": [1]})
    await eventually("the acknowledgement", lambda: axis.ground.count("fetch_ranges"))
    envelope = axis.country.envelope(2, TO)
    business = Business(BusinessDocType.RECALL, document_id, "Gửi nhầm")
    await axis.send(axis.country.signed(replace(envelope, business=business)), "order")
    order, _ = await axis.receipt()
    for to, act in zip(TO, ("asked", "withdrawing"), strict=True):
        receipt = proof(axis, await axis.next(to, "control"))
        assert receipt == order
        assert [one.act for one in receipt.effects if one.endpoint == endpoint_of(to)] == [act]
    await tell(axis, "15", "H01", SENDER, envelope.header.document_id)
    agreed = proof(axis, await axis.next(SENDER, "control"))
    assert [(one.organ_id, one.act, one.document) for one in agreed.effects] == [("H01", "advanced", key)]
    assert await axis.ground.rows("SELECT state FROM documents") == [("recalled",)]


async def test_an_update_tells_who_is_taken_off_and_brings_the_new_to_the_others(axis: Axis) -> None:
    document_id, key = await send(axis)
    assert (await axis.next("H01")).message_id == (await axis.next("H05")).message_id == key
    envelope = axis.country.envelope(2, ("H01",))
    business = Business(BusinessDocType.UPDATE, document_id, receivers=(Receiver("H05", "0"),))
    package = axis.country.signed(replace(envelope, business=business))
    await axis.send(package, "update")
    update, _ = await axis.receipt()
    # The new content is not for it: the receipt alone tells it.
    notice = await axis.next("H05", "control")
    assert notice.type == wire.NOTICE_TYPE
    receipt = read_receipt(notice.body, axis.country.hub.certificate)
    assert receipt == replace(update, addressees=())
    assert [(one.organ_id, one.act, one.document) for one in receipt.effects] == [("H05", "withdrawing", key)]
    assert (await axis.next("H01")).body == package
    await eventually("all is settled", axis.ground.outbox_empty)
    assert [await axis.count(to, kind) for to in TO for kind in ("normal", "control")] == [0, 0, 0, 0]
