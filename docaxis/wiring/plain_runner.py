"""Serving an application so that what is refused before it is reached tells nothing of what the server is made of.

A request that is no HTTP never comes to the application with its middlewares: the library answers it alone, with its own
name, its version and a piece of what was sent.
"""

from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import hdrs, web

log = structlog.get_logger(__name__)

_HEADERS = {
    hdrs.SERVER: "docaxis",
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class PlainRunner(web.AppRunner):
    """An AppRunner whose connections answer broken requests in few words."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, debug=False, **self._kwargs)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer with the status and its name, and close the connection; message repeats what was sent and is left out."""
        del message
        known: dict[str, Any] = {"status": status, "address": request.remote}
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request failed before the application", exc_info=exc, **known)
        else:
            log.info("no request", kind=type(exc).__name__, **known)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer has gone out already")
        answer = web.Response(status=status, text=f"{status} {HTTPStatus(status).phrase}\n", headers=_HEADERS)
        answer.force_close()
        return answer
