"""Uploads in parts: interrupted and gone on with, compared at the end, and nobody else's; downloads in constant memory."""

import asyncio
import hashlib
import os
import tracemalloc
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.machines.uploads import FolderUploads
from docaxis.domain import wire
from docaxis.hub.ids import new_id
from docaxis.hub.views.machines import PartialUpload, UploadGone
from tests.api.caller import Answer, Caller
from tests.api.conftest import Exchange

TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(digest: str) -> dict[str, str]:
    return {"Upload-Metadata": f"filename {b64encode(b'a.pdf').decode()},digest {b64encode(digest.encode()).decode()}"}


async def begin(caller: Caller, octets: bytes, digest: str = "", **more: str) -> Answer:
    headers = {**TUS, "Upload-Length": str(len(octets)), **metadata(digest or wire.digest_of(octets)), **more}
    return await caller.ask("POST", "/attachments", headers)


async def add(caller: Caller, where: str, offset: int, octets: object, **more: str) -> Answer:
    return await caller.ask("PATCH", where, {**PART, "Upload-Offset": str(offset), **more}, octets)


async def test_upload_in_parts_is_gone_on_with_and_read(exchange: Exchange) -> None:
    octets, caller = os.urandom(700_000), exchange.sender
    begun = await begin(caller, octets)
    assert begun.status == 201, begun.body
    where = begun.headers["Location"]
    assert (await add(caller, where, 0, octets[:300_000])).headers["Upload-Offset"] == "300000"
    told = await caller.ask("HEAD", where, TUS)
    assert (told.status, told.headers["Upload-Offset"], told.headers["Upload-Length"]) == (200, "300000", "700000")
    assert told.headers["Cache-Control"] == "no-store"
    assert "Upload-Expires" in told.headers
    assert (await add(caller, where, 0, octets)).code == "API.UPLOAD_CONFLICT"
    assert (await add(caller, where, 300_000, octets[300_000:])).status == 204
    digest = wire.digest_of(octets)
    read = await caller.get(f"/attachments/{digest}")
    assert (read.status, read.body) == (200, octets)
    part = await caller.get(f"/attachments/{digest}", {"Range": "bytes=5-9"})
    assert (part.status, part.body) == (206, octets[5:10])
    # It is an upload no more, and nobody else's octets.
    assert (await caller.ask("HEAD", where, TUS)).status == 410
    assert (await exchange.stranger.get(f"/attachments/{digest}")).status == 404


async def test_what_came_before_the_line_broke_is_kept(exchange: Exchange) -> None:
    octets, caller = os.urandom(600_000), exchange.sender
    where = (await begin(caller, octets)).headers["Location"]

    async def broken() -> AsyncIterator[bytes]:
        yield octets[:262_144]
        yield octets[262_144:400_000]
        await asyncio.sleep(1)
        raise ConnectionResetError("the line is gone")

    with pytest.raises(Exception, match=r"."):
        await add(caller, where, 0, broken())
    offset = 0
    for _ in range(50):
        told = await caller.ask("HEAD", where, TUS)
        offset = int(told.headers["Upload-Offset"])
        answer = await add(caller, where, offset, octets[offset:])
        if answer.status == 204:
            break
    assert 0 < offset <= 400_000
    assert (await caller.get(f"/attachments/{wire.digest_of(octets)}")).body == octets


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_part_with_another_checksum_is_not_kept(exchange: Exchange, algorithm: str) -> None:
    octets, caller = b"x" * 1000, exchange.sender
    where = (await begin(caller, octets)).headers["Location"]
    right = b64encode(hashlib.new(algorithm, octets[:500]).digest()).decode()
    wrong = await add(caller, where, 0, octets[:501], **{"Upload-Checksum": f"{algorithm} {right}"})
    assert (wrong.status, wrong.code) == (460, "API.UPLOAD_CHECKSUM")
    assert (await caller.ask("HEAD", where, TUS)).headers["Upload-Offset"] == "0"
    kept = await add(caller, where, 0, octets[:500], **{"Upload-Checksum": f"{algorithm} {right}"})
    assert kept.headers["Upload-Offset"] == "500"
    for broken in ("md5 AAAA", "sha256", "sha256 é!"):
        assert (await add(caller, where, 500, b"x", **{"Upload-Checksum": broken})).code == "API.REQUEST_INVALID"


async def test_whole_with_another_digest_is_given_up(exchange: Exchange) -> None:
    caller = exchange.sender
    begun = await begin(caller, b"abc", wire.digest_of(b"abd"))
    assert (await add(caller, begun.headers["Location"], 0, b"abc")).code == "API.DIGEST_MISMATCH"
    assert (await caller.ask("HEAD", begun.headers["Location"], TUS)).status == 410
    for digest in (wire.digest_of(b"abc"), wire.digest_of(b"abd")):
        assert (await caller.get(f"/attachments/{digest}")).status == 404


