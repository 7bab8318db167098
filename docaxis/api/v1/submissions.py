"""Submissions: a signed package (document, status, recall) goes in, and what becomes of it can be followed."""

import asyncio
import time
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import Field

from docaxis.api.v1.answering import answered, check_digest, prefers_wait_s, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.idempotency import Asked, asked, keep, waiting_under
from docaxis.api.v1.listing import LINK_HEADER, Page, PageQuery, cursor_of, link_of, place_of, rest_of
from docaxis.api.v1.operations import Content, Form, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, ProblemCode
from docaxis.api.v1.sending import send_octets
from docaxis.domain import wire
from docaxis.hub.views.documents import Cursor, SubmissionView

POLL_S = 0.2
MESSAGE_ID = r"[\x21-\x2e\x30-\x7e]{1,128}"
XML = Content("application/xml", "The signed package (edXML, QCVN 102:2016)")
RECEIPT = Content("application/xml", "The receipt as the hub signed it")
_MEDIA = frozenset({"application/xml", "text/xml"})


class State(StrEnum):
    """Where a submission stands; waiting: the hub has not decided yet, deferred: it will decide again."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Outcome(StrEnum):
    """What a list may be asked for."""

    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Submission(Form):
    """A message to the hub and what became of it; what the hub has not told yet is null."""

    message_id: str
    digest: str = Field(description="sha256:<hex> of the package")
    state: State
    lane: str | None = Field(description="urgent or normal, by the urgency in the package")
    code: str | None = Field(description="Why it was rejected or deferred: the codes of docs/refusals.md")
    detail: str | None
    place: str | None = Field(description="Where in the package")
    sender: str | None
    document_id: str | None
    submission_id: UUID | None = Field(description="Of an accepted document also its key")
    received_at: datetime | None
    decided_at: datetime | None
    retry_at: datetime | None


class Submissions(Page):
    """Submissions, newest first."""

    items: list[Submission]


class SubmitQuery(Form):
    """How a package is submitted."""

    message_id: str = Field(
        "",
        pattern=f"^(?:{MESSAGE_ID})?$",
        description="The message's own id; left out: the digest, in hexadecimal digits",
    )


class SubmissionsQuery(PageQuery):
    """Which submissions."""

    outcome: Outcome | None = Field(None, description="Only decided ones with this outcome")


async def submit(request: web.Request) -> web.StreamResponse:
    """Take a package: 202 when the broker has confirmed it, 200 where the hub has decided of it already."""
    query = read_query(request, SubmitQuery)
    if request.content_type not in _MEDIA:
        refused = ApiProblem(ProblemCode.MEDIA_TYPE, "application/xml")
        refused.headers = {"Accept-Post": "application/xml"}
        raise refused
    ports, endpoint = request.app[PORTS], request[CLIENT].endpoint
    octets = await _package(request, ports.settings.package_bytes)
    digest = wire.digest_of(octets)
    message_id = query.message_id or digest.removeprefix("sha256:")
    wait_s = prefers_wait_s(request)
    question = asked(request, digest, message_id)
    found = await _standing(request, question)
    if found is None:
        lane = await ports.ingress.submit(endpoint, message_id, octets)
        found = _sent(message_id, digest, lane)
        await keep(request, question, found.model_dump_json())
    if wait_s:
        found = await _decided(request, message_id, digest, found, wait_s)
    location = str(request.app.router["submission"].url_for(message_id=message_id))
    more = {"Preference-Applied": f"wait={wait_s}"} if wait_s else {}
    status = web.HTTPAccepted.status_code if found.state is State.WAITING else web.HTTPOk.status_code
    return answered(request, found, status, {hdrs.LOCATION: location, **more})


async def _package(request: web.Request, most_bytes: int) -> bytes:
    if (request.content_length or 0) > most_bytes:
        raise ApiProblem(ProblemCode.TOO_LARGE, f"at most {most_bytes} bytes")
    octets = await request.read()
    if len(octets) > most_bytes:
        raise ApiProblem(ProblemCode.TOO_LARGE, f"at most {most_bytes} bytes")
    check_digest(request, octets)
    return octets


async def _standing(request: web.Request, question: Asked) -> Submission | None:
    """Return what is known of this very message already; raises ApiProblem where its id or key meant something else."""
    endpoint = request[CLIENT].endpoint
    decided = await request.app[PORTS].exchange.answer(endpoint, question.message_id)
    if decided is not None and decided.digest != question.digest:
        raise ApiProblem(ProblemCode.IDEMPOTENCY_CONFLICT, "this message_id was used for another package")
    kept = await waiting_under(request, question)
    if decided is not None:
        return _told(decided)
    return Submission.model_validate_json(kept) if kept else None


async def _decided(request: web.Request, message_id: str, digest: str, found: Submission, wait_s: int) -> Submission:
    until = time.monotonic() + wait_s
    while found.state is State.WAITING and time.monotonic() < until:
        await asyncio.sleep(POLL_S)
        decided = await request.app[PORTS].exchange.answer(request[CLIENT].endpoint, message_id)
        if decided is not None and decided.digest == digest:
            return _told(decided)
    return found


async def show_submission(request: web.Request) -> web.StreamResponse:
    """Return what became of a message."""
    return answered(request, await _find(request))


async def send_receipt(request: web.Request) -> web.StreamResponse:
    """Send the receipt of a message, accepted or refused, as the hub signed it."""
    found = await request.app[PORTS].exchange.answer(request[CLIENT].endpoint, _named(request))
    if found is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return await send_octets(request, found.receipt, "application/xml")


async def list_submissions(request: web.Request) -> web.StreamResponse:
    """List what the hub has decided, newest first."""
    query = read_query(request, SubmissionsQuery)
    outcome = query.outcome.value if query.outcome else None
    rows, more = rest_of(
        await request.app[PORTS].exchange.list_submissions(
            request[CLIENT].endpoint, outcome, place_of(request, query, Cursor), query.limit + 1
        ),
        query.limit,
    )
    following = cursor_of(request, rows[-1].cursor) if more else None
    page = Submissions(items=[_told(row) for row in rows], next=following)
    return answered(request, page, headers=link_of(request, following))


def _named(request: web.Request) -> str:
    """Return the message that is asked for; one with signs that no database holds is known to nobody. Raises ApiProblem."""
    message_id = request.match_info["message_id"]
    if not message_id.isprintable():
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return message_id


async def _find(request: web.Request) -> Submission:
    message_id = _named(request)
    decided = await request.app[PORTS].exchange.answer(request[CLIENT].endpoint, message_id)
    if decided is not None:
        return _told(decided)
    kept = await waiting_under(request, Asked(message_id, "", "", ""))
    if kept is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return Submission.model_validate_json(kept)


def _sent(message_id: str, digest: str, lane: str) -> Submission:
    return Submission(
        message_id=message_id, digest=digest, state=State.WAITING, lane=lane, code=None, detail=None, place=None,
        sender=None, document_id=None, submission_id=None, received_at=None, decided_at=None, retry_at=None,
    )  # fmt: skip


def _told(view: SubmissionView) -> Submission:
    return Submission(
        message_id=view.message_id, digest=view.digest, state=State(view.outcome), lane=view.lane,
        code=view.code or None, detail=view.detail or None, place=view.place or None, sender=view.sender or None,
        document_id=view.document_id or None, submission_id=view.submission_id, received_at=view.received_at,
        decided_at=view.decided_at, retry_at=view.retry_at,
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "POST", "/submissions", "submit", "Submit a signed package: a document, a status, a recall order", submit,
        Submission, 202, XML, SubmitQuery,
        (
            ProblemCode.MEDIA_TYPE, ProblemCode.TOO_LARGE, ProblemCode.DIGEST_MISMATCH, ProblemCode.IDEMPOTENCY_CONFLICT,
        ),
        headers={"Location": "Where to follow it"},
        request_headers={
            "Content-Digest": "sha-256 of the package (RFC 9530); compared where it is there",
            "Idempotency-Key": "A key of your choice: the same request again under it changes nothing",
            "Prefer": "wait=20: answer with the decision if it comes within so many seconds, 30 at most",
        },
        also=(200,), tag="submissions",
    ),
    Operation(
        "GET", "/submissions", "submissions", "What the hub decided of your messages, newest first", list_submissions,
        Submissions, query=SubmissionsQuery, problems=(ProblemCode.CURSOR_INVALID,), headers=LINK_HEADER,
        tag="submissions",
    ),
    Operation(
        "GET", "/submissions/{message_id}", "submission", "What became of a message", show_submission, Submission,
        problems=(ProblemCode.NOT_FOUND,), tag="submissions",
    ),
    Operation(
        "GET", "/submissions/{message_id}/receipt", "submission-receipt", "The receipt as signed, also of a refusal",
        send_receipt, RECEIPT, problems=(ProblemCode.NOT_FOUND, ProblemCode.RANGE_INVALID), partial=True,
        tag="submissions",
    ),
)  # fmt: skip
