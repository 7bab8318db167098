"""Fan-out: one publication to many inboxes, one of which is missing or full; and who behind an endpoint is addressed."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import ChannelNotFoundEntity

from docaxis.backends import inboxes
from docaxis.domain import wire
from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency
from docaxis.trust.receipts import read_note
from docaxis.wiring import utc_now
from tests.axis import Axis, Ground, depth, lay_ground, serving
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker

COMMUNES = 3_321


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now())


@pytest.fixture
async def ground(country: Country, vhost: str, tmp_path: Path) -> Ground:
    return await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)


async def send_numbers(axis: Axis, numbers: Iterable[int]) -> None:
    """Send documents to every province, each receipted as accepted."""
    for number in numbers:
        await axis.send(axis.country.signed(axis.country.envelope(number=number)), f"m-{number}")
        assert await axis.verdict() == ("accepted", "")


async def test_inbox_deleted_while_sending_is_made_anew_and_filled_and_the_others_get_exactly_one(
    ground: Ground,
) -> None:
    async with serving(ground, intake={"inspect_interval_s": 1.0}) as axis:
        await send_numbers(axis, range(1, 11))
        deletion = asyncio.create_task(axis.channel.queue_delete(axis.queue_of("H05", "normal")))
        await send_numbers(axis, range(11, 31))
        await deletion

        async def repaired() -> bool:
            return await axis.count("H05") >= 30

        await eventually("the inbox is filled again", repaired)
        await eventually("all settled", ground.outbox_empty)
        # Counted, not drained: an inbox that somebody empties without a word would be filled again.
        assert {organ_id: await axis.count(organ_id) for organ_id in PROVINCES if organ_id != "H05"} == {
            organ_id: 30 for organ_id in PROVINCES if organ_id != "H05"
        }
        # Only the inbox that lost copies may get one twice; its client drops repeats by this id.
        assert len({message.message_id for message in await axis.all_of("H05")}) == 30


async def test_inbox_deleted_under_a_connected_receiver_is_repaired_too(ground: Ground) -> None:
    async with serving(ground, intake={"inspect_interval_s": 0.5}) as axis:
        await send_numbers(axis, [1])
        received: list[AbstractIncomingMessage] = []

        async def keep(message: AbstractIncomingMessage) -> None:
            received.append(message)

        async def consuming() -> bool:
            try:
                channel = await axis.connection.channel()
                queue = await channel.declare_queue(axis.queue_of("H05", "normal"), passive=True)
                return bool(await queue.consume(keep))
            except ChannelNotFoundEntity:
                return False

        async def came(copies: int) -> bool:
            return len(received) == copies

        assert await consuming()
        await eventually("the first copy", lambda: came(1))
        await axis.channel.queue_delete(axis.queue_of("H05", "normal"))
        await eventually("consuming again", consuming)
        await eventually("the copy again", lambda: came(2))
        assert received[0].message_id == received[1].message_id
        assert received[0].body == received[1].body


@pytest.mark.parametrize("consumed", [False, True])
async def test_inbox_that_was_emptied_is_filled_again_even_under_a_connected_receiver(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, consumed: bool
) -> None:
    monkeypatch.setattr(inboxes, "PATIENT_LOOKS", 4)
    async with serving(ground, intake={"inspect_interval_s": 0.5}) as axis:
        await send_numbers(axis, [1])
        queue = await axis.channel.get_queue(axis.queue_of("H05", "normal"), ensure=False)
        assert (await queue.purge()).message_count == 1
        received: list[AbstractIncomingMessage] = []

        async def keep(message: AbstractIncomingMessage) -> None:
            received.append(message)

        if consumed:
            await queue.consume(keep)

        async def again() -> bool:
            return bool(received) or (not consumed and await axis.count("H05") == 1)

        await eventually("the copy again", again)
        assert [await axis.count(organ_id) for organ_id in PROVINCES if organ_id != "H05"] == [1] * 7


async def test_missing_receipts_queue_is_made_when_the_receipt_is_published(ground: Ground) -> None:
    async with serving(ground) as axis:
        await send_numbers(axis, [1])
        await axis.channel.queue_delete(axis.queue_of(SENDER, "receipts"))
        await axis.send(axis.country.signed(axis.country.envelope(number=2)), "m-2")

        async def there() -> bool:
            async with axis.connection.channel() as channel:
                try:
                    return await depth(channel, axis.queue_of(SENDER, "receipts")) == 1
                except ChannelNotFoundEntity:
                    return False

        await eventually("the queue with the receipt", there)


async def test_endpoint_that_is_away_with_a_full_window_waits_while_seven_get_exactly_one(ground: Ground) -> None:
    *present, away = PROVINCES
    async with serving(ground, limits={"inbox_window": 2}) as axis:
        states = []
        for number in range(1, 6):
            await axis.send(axis.country.signed(axis.country.envelope(number=number)), f"m-{number}")
            receipt, _ = await axis.receipt()
            states += [one.state for one in receipt.addressees if one.organ_id == away]
            for organ_id in present:
                message = await axis.next(organ_id)
                await axis.acknowledge(organ_id, {"normal": [sequence_of(axis, message, organ_id)]})
            wanted = number * len(present)
            await eventually("fetched", lambda wanted=wanted: fetched(ground, wanted))  # type: ignore[misc]
        assert states == ["dispatched", "dispatched", "waiting", "waiting", "waiting"]
        assert [await axis.count(organ_id) for organ_id in present] == [0] * 7
        assert await axis.count(away) == 2
        seen = []
        for _ in range(5):
            message = await axis.next(away)
            seen.append(axis.note(message).document_id)
            await axis.acknowledge(away, {"normal": [sequence_of(axis, message, away)]})
        assert seen == [axis.country.envelope(number=number).header.document_id for number in range(1, 6)]
        await eventually("fetched", lambda: fetched(ground, 5 * 8))
    assert await ground.events() >= Counter({"document:accepted": 5})


def sequence_of(axis: Axis, message: AbstractIncomingMessage, organ_id: str) -> int:
    """Return the sequence number that the note gives to an endpoint's copy."""
    note = axis.note(message)
    return next(one.sequence for one in note.endpoints if one.endpoint == endpoint_of(organ_id))


