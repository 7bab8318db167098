"""Large bytes by the hub's HTTP: by digest, streamed, checked; a broken download goes on where it stopped."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Self

import aiohttp

from adapters.connection import tls_context
from adapters.settings import HubSettings
from docaxis.domain import wire

CHUNK_BYTES = 256 * 1024
STALL_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 15.0
TRIES = 4

_TRY_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_TEMPORARY = (aiohttp.ClientError, ConnectionError, OSError, TimeoutError)


class BlobError(Exception):
    """Bytes that could not be moved; `temporary` says whether the same call may succeed later."""

    def __init__(self, text: str, *, temporary: bool) -> None:
        super().__init__(text)
        self.temporary = temporary


class Blobs:
    """The hub's blob store as an endpoint sees it; the session is opened at the first use."""

    def __init__(self, settings: HubSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open nothing yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self.close()

    async def close(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()
            self._session = None

    async def put(self, digest: str, octets: bytes) -> None:
        """Store octets under their digest; doing it again is harmless. Raises BlobError."""
        await self._put(digest, len(octets), lambda: _chunks(octets))

    async def put_file(self, digest: str, size_bytes: int, file: Path) -> None:
        """Store a file under its digest, read in chunks. Raises BlobError; OSError when it cannot be read."""
        await self._put(digest, size_bytes, lambda: _file_chunks(file))

    async def get(self, digest: str, size_bytes_max: int) -> bytes:
        """Return the octets of a digest, checked. Raises BlobError: permanent when missing, too many or others."""
        octets = bytearray()
        await self._get(digest, size_bytes_max, octets.extend, lambda: len(octets), octets.clear)
        result = bytes(octets)
        if wire.digest_of(result) != digest:
            raise BlobError(f"{digest}: other octets came", temporary=False)
        return result

    async def get_file(self, digest: str, size_bytes: int, file: Path) -> None:
        """Write the octets of a digest to a file, continuing what a broken try left there. Raises BlobError."""
        with file.open("ab") as target:
            await self._get(digest, size_bytes, target.write, target.tell, lambda: target.truncate(0))
        found = await asyncio.to_thread(_file_digest, file)
        if found != digest:
            file.unlink()  # noqa: ASYNC240
            raise BlobError(f"{digest}: other octets came", temporary=False)

    async def _put(self, digest: str, size_bytes: int, chunks: Callable[[], AsyncIterator[bytes]]) -> None:
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(0.2 * 2**attempt)
            try:
                async with self._open().put(
                    self._address(digest), data=chunks(), headers=self._headers({"Content-Length": str(size_bytes)})
                ) as answer:
                    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}:
                        return
                    _raise_final(digest, answer.status)
                    reason = f"HTTP {answer.status}"
            except _TEMPORARY as error:
                reason = type(error).__name__
        raise BlobError(f"{digest}: {reason}", temporary=True)

    async def _get(
        self,
        digest: str,
        size_bytes_max: int,
        write: Callable[[bytes], object],
        have: Callable[[], int],
        begin_anew: Callable[[], object],
    ) -> None:
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(0.2 * 2**attempt)
            wanted = {"Range": f"bytes={have()}-"} if have() else {}
            try:
                async with self._open().get(self._address(digest), headers=self._headers(wanted)) as answer:
                    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have():
                        return  # nothing is missing, or the digest will tell
                    if answer.status == HTTPStatus.OK and have():
                        begin_anew()
                    if answer.status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                            if have() + len(chunk) > size_bytes_max:
                                raise BlobError(f"{digest}: more than {size_bytes_max} bytes", temporary=False)
                            write(chunk)
                        return
                    _raise_final(digest, answer.status)
                    reason = f"HTTP {answer.status}"
            except _TEMPORARY as error:
                reason = type(error).__name__
        raise BlobError(f"{digest}: {reason}", temporary=True)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = self._settings.url.startswith("https:")
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls_context(self._settings.ca_file) if secure else True),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=STALL_TIMEOUT_S),
                # Octets are stored and checked as they are.
                auto_decompress=False,
            )
        return self._session

    def _address(self, digest: str) -> str:
        return f"{self._settings.url}/blobs/{digest}"

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.token}", "Accept-Encoding": "identity", **more}


def _raise_final(digest: str, status: int) -> None:
    """Raise for an answer that asking again at once will not change; 408, 425, 429 and 5xx are tried again."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_AGAIN:
        return
    # A token that is not valid now says nothing about the octets.
    about_us = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    raise BlobError(f"{digest}: HTTP {status}", temporary=about_us)


async def _chunks(octets: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(octets), CHUNK_BYTES):
        yield octets[start : start + CHUNK_BYTES]


async def _file_chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, CHUNK_BYTES):
            yield chunk


def _file_digest(file: Path) -> str:
    with file.open("rb") as source:
        return "sha256:" + hashlib.file_digest(source, "sha256").hexdigest()
