"""The line of an endpoint: what waits for it, and its word that it has durably written something."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field

from docaxis.api.v1.answering import answered, read_body, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.document_forms import Document, document_form
from docaxis.api.v1.listing import LINK_HEADER, Page, PageQuery, cursor_of, link_of, place_of, rest_of
from docaxis.api.v1.operations import Form, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ProblemCode
from docaxis.domain import wire
from docaxis.hub.views.machines import Place

_Sequence = Annotated[int, Field(gt=0, le=wire.SEQUENCE_MAX, strict=True)]


def _in_order(pair: list[int]) -> list[int]:
    if pair[0] > pair[1]:
        raise ValueError("first, then last")
    return pair


_Range = Annotated[list[_Sequence], Field(min_length=2, max_length=2), AfterValidator(_in_order)]
_RANGES_MOST = 1000


class Delivery(Form):
    """A copy in your inbox that you have not acknowledged: lane and sequence name it, organ_ids are your addressees."""

    lane: str
    sequence: int
    organ_ids: list[str]
    document: Document


class Deliveries(Page):
    """What waits for you, urgent first, oldest first."""

    items: list[Delivery]


class Acknowledgement(Form):
    """What you have durably written: sequence numbers by lane, as [first, last], both included."""

    urgent: list[_Range] = Field(default_factory=list, max_length=_RANGES_MOST)
    normal: list[_Range] = Field(default_factory=list, max_length=_RANGES_MOST)
    answers_read: bool = Field(
        default=False,
        description="Also empty your queues of receipts and notices on the broker: you read them here (submissions, events)",
    )


class Acknowledged(Form):
    """What the hub was told; it records it within moments, and the line then shows it no more."""

    urgent: list[list[int]]
    normal: list[list[int]]


async def list_deliveries(request: web.Request) -> web.StreamResponse:
    """List what waits for the endpoint."""
    query = read_query(request, PageQuery)
    after = place_of(request, query, Place)
    rows, more = rest_of(
        await request.app[PORTS].exchange.waiting(request[CLIENT].endpoint, after, query.limit + 1), query.limit
    )
    following = cursor_of(request, rows[-1].place) if more else None
    items = [
        Delivery(
            lane=row.lane,
            sequence=row.sequence,
            organ_ids=list(row.organ_ids),
            document=document_form(row.document),
        )
        for row in rows
    ]
    return answered(request, Deliveries(items=items, next=following), headers=link_of(request, following))


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """Take an endpoint's word for what it has written; it reaches the hub as a client's acknowledgement does."""
    told = await read_body(request, Acknowledgement)
    ports, endpoint = request.app[PORTS], request[CLIENT].endpoint
    said = {"urgent": told.urgent, "normal": told.normal}
    ranges = {lane: [(first, last) for first, last in pairs] for lane, pairs in said.items() if pairs}
    if ranges:
        await ports.ingress.acknowledge(endpoint, ranges)
    if told.answers_read:
        await ports.ingress.forget_answers(endpoint)
    return answered(request, Acknowledged(urgent=told.urgent, normal=told.normal), web.HTTPAccepted.status_code)


OPERATIONS = (
    Operation(
        "GET", "/deliveries", "deliveries", "What waits for you", list_deliveries, Deliveries, query=PageQuery,
        problems=(ProblemCode.CURSOR_INVALID,), headers=LINK_HEADER, tag="deliveries",
    ),
    Operation(
        "POST", "/deliveries/acknowledgements", "acknowledge", "Tell what you have durably written", acknowledge,
        Acknowledged, 202, Acknowledgement, problems=(ProblemCode.MEDIA_TYPE, ProblemCode.DIGEST_MISMATCH),
        request_headers={"Content-Digest": "sha-256 of the body (RFC 9530); compared where it is there"},
        tag="deliveries",
    ),
)  # fmt: skip