async def fetched(ground: Ground, wanted: int) -> bool:
    """Whether the store knows so many copies as fetched."""
    return bool((await ground.rows("SELECT sum(fetched) FROM lanes"))[0][0] == wanted)


def with_communes(country: Country) -> tuple[Country, list[str]]:
    """Return a country of 3,321 communes, none connected, and its 34 provinces in force, each connected."""
    now = [a for a in country.directory.agencies.values() if a.in_force(utc_now().date())]
    provinces = sorted(a.organ_id for a in now if (a.level, a.branch, a.parent) == ("provincial", "government", ""))
    there = [a.organ_id for a in now if (a.level, a.branch) == ("communal", "government")]
    more = [
        Agency(f"{provinces[i % len(provinces)]}.{90000 + i}", f"Xã {i}", "communal", "government",
               provinces[i % len(provinces)], (), date(2025, 7, 1), None, (), "test", "")
        for i in range(COMMUNES - len(there))
    ]  # fmt: skip
    grown = replace(country, connected=(SENDER, *provinces), folder=country.folder / "grown")
    directory = grown.directory
    connections = {organ_id: endpoint_of(organ_id) for organ_id in grown.connected}
    grown.directory = Directory.build(
        [*directory.agencies.values(), *more], directory.levels, connections, directory.branches
    )
    return grown, provinces


async def test_list_of_every_commune_behind_34_endpoints_is_told_by_a_note_of_its_own_blob(
    country: Country, vhost: str, tmp_path: Path
) -> None:
    grown, provinces = with_communes(country)
    assert len(provinces) == 34
    ground = await lay_ground(grown, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as axis:
        assert axis.config
        lists = [f"LIST.COMMUNES.{organ_id}" for organ_id in provinces]
        package = grown.signed(grown.envelope(to=lists))
        await axis.send(package, "m-communes")
        receipt, octets = await axis.receipt()
        assert receipt.outcome == "accepted", receipt
        assert len(receipt.addressees) == COMMUNES
        assert len(octets) > 128 * 1024
        told: list[str] = []
        for organ_id in provinces:
            message = await axis.next(organ_id)
            assert message.body == package
            assert wire.NOTE_HEADER not in message.headers
            digest = str(message.headers[wire.NOTE_DIGEST_HEADER])
            url = f"http://127.0.0.1:{axis.config.http.port}/blobs/{digest}"
            status, note_octets = await asyncio.to_thread(get_blob, url, ground.bearers[endpoint_of(organ_id)])
            assert status == 200
            assert wire.digest_of(note_octets) == digest
            note = read_note(note_octets, grown.hub.certificate)
            mine = next(one for one in note.endpoints if one.endpoint == endpoint_of(organ_id))
            assert {one.organ_id.split(".")[0] for one in mine.addressees} == {organ_id}
            told += [one.organ_id for one in mine.addressees]
        assert len(told) == len(set(told)) == COMMUNES
        assert await asyncio.to_thread(get_blob, url, "") == (401, b"")
        assert await asyncio.to_thread(get_blob, url, ground.bearers[endpoint_of(SENDER)]) == (200, note_octets)
        stranger = await add_stranger(ground)
        assert await asyncio.to_thread(get_blob, url, stranger) == (404, b"")


async def add_stranger(ground: Ground) -> str:
    """Add an endpoint that nobody wrote to, and return its bearer token."""
    from docaxis.backends.engine import open_writer
    from docaxis.backends.registry import Registry

    engine = open_writer(ground.database_url)
    try:
        return await Registry(engine).add_endpoint("e-stranger", "stranger", utc_now())
    finally:
        await engine.dispose()


def get_blob(url: str, bearer: str) -> tuple[int, bytes]:
    """Return status and octets; no octets for a refusal."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:  # noqa: S310 - the hub's own loopback port
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, b""
