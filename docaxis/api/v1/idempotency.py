"""Asking again changes nothing: what was answered is kept under the message's id, and under the client's own key."""

import hashlib
from dataclasses import dataclass

from aiohttp import web

from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, Fault, ProblemCode
from docaxis.hub.views.machines import KeptAnswer

HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that submits: key is the client's own, or empty; request is the digest of all that matters of it."""

    message_id: str
    digest: str
    key: str
    request: str


def asked(request: web.Request, digest: str, message_id: str) -> Asked:
    """Return what is asked; raises ApiProblem for a key that is none."""
    key = request.headers.get(HEADER, "").strip().strip('"')
    if HEADER in request.headers and not (0 < len(key) <= KEY_LENGTH_MAX and key.isascii() and key.isprintable()):
        fault = Fault(HEADER, f"1 to {KEY_LENGTH_MAX} printable ASCII characters")
        raise ApiProblem(ProblemCode.REQUEST_INVALID, faults=(fault,))
    whole = hashlib.sha256(f"{request.method} {request.path} {message_id} {digest}".encode()).hexdigest()
    return Asked(message_id, digest, key, f"sha256:{whole}")


async def waiting_under(request: web.Request, question: Asked) -> str | None:
    """Return what was answered to this request, None for a new one; raises ApiProblem where key or id meant another one."""
    answers, endpoint = request.app[PORTS].answers, request[CLIENT].endpoint
    by_key = await answers.find(endpoint, _of_client(question.key)) if question.key else None
    if by_key is not None and by_key.request != question.request:
        raise ApiProblem(ProblemCode.IDEMPOTENCY_CONFLICT)
    by_message = await answers.find(endpoint, _of_message(question.message_id))
    if by_message is not None and question.request and by_message.request != question.request:
        raise ApiProblem(ProblemCode.IDEMPOTENCY_CONFLICT, "this message_id was used for another package")
    found = by_key or by_message
    return found.content if found else None


async def keep(request: web.Request, question: Asked, content: str) -> None:
    """Keep what is answered to a request, so that it is found from now on."""
    ports = request.app[PORTS]
    keys = [_of_message(question.message_id), *([_of_client(question.key)] if question.key else ())]
    status = web.HTTPAccepted.status_code
    kept = [KeptAnswer(key, question.request, status, content, ports.now()) for key in keys]
    await ports.answers.keep(request[CLIENT].endpoint, kept)


def _of_client(key: str) -> str:
    return f"key {key}"


def _of_message(message_id: str) -> str:
    return f"message {message_id}"
