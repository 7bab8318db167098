"""The API as one application: what happens to every request, in this order, and the operations that it is made of."""

from aiohttp import web

from docaxis.api.v1 import agencies, attachments, deliveries, documents, events, statistics, submissions
from docaxis.api.v1.answering import answer_problems
from docaxis.api.v1.client import identify
from docaxis.api.v1.operations import Operation, add_operations
from docaxis.api.v1.ports import PORTS, ApiPorts
from docaxis.api.v1.rates import bound_rates

OPERATIONS: tuple[Operation, ...] = (
    *submissions.OPERATIONS,
    *documents.OPERATIONS,
    *deliveries.OPERATIONS,
    *attachments.OPERATIONS,
    *agencies.OPERATIONS,
    *events.OPERATIONS,
    *statistics.OPERATIONS,
)


def api_app(ports: ApiPorts) -> web.Application:
    """Return the application, to be mounted under `openapi.PREFIX`."""
    app = web.Application(
        middlewares=[answer_problems, identify, bound_rates(ports.settings.requests_per_minute)],
    )
    app[PORTS] = ports
    add_operations(app, OPERATIONS)
    return app
