"""Claim check and attachments by reference: large octets go round the broker, and only to whom they were sent."""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aio_pika.abc import AbstractIncomingMessage

from docaxis.domain import wire
from docaxis.domain.envelope import Attachment, BlobReference
from docaxis.wiring import utc_now
from tests.axis import Axis, lay_ground, serving
from tests.simulator import SENDER, Country, endpoint_of
from tests.waiting import eventually

pytestmark = pytest.mark.broker
RECEIVER, STRANGER = "H01", "H05"
LARGE_BYTES = 400 * 1024


@dataclass
class Store:
    """The hub's HTTP as endpoints see it."""

    url: str
    bearers: Mapping[str, str]
    session: aiohttp.ClientSession

    def address(self, digest: str) -> str:
        return f"{self.url}/blobs/{digest}"

    def login(self, organ_id: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearers[endpoint_of(organ_id)]}"}

    async def put(self, organ_id: str, octets: bytes, digest: str = "") -> int:
        address = self.address(digest or wire.digest_of(octets))
        async with self.session.put(address, data=octets, headers=self.login(organ_id)) as answer:
            return answer.status

    async def get(self, organ_id: str, digest: str, octet_range: str = "") -> tuple[int, bytes]:
        more = {"Range": octet_range} if octet_range else {}
        async with self.session.get(self.address(digest), headers={**self.login(organ_id), **more}) as answer:
            return answer.status, await answer.read() if answer.status < 300 else b""


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(now=utc_now(), connected=(SENDER, RECEIVER, STRANGER))


@pytest.fixture
async def axis(country: Country, vhost: str, tmp_path: Path) -> AsyncIterator[Axis]:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground) as opened:
        yield opened


@pytest.fixture
async def store(axis: Axis) -> AsyncIterator[Store]:
    assert axis.config
    async with aiohttp.ClientSession() as session:
        yield Store(f"http://127.0.0.1:{axis.config.http.port}", axis.ground.bearers, session)


def large(country: Country, number: int) -> bytes:
    """Return a signed package above the inline limit."""
    attachment = Attachment("tep-1", "bản đồ.pdf", "application/pdf", content=b"%PDF-1.7 " + os.urandom(LARGE_BYTES))
    return country.signed(country.envelope(number=number, to=[RECEIVER], attachments=[attachment]))


def claim_of(octets: bytes, size_bytes: int = 0) -> bytes:
    return wire.write_claim(wire.Claim(wire.digest_of(octets), size_bytes or len(octets)))


def claimed(message: AbstractIncomingMessage) -> wire.Claim:
    assert message.type == wire.CLAIM_TYPE
    return wire.parse_claim(message.body)


async def test_large_package_goes_by_claim_and_only_its_receiver_may_fetch_it(axis: Axis, store: Store) -> None:
    package = large(axis.country, 1)
    assert await store.put(SENDER, package) == 201
    assert await store.put(SENDER, package) == 204
    await axis.send(claim_of(package), "m-1", kind=wire.CLAIM_TYPE)
    receipt, _ = await axis.receipt()
    assert (receipt.outcome, receipt.digest) == ("accepted", wire.digest_of(package))
    claim = claimed(await axis.next(RECEIVER))
    assert claim == wire.Claim(wire.digest_of(package), len(package))
    assert await store.get(RECEIVER, claim.digest) == (200, package)
    assert await store.get(STRANGER, claim.digest) == (404, b"")
    assert (await store.get(SENDER, claim.digest))[0] == 200
    assert await store.get(RECEIVER, claim.digest, "bytes=1000-") == (206, package[1000:])
    assert await store.get(RECEIVER, claim.digest, "bytes=10-19") == (206, package[10:20])
    assert (await store.get(RECEIVER, claim.digest, f"bytes={len(package)}-"))[0] == 416


async def test_large_package_sent_inline_is_kept_and_delivered_by_claim(axis: Axis, store: Store) -> None:
    package = large(axis.country, 2)
    await axis.send(package, "m-2")
    assert await axis.verdict() == ("accepted", "")
    claim = claimed(await axis.next(RECEIVER))
    assert await store.get(RECEIVER, claim.digest) == (200, package)
    assert (await store.get(STRANGER, claim.digest))[0] == 404


async def test_claim_before_its_octets_is_deferred_and_accepted_once_when_they_come(axis: Axis, store: Store) -> None:
    package = large(axis.country, 3)
    await axis.send(claim_of(package), "m-3", kind=wire.CLAIM_TYPE)
    receipt, deferred = await axis.receipt()
    assert (receipt.outcome, receipt.code) == ("deferred", "PKG.ATTACHMENT_MISSING")
    assert receipt.retry_at is not None
    await axis.send(claim_of(package), "m-3", kind=wire.CLAIM_TYPE)
    assert (await axis.receipt())[1] == deferred
    assert await store.put(SENDER, package) == 201
    receipt, accepted = await axis.receipt()
    assert receipt.outcome == "accepted"
    assert claimed(await axis.next(RECEIVER)).digest == wire.digest_of(package)
    await axis.send(claim_of(package), "m-3", kind=wire.CLAIM_TYPE)
    assert (await axis.receipt())[1] == accepted
    assert await axis.ground.count("documents") == 1
    assert await axis.ground.count("submissions") == 1
    assert await axis.count(RECEIVER) == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PKG.CLAIM_INVALID"),
        (b"<xml/>", "PKG.CLAIM_INVALID"),
        (b"[" * 100_000, "PKG.CLAIM_INVALID"),
        (b'{"digest": "sha256:../../etc/passwd", "size_bytes": 1}', "PKG.CLAIM_INVALID"),
        (b'{"digest": "sha256:' + b"0" * 64 + b'", "size_bytes": true}', "PKG.CLAIM_INVALID"),
        (b'{"digest": "sha256:' + b"0" * 64 + b'", "size_bytes": 1e400}', "PKG.CLAIM_INVALID"),
        (b'{"digest": "sha256:' + b"0" * 64 + b'", "size_bytes": ' + b"9" * 30 + b"}", "PKG.TOO_LARGE"),
        (b'{"digest": "\\ud800", "size_bytes": 1}', "PKG.CLAIM_INVALID"),
    ],
)
async def test_forged_claim_is_refused(axis: Axis, body: bytes, code: str) -> None:
    await axis.send(body, "m-forged", kind=wire.CLAIM_TYPE)
    assert await axis.verdict() == ("rejected", code)


async def test_claim_of_another_size_is_refused_and_octets_of_another_digest_are_not_kept(
    axis: Axis, store: Store
) -> None:
    package = large(axis.country, 4)
    assert await store.put(SENDER, package, "sha256:" + "0" * 64) == 422
    assert await store.put(SENDER, package) == 201
    await axis.send(claim_of(package, 1), "m-4", kind=wire.CLAIM_TYPE)
    assert await axis.verdict() == ("rejected", "PKG.CLAIM_MISMATCH")
    await axis.send(claim_of(package, len(package) + 1), "m-5", kind=wire.CLAIM_TYPE)
    assert await axis.verdict() == ("rejected", "PKG.CLAIM_MISMATCH")
    assert (await store.get(RECEIVER, wire.digest_of(package)))[0] == 404


async def test_attachment_by_reference_must_have_been_brought_by_the_sender(axis: Axis, store: Store) -> None:
    octets = os.urandom(100_000)
    digest = wire.digest_of(octets)
    attachment = Attachment("tep-1", "ảnh.tif", "image/tiff", blob=BlobReference(digest, len(octets)))
    package = axis.country.signed(axis.country.envelope(number=5, to=[RECEIVER], attachments=[attachment]))
    # Somebody else has brought the same octets: that gives the sender no right to pass them on.
    assert await store.put(STRANGER, octets) == 201
    await axis.send(package, "m-6")
    assert await axis.verdict() == ("deferred", "PKG.ATTACHMENT_MISSING")
    assert await store.get(RECEIVER, digest) == (404, b"")
    assert await store.get(SENDER, digest) == (404, b"")
    assert await store.put(SENDER, octets) in {201, 204}
    assert await axis.verdict() == ("accepted", "")
    assert (await axis.next(RECEIVER)).body == package
    assert await store.get(RECEIVER, digest) == (200, octets)


async def test_copy_that_waits_for_room_is_not_to_be_fetched_yet(country: Country, vhost: str, tmp_path: Path) -> None:
    ground = await lay_ground(country, f"sqlite+aiosqlite:///{tmp_path / 'docaxis.db'}", vhost, tmp_path)
    async with serving(ground, limits={"inbox_window": 1}) as axis, aiohttp.ClientSession() as session:
        assert axis.config
        store = Store(f"http://127.0.0.1:{axis.config.http.port}", ground.bearers, session)
        packages = [large(country, number) for number in (6, 7)]
        for number, package in enumerate(packages):
            await axis.send(package, f"m-{number}")
            assert await axis.verdict() == ("accepted", "")
        digests = [wire.digest_of(package) for package in packages]
        assert [(await store.get(RECEIVER, digest))[0] for digest in digests] == [200, 404]
        await axis.acknowledge(RECEIVER, {"normal": [1]})

        async def released() -> bool:
            return (await store.get(RECEIVER, digests[1]))[0] == 200

        await eventually("the second may be fetched", released)
