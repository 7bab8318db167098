"""The blob store as a folder: `sha256:<hex>` under two levels of folders, each file written whole or not at all."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from docaxis.hub.ports import BlobsUnavailable

P = ParamSpec("P")
T = TypeVar("T")

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
CHUNK_BYTES = 256 * 1024


class BlobMismatchError(ValueError):
    """The octets do not have the digest that they were to be kept under, or the digest is none."""


class FolderBlobs:
    """Content-addressed files; writers of the same octets do not disturb each other, readers see whole files only.

    A digest that is no `sha256:<hex>` is not there for a reader and BlobMismatchError for a writer. Every method raises
    BlobsUnavailable for what the file system says.
    """

    def __init__(self, folder: Path) -> None:
        """Keep blobs in this folder, made with the first one."""
        self._folder = folder

    async def read(self, digest: str) -> bytes | None:
        """Return a blob whole, or None."""
        path = self._path(digest)
        return None if path is None else await _on_disk(_read, path)

    async def size_bytes(self, digest: str) -> int | None:
        """Return the size, or None when the blob is not there."""
        path = self._path(digest)
        return None if path is None else await _on_disk(_size, path)

    async def write(self, digest: str, body: bytes) -> None:
        """Keep octets under their digest, durably; raises BlobMismatchError."""

        async def once() -> AsyncIterator[bytes]:
            yield body

        if await self.write_stream(digest, once(), len(body)) is None:
            message = f"the octets are not those of {digest}"
            raise BlobMismatchError(message)

    async def write_stream(self, digest: str, chunks: AsyncIterator[bytes], size_limit_bytes: int) -> int | None:
        """Keep a stream under its digest, durably, in constant memory.

        Returns its size, or None when the octets have another digest or are too many: then nothing is kept.
        """
        path = self._path(digest)
        if path is None:
            return None
        # Read to the end even when the blob is there: who knows a digest only shall not learn that others have it,
        # and the caller's claim to the octets is proven.
        part = await _on_disk(_Part, path)
        try:
            async for chunk in chunks:
                if part.size_bytes + len(chunk) > size_limit_bytes:
                    return None
                await _on_disk(part.add, chunk)
            if part.digest != digest:
                return None
            await _on_disk(part.keep)
            return part.size_bytes
        finally:
            part.discard()

    async def read_stream(self, digest: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """Yield the octets first to last (both included; None: to the end) in chunks; raises FileNotFoundError."""
        path = self._path(digest)
        if path is None:
            raise FileNotFoundError(digest)
        file = await _on_disk(_open, path)
        if file is None:
            raise FileNotFoundError(digest)
        try:
            await _on_disk(file.seek, first)
            left = None if last is None else last - first + 1
            while left is None or left > 0:
                wanted = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                chunk = await _on_disk(file.read, wanted)
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            file.close()

    def trouble(self) -> str | None:
        """Return why nothing can be kept now, None when all is well; asks the file system, writes nothing."""
        try:
            found = file_system_of(self._folder)
        except OSError as error:
            return error.strerror
        if found.f_flag & os.ST_RDONLY:
            return "read-only"
        if not found.f_bavail:
            return "no room left"
        # Some file systems make inodes as they go, and count none.
        return "no inodes left" if found.f_files and not found.f_favail else None

    def _path(self, digest: str) -> Path | None:
        found = _DIGEST.fullmatch(digest)
        return None if found is None else self._folder / found[1][:2] / found[1][2:4] / found[1]


class _Part:
    """A file on its way: hidden under a random name until it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        self.size_bytes = 0
        self._path = path
        self._hash = hashlib.sha256()
        _make_folders(path.parent, 3)
        self._part = path.with_name(f".{secrets.token_hex(8)}.part")
        self._file: BinaryIO | None = self._part.open("xb")

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def add(self, chunk: bytes) -> None:
        if self._file is None:
            raise AssertionError
        self._hash.update(chunk)
        self._file.write(chunk)
        self.size_bytes += len(chunk)

    def keep(self) -> None:
        if self._file is None:
            raise AssertionError
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        self._part.replace(self._path)
        _sync_folder(self._path.parent)

    def discard(self) -> None:
        """Remove what was not kept; harmless after `keep`, and silent where the file system lets nothing be removed."""
        # Closing writes what is left, which a full disk refuses once more.
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        self._file = None
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def _make_folders(folder: Path, levels: int) -> None:
    """Make the folder and the ones above it as far as they are ours, each name durable in its parent."""
    if folder.is_dir():
        return
    if levels > 1:
        _make_folders(folder.parent, levels - 1)
        folder.mkdir(exist_ok=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_system_of(folder: Path) -> os.statvfs_result:
    """Return what the file system says that holds a folder, or will hold it once it is made; raises OSError."""
    return os.statvfs(next(one for one in (folder, *folder.parents) if one.exists()))


async def _on_disk(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *arguments, **named)
    except OSError as error:
        raise BlobsUnavailable(f"blob store: {error.strerror}") from error


def _open(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
