"""What operators and their alerts see of a web process; never a label of a person, an agency or a document."""

import time
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from docaxis import __version__
from docaxis.web.routing import page_of

# When each counter began is of no use to anybody, and would be as many series again.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
"""Few, since each page has its own; 0.3 is what a page may take."""
WAYS: Final = ("password", "passkey", "oidc", "link")
"""How somebody can fail to sign in."""
_STREAMS = web.RequestKey("is_stream", bool)


class WebMetrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "docaxis_web_requests", "Requests answered, by page and class of status", ["page", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "docaxis_web_request_duration_seconds", "Answering one request; streams are not counted", ["page"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self._streams = Gauge("docaxis_web_streams_open", "Open streams of live changes", registry=self.registry)
        self._failures = Counter(
            "docaxis_web_sign_in_failures", "Failed tries to sign in, by way", ["way"], registry=self.registry
        )
        self._stopped = Counter(
            "docaxis_web_sign_in_stopped", "Tries to sign in refused for being too many", registry=self.registry
        )
        version = Gauge("docaxis_build_info", "The version that runs", ["version"], registry=self.registry)
        version.labels(__version__).set(1)
        # A counter that first appears with 1 shows no increase: an alert would miss the first of its kind.
        for way in WAYS:
            self._failures.labels(way)
        ProcessCollector(registry=self.registry)

    def answered(self, page: str, status: int, seconds: float | None) -> None:
        """Count a request by the name of its page; seconds is None for a stream, which lives as long as it is read."""
        self._requests.labels(page, f"{status // 100}xx").inc()
        if seconds is not None:
            self._seconds.labels(page).observe(seconds)

    def stream_opened(self) -> None:
        """Count a stream that has begun."""
        self._streams.inc()

    def stream_closed(self) -> None:
        """Count a stream that has ended."""
        self._streams.dec()

    def sign_in_failed(self, way: str) -> None:
        """Count a failed try to sign in; `way` is one of WAYS."""
        self._failures.labels(way).inc()

    def sign_in_stopped(self) -> None:
        """Count a try that was not looked at because there were too many."""
        self._stopped.inc()


METRICS = web.AppKey("metrics", WebMetrics)


@web.middleware
async def count_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and time every request; the outermost middleware, so that it sees what the others answer."""
    metrics, began = request.config_dict[METRICS], time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        is_stream = request.get(_STREAMS, False)
        if is_stream:
            metrics.stream_closed()
        metrics.answered(_name_of(request), status, None if is_stream else time.perf_counter() - began)
    return response


async def notice_stream(request: web.Request, response: web.StreamResponse) -> None:
    """Count a stream when its headers go out (a signal of the application)."""
    if response.content_type == "text/event-stream":
        request[_STREAMS] = True
        request.config_dict[METRICS].stream_opened()


def _name_of(request: web.Request) -> str:
    """Return the page's name, `api.` and the operation's name, or `none`: an address that is not there has no series."""
    page = page_of(request)
    if page is not None:
        return page.name
    name = request.match_info.route.name
    return f"api.{name}" if name else "none"
