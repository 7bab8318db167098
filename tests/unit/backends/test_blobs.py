import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from docaxis.backends.blobs import CHUNK_BYTES, BlobMismatchError, FolderBlobs
from docaxis.hub.ports import BlobsUnavailable
from tests.services import needed
from tests.small_disk import SmallDisk

BODY = (bytes(range(251)) * (3 * CHUNK_BYTES // 251 + 1))[: 3 * CHUNK_BYTES] + b"seventeen octets."
DIGEST = "sha256:" + hashlib.sha256(BODY).hexdigest()
BAD_DIGESTS = ("", "sha256:", DIGEST.upper(), DIGEST + "0", "sha256:../../../../etc/passwd", DIGEST[7:], DIGEST + "\n")


async def chunks(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def files(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def read(blobs: FolderBlobs, *span: int) -> bytes:
    return b"".join([chunk async for chunk in blobs.read_stream(DIGEST, *span)])


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "văn bản" / "blobs")


async def test_a_stream_is_kept_and_read_in_parts(blobs: FolderBlobs, tmp_path: Path) -> None:
    assert await blobs.size_bytes(DIGEST) is None
    assert await blobs.read(DIGEST) is None
    assert await blobs.write_stream(DIGEST, chunks(BODY), len(BODY)) == len(BODY)
    assert await blobs.size_bytes(DIGEST) == len(BODY)
    assert await blobs.read(DIGEST) == BODY
    assert await read(blobs) == BODY
    assert await read(blobs, 5) == BODY[5:]
    assert await read(blobs, 5, 5) == BODY[5:6]
    assert await read(blobs, 5, CHUNK_BYTES + 9) == BODY[5 : CHUNK_BYTES + 10]
    assert await read(blobs, len(BODY)) == b""
    (path,) = files(tmp_path)
    assert path.parts[-3:] == (DIGEST[7:9], DIGEST[9:11], DIGEST[7:])


async def test_other_octets_or_too_many_leave_nothing(blobs: FolderBlobs, tmp_path: Path) -> None:
    assert await blobs.write_stream(DIGEST, chunks(BODY[:-1]), len(BODY)) is None
    assert await blobs.write_stream(DIGEST, chunks(BODY), len(BODY) - 1) is None
    with pytest.raises(BlobMismatchError):
        await blobs.write(DIGEST, b"other")

    async def broken() -> AsyncIterator[bytes]:
        yield BODY[:100]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.write_stream(DIGEST, broken(), len(BODY))
    assert files(tmp_path) == []


async def test_a_disk_without_room_is_told_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        disk = SmallDisk(tmp_path / "disk", 2 * 1024 * 1024, inodes=100)
        needed("file system of our own", lambda: stack.enter_context(disk))
        blobs = FolderBlobs(disk.path / "blobs")
        for take, give_back, words in (
            (disk.fill, disk.empty, "no room left"),
            (disk.use_up_inodes, disk.empty, "no inodes left"),
            (partial(disk.make, writable=False), partial(disk.make, writable=True), "read-only"),
        ):
            assert blobs.trouble() is None
            take()
            assert blobs.trouble() == words
            with pytest.raises(BlobsUnavailable, match=r"No space left|Read-only"):
                await blobs.write(DIGEST, BODY)
            give_back()
            assert files(disk.path) == []
        # Half of it fits: what a full disk refuses comes in the middle.
        (disk.path / "other").write_bytes(bytes(2 * 1024 * 1024 - len(BODY) // 2))
        with pytest.raises(BlobsUnavailable):
            await blobs.write_stream(DIGEST, chunks(BODY, CHUNK_BYTES // 3), len(BODY))
        (disk.path / "other").unlink()
        assert files(disk.path) == []
        await blobs.write(DIGEST, BODY)
        assert await blobs.read(DIGEST) == BODY


@pytest.mark.parametrize("digest", BAD_DIGESTS)
async def test_what_is_no_digest_is_not_there(blobs: FolderBlobs, tmp_path: Path, digest: str) -> None:
    assert await blobs.read(digest) is None
    assert await blobs.size_bytes(digest) is None
    assert await blobs.write_stream(digest, chunks(BODY), len(BODY)) is None
    with pytest.raises(BlobMismatchError):
        await blobs.write(digest, BODY)
    with pytest.raises(FileNotFoundError):
        async for _ in blobs.read_stream(digest):
            pass
    assert files(tmp_path) == []


async def test_writers_of_the_same_octets_do_not_disturb_each_other(blobs: FolderBlobs, tmp_path: Path) -> None:
    sizes = await asyncio.gather(*(blobs.write_stream(DIGEST, chunks(BODY), len(BODY)) for _ in range(8)))
    assert sizes == [len(BODY)] * 8
    assert len(files(tmp_path)) == 1
    assert await blobs.read(DIGEST) == BODY


async def test_an_empty_blob_is_a_blob(blobs: FolderBlobs) -> None:
    digest = "sha256:" + hashlib.sha256(b"").hexdigest()
    await blobs.write(digest, b"")
    assert await blobs.read(digest) == b""
    assert await blobs.size_bytes(digest) == 0
