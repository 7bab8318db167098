"""Large octets by claim check: `PUT`, `GET` and `HEAD /blobs/{digest}`, for endpoints only, streamed in constant memory.

An endpoint shows its token (bearer; only its SHA-256 is stored) and may read what was delivered to it or sent by it.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import Protocol

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.api.octets import stream_octets, wanted_range
from docaxis.api.problem import problem
from docaxis.domain import wire
from docaxis.hub.ports import StoreUnavailable

CHUNK_BYTES = 256 * 1024
RETRY_AFTER_S = 5

log = structlog.get_logger(__name__)


class Blobs(Protocol):
    """The part of the blob store that HTTP needs."""

    async def write_stream(self, digest: str, chunks: AsyncIterator[bytes], size_limit_bytes: int) -> int | None:
        """Keep a stream under its digest; returns its size, or None when the octets have another digest or are too many."""

    def read_stream(self, digest: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Yield the octets first to last (both included)."""

    async def size_bytes(self, digest: str) -> int | None:
        """Return the size, or None when the blob is not there."""


class Access(Protocol):
    """Who may do what with blobs."""

    async def endpoint_of_token(self, token_sha256: str) -> str | None:
        """Return the endpoint that a token belongs to."""

    async def may_read_blob(self, endpoint: str, digest: str) -> bool:
        """Whether the octets were sent by the endpoint, or delivered to it, as package, attachment or delivery note."""

    async def register_blob(self, endpoint: str, digest: str, size_bytes: int) -> None:
        """Note that the octets are there, and who brought them."""


def blob_app(blobs: Blobs, access: Access, size_limit_bytes: int) -> web.Application:
    """Return the application with the blob routes."""
    routes = _Routes(blobs, access, size_limit_bytes)
    app = web.Application(client_max_size=size_limit_bytes, middlewares=[_say_when_unavailable])
    app.add_routes([web.put("/blobs/{digest}", routes.put), web.get("/blobs/{digest}", routes.get)])
    return app


class _Routes:
    def __init__(self, blobs: Blobs, access: Access, size_limit_bytes: int) -> None:
        self._blobs = blobs
        self._access = access
        self._size_limit_bytes = size_limit_bytes

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Keep the body under its digest; the same octets again are no error."""
        endpoint = await self._endpoint(request)
        if endpoint is None:
            return _unauthorized()
        digest = request.match_info["digest"]
        if not wire.DIGEST.fullmatch(digest):
            return problem(400, "BLOB.DIGEST_INVALID", "The address must be sha256: and 64 hexadecimal digits.")
        if (request.content_length or 0) > self._size_limit_bytes:
            return problem(413, "BLOB.TOO_LARGE", f"At most {self._size_limit_bytes} bytes are taken.")
        known = await self._blobs.size_bytes(digest)
        size_bytes = await self._blobs.write_stream(
            digest, request.content.iter_chunked(CHUNK_BYTES), self._size_limit_bytes
        )
        if size_bytes is None:
            return problem(422, "BLOB.DIGEST_MISMATCH", "The octets sent do not have this digest, or are too many.")
        await self._access.register_blob(endpoint, digest, size_bytes)
        return web.Response(status=201 if known is None else 204)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Send the octets, or a part of them; what an endpoint may not see is not there for it."""
        endpoint = await self._endpoint(request)
        if endpoint is None:
            return _unauthorized()
        digest = request.match_info["digest"]
        size_bytes = await self._blobs.size_bytes(digest) if wire.DIGEST.fullmatch(digest) else None
        if size_bytes is None or not await self._access.may_read_blob(endpoint, digest):
            return problem(404, "BLOB.NOT_FOUND", "There is nothing under this digest for this endpoint.")
        wanted = wanted_range(request.headers.get(hdrs.RANGE), size_bytes)
        if wanted is None:
            answer = problem(416, "BLOB.RANGE_INVALID", "The range lies outside the octets.")
            answer.headers[hdrs.CONTENT_RANGE] = f"bytes */{size_bytes}"
            return answer
        return await stream_octets(
            request, lambda first, last: self._blobs.read_stream(digest, first, last), wanted, size_bytes, digest
        )

    async def _endpoint(self, request: web.Request) -> str | None:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return await self._access.endpoint_of_token(hashlib.sha256(token.encode()).hexdigest())


@web.middleware
async def _say_when_unavailable(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except StoreUnavailable as error:
        log.warning("store unavailable; the endpoint is told to come again", method=request.method, error=str(error))
        answer = problem(503, "BLOB.UNAVAILABLE", "The store cannot be used now; the same request works later.")
        answer.headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_S)
        return answer


def _unauthorized() -> web.Response:
    answer = problem(401, "BLOB.UNAUTHORIZED", "A bearer token of an endpoint is needed.")
    answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer
