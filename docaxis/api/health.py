"""Health and metrics on the loopback port: alive is the process alone, ready is whether it can do its work."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

Check = Callable[[], Awaitable[str | None]]
"""Returns None when all is well, else what is wrong, in one line."""


def health_app(checks: Mapping[str, Check], registry: CollectorRegistry) -> web.Application:
    """Return the application with `/livez`, `/readyz` and `/metrics`; checks are named parts that readiness needs."""

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        problems = {name: problem for name, check in checks.items() if (problem := await check())}
        body = {"status": "not ready" if problems else "ok", "problems": problems}
        return web.json_response(body, status=503 if problems else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": "text/plain; version=0.0.4"})

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    return app
