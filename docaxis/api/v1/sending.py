"""Octets out of the API: with ETag and digest, conditional, and in parts where that is asked for."""

import hashlib
from collections.abc import AsyncIterator, Callable

from aiohttp import hdrs, web

from docaxis.api.octets import OCTETS, stream_octets, wanted_range
from docaxis.api.v1.answering import CONTENT_DIGEST, digest_header, is_known
from docaxis.api.v1.problems import ApiProblem, ProblemCode
from docaxis.web.state import REQUEST_ID

_CACHED = "private, no-cache"


async def send_octets(request: web.Request, octets: bytes, content_type: str) -> web.StreamResponse:
    """Send octets that are at hand; raises ApiProblem for a range that lies outside."""
    digest = hashlib.sha256(octets).digest()

    async def read(first: int, last: int) -> AsyncIterator[bytes]:
        yield octets[first : last + 1]

    return await send_stream(request, read, len(octets), f"sha256:{digest.hex()}", content_type)


async def send_stream(
    request: web.Request,
    read: Callable[[int, int], AsyncIterator[bytes]],
    size_bytes: int,
    digest: str,
    content_type: str = OCTETS,
) -> web.StreamResponse:
    """Send octets in constant memory; digest is `sha256:<hex>` of the whole. Raises ApiProblem for a range outside."""
    tag = digest.removeprefix("sha256:")
    headers = {
        hdrs.CACHE_CONTROL: _CACHED,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "attachment",
        "Repr-Digest": digest_header(bytes.fromhex(tag)),
        "X-Request-Id": request[REQUEST_ID],
    }
    if is_known(request, f'"{tag}"'):
        return web.Response(status=304, headers={hdrs.ETAG: f'"{tag}"', **headers})
    # A part of what the client holds in another version would be of no use: it gets the whole.
    condition = request.headers.get(hdrs.IF_RANGE)
    asked = request.headers.get(hdrs.RANGE) if condition in {None, f'"{tag}"'} else None
    wanted = wanted_range(asked, size_bytes)
    if wanted is None:
        outside = ApiProblem(ProblemCode.RANGE_INVALID)
        outside.headers = {hdrs.CONTENT_RANGE: f"bytes */{size_bytes}"}
        raise outside
    if not wanted[2]:
        headers[CONTENT_DIGEST] = headers["Repr-Digest"]
    return await stream_octets(request, read, wanted, size_bytes, tag, content_type, headers)