async def test_more_than_announced_is_not_kept(exchange: Exchange) -> None:
    caller = exchange.sender
    where = (await begin(caller, b"abc")).headers["Location"]
    assert (await add(caller, where, 0, b"abcd")).code == "API.TOO_LARGE"
    assert (await caller.ask("HEAD", where, TUS)).headers["Upload-Offset"] == "0"


async def test_octets_may_come_with_the_first_request(exchange: Exchange) -> None:
    caller, octets = exchange.sender, b"%PDF-1.7 whole"
    headers = {**PART, "Upload-Length": str(len(octets)), **metadata(wire.digest_of(octets))}
    begun = await caller.ask("POST", "/attachments", headers, octets)
    assert (begun.status, begun.headers["Upload-Offset"]) == (201, str(len(octets)))
    assert (await caller.get(f"/attachments/{wire.digest_of(octets)}")).body == octets


async def test_uploads_are_ended_and_run_out(exchange: Exchange) -> None:
    caller = exchange.sender
    first = (await begin(caller, b"abc")).headers["Location"]
    assert (await exchange.stranger.ask("DELETE", first, TUS)).status == 410
    assert (await caller.ask("DELETE", first, TUS)).status == 204
    assert (await caller.ask("HEAD", first, TUS)).status == 410
    second = (await begin(caller, b"abc")).headers["Location"]
    exchange.desk.clock.at += timedelta(hours=25)
    assert (await add(caller, second, 0, b"abc")).code == "API.UPLOAD_GONE"
    # The next one clears away what has run out.
    third = (await begin(caller, b"abd")).headers["Location"]
    folder = Path(str(exchange.desk.url.partition("///")[2])).parent / "var" / "uploads"
    assert [one.name for one in folder.iterdir()] == [third.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, "API.UPLOAD_VERSION"),
        ({"Upload-Length": "x"}, "API.REQUEST_INVALID"),
        ({"Upload-Length": "0"}, "API.REQUEST_INVALID"),
        ({"Upload-Length": "٣"}, "API.REQUEST_INVALID"),
        ({"Upload-Length": str(10**17)}, "API.TOO_LARGE"),
        ({"Upload-Metadata": "digest"}, "API.REQUEST_INVALID"),
        ({"Upload-Metadata": "digest ###"}, "API.REQUEST_INVALID"),
        ({"Upload-Metadata": "name AAAA"}, "API.REQUEST_INVALID"),
    ],
)
async def test_what_makes_no_upload_is_refused(exchange: Exchange, headers: dict[str, str], code: str) -> None:
    assert (await begin(exchange.sender, b"abc", **headers)).code == code


async def test_abilities_are_told_to_anybody(exchange: Exchange) -> None:
    async with exchange.desk.client.options("/api/v1/attachments") as response:
        assert response.status == 204
        assert response.headers["Tus-Version"] == "1.0.0"
        assert "expiration" in response.headers["Tus-Extension"]


async def test_octets_that_are_gone_are_told_as_gone(exchange: Exchange, tmp_path: Path) -> None:
    uploads = FolderUploads(exchange.desk.database, FolderBlobs(tmp_path / "blobs"), tmp_path / "up")
    now = exchange.desk.clock()
    made = PartialUpload(new_id(now).hex, "e", 3, wire.digest_of(b"abc"), now, now + timedelta(hours=1))
    await uploads.create(made)
    (tmp_path / "up" / made.upload_id).unlink()
    assert await uploads.find("e", made.upload_id, now) is None

    async def chunks() -> AsyncIterator[bytes]:
        yield b"abc"

    with pytest.raises(UploadGone):
        await uploads.append(made, chunks())


@pytest.mark.slow
async def test_memory_stays_constant_for_300_megabytes(exchange: Exchange) -> None:
    block, blocks = os.urandom(1024 * 1024), 300
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(block)
    named, caller = f"sha256:{digest.hexdigest()}", exchange.sender

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(blocks):
            yield block

    headers = {**TUS, "Upload-Length": str(blocks * len(block)), **metadata(named)}
    where = (await caller.ask("POST", "/attachments", headers)).headers["Location"]
    tracemalloc.start()
    try:
        assert (await add(caller, where, 0, chunks())).status == 204
        sent = hashlib.sha256()
        async with caller.client.get(
            f"/api/v1/attachments/{named}", headers={"Authorization": f"Bearer {caller.token()}"}
        ) as response:
            async for chunk in response.content.iter_chunked(256 * 1024):
                sent.update(chunk)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent.hexdigest() == digest.hexdigest()
    assert peak_bytes < 20 * 1024 * 1024
