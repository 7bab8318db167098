"""Uploads in parts: octets lie in a file beside the blobs, whose length is how far they have come; whole, they are a blob."""

import asyncio
import fcntl
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.blob_rights import may_read_blob, register_upload
from docaxis.backends.blobs import CHUNK_BYTES, FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.people_tables import partial_uploads
from docaxis.hub.ports import BlobsUnavailable
from docaxis.hub.views.machines import (
    Checksum,
    PartialUpload,
    UploadBusy,
    UploadGone,
    UploadMismatch,
    UploadTooLong,
)

P = ParamSpec("P")
T = TypeVar("T")
_ID = re.compile(r"[0-9a-f]{32}")


class FolderUploads:
    """Fulfils `api.v1.ports.Uploads`; raises BlobsUnavailable for what the disk says, StoreUnavailable for the database."""

    def __init__(self, database: Database, blobs: FolderBlobs, folder: Path) -> None:
        """Keep parts in this folder, made with the first one."""
        self._database = database
        self._blobs = blobs
        self._folder = folder

    async def create(self, upload: PartialUpload) -> None:
        """Begin an upload; what has run out is removed."""
        await _on_disk(_make, self._folder, self._file(upload.upload_id))
        row = (
            upload.upload_id, upload.endpoint, upload.length_bytes, upload.digest, upload.began_at, upload.ends_at,
        )  # fmt: skip

        async def work(connection: AsyncConnection) -> list[str]:
            old = partial_uploads.c.ends_at < upload.began_at
            found = list(await connection.scalars(select(partial_uploads.c.upload_id).where(old)))
            await connection.execute(delete(partial_uploads).where(old))
            await self._database.bulk.insert(connection, partial_uploads, [row])
            return found

        for upload_id in await self._database.run(work):
            await _on_disk(_remove, self._file(upload_id))

    async def find(self, endpoint: str, upload_id: str, now: datetime) -> PartialUpload | None:
        """Return an endpoint's upload that has not run out, with how far it has come."""
        if not _ID.fullmatch(upload_id):
            return None
        query = select(partial_uploads).where(
            partial_uploads.c.upload_id == upload_id,
            partial_uploads.c.endpoint == endpoint,
            partial_uploads.c.ends_at > now,
        )

        async def work(connection: AsyncConnection) -> PartialUpload | None:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else PartialUpload(*row)

        found = await self._database.run(work)
        if found is None:
            return None
        offset = await _on_disk(_size, self._file(upload_id))
        if offset is None:
            return None
        return PartialUpload(
            found.upload_id, found.endpoint, found.length_bytes, found.digest, found.began_at, found.ends_at, offset
        )

    async def append(
        self, upload: PartialUpload, chunks: AsyncIterator[bytes], checksum: Checksum | None = None
    ) -> int:
        """Add octets as far as they come; returns the new offset. With a checksum all of them or none.

        Raises UploadBusy, UploadGone, UploadTooLong, UploadMismatch.
        """
        file = await _on_disk(_open, self._file(upload.upload_id))
        part = _Part(file, upload, hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None)
        # What has come stays, when it comes to an untimely end: that is what resuming is for.
        keeps_some = checksum is None
        try:
            await _on_disk(part.begin)
            async for chunk in chunks:
                await _on_disk(part.add, chunk)
            keeps_some = part.holds(checksum)
        except (UploadTooLong, UploadBusy):
            keeps_some = False
            raise
        finally:
            await asyncio.shield(_on_disk(_close, file, None if keeps_some else upload.offset_bytes))
        if not keeps_some:
            raise UploadMismatch
        return part.offset_bytes

    async def finish(self, upload: PartialUpload) -> bool:
        """Keep whole octets under their digest, as brought by the endpoint; False where they have another one."""
        part = await _on_disk(_open, self._file(upload.upload_id))
        try:
            chunks = _chunks(part)
            size_bytes = await self._blobs.write_stream(upload.digest, chunks, upload.length_bytes)
            if size_bytes is not None:
                await register_upload(self._database, upload.endpoint, upload.digest, size_bytes)
        finally:
            await _on_disk(part.close)
        await self.remove(upload)
        return size_bytes is not None

    async def remove(self, upload: PartialUpload) -> None:
        """Forget an upload."""

        async def work(connection: AsyncConnection) -> None:
            gone = delete(partial_uploads).where(partial_uploads.c.upload_id == upload.upload_id)
            await connection.execute(gone)

        await self._database.run(work)
        await _on_disk(_remove, self._file(upload.upload_id))

    def _file(self, upload_id: str) -> Path:
        return self._folder / upload_id


class MachineAttachments:
    """Fulfils `api.v1.ports.Attachments`: what the endpoint brought, sent or was sent."""

    def __init__(self, database: Database, blobs: FolderBlobs) -> None:
        self._database = database
        self._blobs = blobs

    async def size_bytes(self, endpoint: str, digest: str) -> int | None:
        """Return the size of octets that an endpoint may read, None for all others."""
        size_bytes = await self._blobs.size_bytes(digest)
        may_read = size_bytes is not None and await may_read_blob(self._database, endpoint, digest)
        return size_bytes if may_read else None

    def read_stream(self, digest: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Yield the octets first to last (both included)."""
        return self._blobs.read_stream(digest, first, last)


class _Part:
    """Octets on their way into an upload's file."""

    def __init__(self, file: BinaryIO, upload: PartialUpload, digest: "hashlib._Hash | None") -> None:
        self.offset_bytes = upload.offset_bytes
        self._file = file
        self._length_bytes = upload.length_bytes
        self._digest = digest

    def begin(self) -> None:
        if self._file.seek(0, os.SEEK_END) != self.offset_bytes:
            raise UploadBusy

    def add(self, chunk: bytes) -> None:
        if self.offset_bytes + len(chunk) > self._length_bytes:
            raise UploadTooLong
        left = memoryview(chunk)
        while left:
            left = left[self._file.write(left) :]
        if self._digest is not None:
            self._digest.update(chunk)
        self.offset_bytes += len(chunk)

    def holds(self, checksum: Checksum | None) -> bool:
        return checksum is None or self._digest is None or self._digest.digest() == checksum.digest


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    await _on_disk(file.seek, 0)
    while chunk := await _on_disk(file.read, CHUNK_BYTES):
        yield chunk


async def _on_disk(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *arguments, **named)
    except FileNotFoundError:
        raise UploadGone from None
    except OSError as error:
        raise BlobsUnavailable(f"uploads: {error.strerror}") from error


def _make(folder: Path, file: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file.open("xb").close()


def _open(file: Path) -> BinaryIO:
    """Open for adding, alone; raises UploadBusy."""
    opened = file.open("r+b", buffering=0)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        opened.close()
        raise UploadBusy from None
    return opened


def _close(file: BinaryIO, length: int | None) -> None:
    try:
        if length is not None:
            file.truncate(length)
        os.fsync(file.fileno())
    finally:
        file.close()


def _size(file: Path) -> int | None:
    with suppress(FileNotFoundError):
        return file.stat().st_size
    return None


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
