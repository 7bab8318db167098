"""Octets over HTTP in constant memory, whole or a part of them (`Range`)."""

import re
from collections.abc import AsyncIterator, Callable, Mapping

from aiohttp import hdrs, web

from docaxis.hub.ports import StoreUnavailable

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
OCTETS = "application/octet-stream"


def wanted_range(header: str | None, size_bytes: int) -> tuple[int, int, bool] | None:
    """Return (first, last, whether partial); None when the range cannot be had. Other forms of the header are ignored."""
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return 0, size_bytes - 1, False
    first, last = int(match[1]), min(int(match[2] or size_bytes - 1), size_bytes - 1)
    return (first, last, True) if first <= last else None


async def stream_octets(
    request: web.Request,
    read: Callable[[int, int], AsyncIterator[bytes]],
    wanted: tuple[int, int, bool],
    size_bytes: int,
    tag: str,
    content_type: str = OCTETS,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Send what `read` yields between two places, both included; tag is the ETag without its quotes."""
    first, last, partial = wanted
    response = web.StreamResponse(status=206 if partial else 200, headers=dict(headers or {}))
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.headers[hdrs.ETAG] = f'"{tag}"'
    response.content_type = content_type
    response.content_length = last - first + 1
    if partial:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last}/{size_bytes}"
    await response.prepare(request)
    try:
        if request.method != hdrs.METH_HEAD and last >= first:
            async for chunk in read(first, last):
                await response.write(chunk)
        await response.write_eof()
    except StoreUnavailable:
        # What has gone out cannot be taken back: the reader sees the end come too early, and asks for the rest.
        if request.transport:
            request.transport.abort()
    return response
