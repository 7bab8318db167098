"""The pages over a real hub's database, with nothing put in the place of anything."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from lxml import html

from docaxis.backends.store import SqlStore
from docaxis.hub.acts import act
from docaxis.hub.ports import FetchRange
from docaxis.hub.withdrawals import fetched_event
from tests.integration.flow_hub import FlowHub
from tests.simulator import SENDER, Country, endpoint_of
from tests.web.desk import Desk


@pytest.fixture
def desk_ports() -> Mapping[web.AppKey[Any], Any]:
    return {}


@pytest.fixture(scope="module")
def country() -> Country:
    return Country()


async def test_every_page_of_a_document_that_a_hub_has_taken(desk: Desk, country: Country) -> None:
    hub = FlowHub(country, desk.database, SqlStore(desk.database))
    receipt = await hub.send(1, to=("H01", "H05"))
    taken = [FetchRange(endpoint_of("H01"), "normal", 1, 1)]
    await hub.store.fetched(taken, hub.now, lambda fresh: act("copies:fetched", hub.now, fetched_event(fresh)))
    await hub.take(hub.status("01", "H01", SENDER, receipt.document_id))
    await hub.take(hub.status("02", "H05", SENDER, receipt.document_id))
    refused = await hub.take(hub.status("03", "H12", SENDER, receipt.document_id))
    key = UUID(receipt.receipt_id)
    await desk.sign_in("clerk", SENDER)
    shown = await desk.get(f"/documents/{key}")
    assert shown.status == 200
    assert "01 Đã đến" in shown.text
    assert "cell-refused" in shown.text
    for rest in ("to/H01", "to/H05", "package", "package/octets", "receipt", "receipt.pdf", "receipt.xml", "table.csv"):
        answer = await desk.get(f"/documents/{key}/{rest}")
        assert answer.status == 200, rest
    signed = await desk.get(f"/documents/{key}/receipt.xml")
    assert hub.receipt(signed.body) == receipt
    way = await desk.get(f"/documents/{key}/to/H05")
    assert f"/documents/{key}/entries/" in way.text
    entry = way.text.split(f"/documents/{key}/entries/")[1].split('"')[0].split("?")[0]
    assert (await desk.get(f"/documents/{key}/entries/{entry}")).status == 200
    checked = await desk.get(f"/check/{key.hex}")
    assert (checked.status, receipt.digest[7:11] in checked.text) == (200, True)
    assert (await desk.get(f"/check/{refused.receipt_id}")).status == 200
    await desk.sign_in("clerk", "H12")
    assert (await desk.get(f"/documents/{key}")).status == 404
    await desk.sign_in("clerk", "H01")
    received = await desk.get(f"/documents/{key}")
    assert received.status == 200
    (main,) = html.fromstring(received.text).xpath("//main")
    # Who else got it is told by name, since the package names them too; how they stand is not.
    for listed in main.xpath(".//details"):
        listed.drop_tree()
    assert "H05" not in main.text_content()


async def test_a_reminder_stands_in_the_log(desk: Desk, country: Country) -> None:
    hub = FlowHub(country, desk.database, SqlStore(desk.database))
    receipt = await hub.send(1, to=("H01",))
    key = UUID(receipt.receipt_id)
    await desk.sign_in("clerk", SENDER)
    assert (await desk.get(f"/documents/{key}/remind")).status == 409
    desk.clock.at = desk.clock.at.replace(year=desk.clock.at.year + 1)
    await desk.sign_in("clerk", SENDER)
    assert (await desk.post(f"/documents/{key}/remind", {"extent": "all"})).status == 303
    await desk.sign_in("clerk", "H01")
    assert "Nơi gửi nhắc" in (await desk.get(f"/documents/{key}")).text
