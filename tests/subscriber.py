"""A subscriber of webhooks: a real HTTP server on loopback that keeps what it took, and misbehaves as it is told."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from aiohttp import web
from cryptography import x509

from docaxis.local.ports import free_ports
from docaxis.trust.jws import verify_detached
from tests.waiting import eventually

Manner = Callable[[web.Request], "web.StreamResponse | None"]
SLOW = 0


@dataclass
class Subscriber:
    """What it took, message for message; `status` is its next answers' (SLOW: none at all), `moves` how it fails."""

    certificates: Sequence[x509.Certificate]
    url: str = ""
    status: int = 200
    asked: int = 0
    drops: bool = False
    delay_s: float = 0.0
    taken: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Answer one POST."""
        self.asked += 1
        body = await request.read()
        verify_detached(body, request.headers["Docaxis-Signature"], self.certificates)
        await asyncio.sleep(self.delay_s)
        if self.drops:
            assert request.transport
            request.transport.abort()
            return web.Response(status=500)
        if self.status == SLOW:
            await asyncio.sleep(3600)
        if self.status in {301, 302, 307, 308}:
            return web.Response(status=self.status, headers={"Location": self.url})
        if self.status < 300:
            self.taken.append(json.loads(body))
        return web.Response(status=self.status, text="x" * 100_000)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Every change that was taken, repeats too."""
        return [change for message in self.taken for change in message["changes"]]

    def kinds(self) -> list[str]:
        """The kinds of the changes in the order of taking."""
        return [change["type"] for change in self.changes]

    async def has(self, changes: int) -> None:
        """Wait until so many changes were taken."""

        async def enough() -> bool:
            return len(self.changes) >= changes

        await eventually(f"{changes} changes", enough)

    def check_order(self) -> None:
        """Fail where a message leaves a gap, or changes do not come in the order of the log."""
        for before, after in pairwise(self.taken):
            assert after["first"] <= before["next"], (before, after)
        seen: dict[str, int] = {}
        newest = -1
        for change in self.changes:
            if change["id"] not in seen:
                assert change["leaf_index"] >= newest, change
                newest = seen[change["id"]] = change["leaf_index"]


@asynccontextmanager
async def subscribed(
    certificates: Sequence[x509.Certificate], tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Subscriber]:
    """Let a subscriber listen for the length of the block."""
    (port,) = (port,) if port else free_ports(1)
    subscriber = Subscriber(certificates, f"{'https' if tls else 'http'}://127.0.0.1:{port}/changes?for=me")
    app = web.Application()
    app.router.add_post("/changes", subscriber.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    try:
        yield subscriber
    finally:
        await runner.cleanup()
