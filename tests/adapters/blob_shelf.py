"""The stand-in hub's /blobs over HTTP, with the faults that a test wants."""

import asyncio
import hashlib

from aiohttp import web

BEARER = "a-token"


class BlobShelf:
    """Blobs by digest; `http` notes every request as method, Range and size."""

    blobs: dict[str, bytes]
    http: list[tuple[str, str, int]]
    break_after_bytes: int
    http_status: int

    async def get_blob(self, request: web.Request) -> web.StreamResponse:
        """Answer GET, breaking off once where that is wanted."""
        digest = request.match_info["digest"]
        self.http.append(("GET", request.headers.get("Range", ""), 0))
        if request.headers.get("Authorization") != f"Bearer {BEARER}":
            return web.Response(status=401)
        if self.http_status or digest not in self.blobs:
            return web.Response(status=self.http_status or 404)
        octets = self.blobs[digest]
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(octets) - start
        await response.prepare(request)
        if self.break_after_bytes:
            await response.write(octets[start : start + self.break_after_bytes])
            await asyncio.sleep(0.05)
            self.break_after_bytes = 0
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(octets[start:])
        return response

    async def put_blob(self, request: web.Request) -> web.Response:
        digest = request.match_info["digest"]
        octets = await request.read()
        self.http.append(("PUT", "", len(octets)))
        if request.headers.get("Authorization") != f"Bearer {BEARER}":
            return web.Response(status=401)
        if self.http_status:
            return web.Response(status=self.http_status)
        if "sha256:" + hashlib.sha256(octets).hexdigest() != digest:
            return web.Response(status=422)
        known = digest in self.blobs
        self.blobs[digest] = octets
        return web.Response(status=204 if known else 201)
