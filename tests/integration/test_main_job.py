"""The main job on real parts: a hub process, a real broker, both databases; packages in, copies and receipts out."""

from pathlib import Path

import aio_pika
import pytest

from docaxis.domain import wire
from docaxis.trust.receipts import read_note
from docaxis.wiring import utc_now
from tests.axis import lay_ground, serving
from tests.simulator import PROVINCES, Country, endpoint_of

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now())


async def test_signed_document_reaches_every_addressee_and_the_receipt_comes_back(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground) as axis:
        package = country.signed(country.envelope(number=1))
        await axis.send(package, "m-1")
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.code) == ("accepted", "")
        assert [one.organ_id for one in receipt.addressees] == list(PROVINCES)
        for organ_id in PROVINCES:
            message = await axis.next(organ_id, "normal")
            assert message.body == package
            header = message.headers[wire.NOTE_HEADER]
            note = read_note(header if isinstance(header, bytes) else str(header).encode(), country.hub.certificate)
            assert note.digest == wire.digest_of(package)
            mine = [one for one in note.endpoints if one.endpoint == endpoint_of(organ_id)]
            assert [one.organ_id for one in mine[0].addressees] == [organ_id]


async def test_same_message_again_gets_the_same_receipt_bytes_and_no_second_copy(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground) as axis:
        package = country.signed(country.envelope(number=2))
        await axis.send(package, "m-2")
        _, first = await axis.receipt()
        await axis.send(package, "m-2")
        _, second = await axis.receipt()
        await axis.send(package, "m-3")
        _, third = await axis.receipt()
        assert first == second == third
        assert await axis.count("H01") == 1


async def test_refused_package_gets_a_receipt_with_code_and_place_and_reaches_nobody(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground) as axis:
        body = country.signed(country.envelope(number=4)).replace("thử nghiệm".encode(), "giả mạo!!!".encode())
        await axis.send(body, "m-4")
        receipt, _ = await axis.receipt()
        assert (receipt.outcome, receipt.code) == ("rejected", "SIG.HASH_FAILURE")
        assert receipt.place
        assert [await axis.count(p) for p in PROVINCES] == [0] * len(PROVINCES)


async def test_full_window_makes_copies_wait_until_they_are_fetched(
    country: Country, database_url: str, vhost: str, tmp_path: Path
) -> None:
    ground = await lay_ground(country, database_url, vhost, tmp_path)
    async with serving(ground, limits={"inbox_window": 2}) as axis:
        for number in range(10, 15):
            await axis.send(country.signed(country.envelope(number=number, to=["H01", "H05"])), f"m-{number}")
        states = [(await axis.receipt())[0].addressees[0].state for _ in range(5)]
        assert sorted(states) == ["dispatched", "dispatched", "waiting", "waiting", "waiting"]
        assert await axis.count("H01") == 2
        exchange = await axis.channel.get_exchange(wire.INGRESS_EXCHANGE, ensure=False)
        seen: set[str] = set()
        while len(seen) < 5:
            message = await axis.next("H01", "normal")
            header = message.headers[wire.NOTE_HEADER]
            note = read_note(header if isinstance(header, bytes) else str(header).encode(), country.hub.certificate)
            seen.add(note.document_id)
            sequence = next(one.sequence for one in note.endpoints if one.endpoint == endpoint_of("H01"))
            fetched = aio_pika.Message(wire.write_fetched({"normal": [sequence]}), type=wire.FETCHED_TYPE)
            await exchange.publish(fetched, routing_key=wire.routing_key(endpoint_of("H01"), "fetched"))
        assert len(seen) == 5
