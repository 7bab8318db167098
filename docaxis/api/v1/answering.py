"""How every request of the API is answered: in JSON, with an identifier, problems in one form, conditional where it can be."""

import hashlib
import json
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import TypeVar

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from docaxis.api.v1.operations import Form
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import SAID, ApiProblem, Fault, ProblemCode
from docaxis.hub.ports import StoreUnavailable
from docaxis.web.state import REQUEST_ID

log = structlog.get_logger(__name__)

CONTENT_DIGEST = "Content-Digest"
RETRY_AFTER_S = 5
WAIT_MOST_S = 30
REFERENCE = "/api"
"""The page that explains operations and problems."""

_DIGEST = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]+):")
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(?:$|[,;])", re.IGNORECASE)
_OF_STATUS = {
    400: ProblemCode.REQUEST_INVALID,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD,
    413: ProblemCode.TOO_LARGE,
    415: ProblemCode.MEDIA_TYPE,
}

Parsed = TypeVar("Parsed", bound=Form)


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what an operation raises into a problem; a fault's own text never leaves the hub."""
    # Among the pages it has its identifier already; behind the listener for certificates it gets it here.
    request.setdefault(REQUEST_ID, secrets.token_hex(8))
    try:
        response = await handler(request)
    except ApiProblem as problem:
        response = problem_response(request, problem)
    except web.HTTPException as error:
        if error.status < web.HTTPBadRequest.status_code:
            raise
        refused = ApiProblem(_OF_STATUS.get(error.status, ProblemCode.REQUEST_INVALID))
        refused.headers = {hdrs.ALLOW: error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else {}
        response = problem_response(request, refused, error.status)
    except StoreUnavailable as error:
        log.warning("store unavailable", path=request.path, error=str(error))
        later = ApiProblem(ProblemCode.UNAVAILABLE)
        later.headers = {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)}
        response = problem_response(request, later)
    except Exception:
        log.exception("operation failed", path=request.path, request_id=request[REQUEST_ID])
        response = problem_response(request, ApiProblem(ProblemCode.FAULT))
    if not response.prepared:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def problem_response(request: web.Request, problem: ApiProblem, status: int = 0) -> web.Response:
    """Return a problem document in the client's language; codes are never translated."""
    said = SAID[problem.code]
    vietnamese = request.headers.get(hdrs.ACCEPT_LANGUAGE, "").lower().startswith("vi")
    body: dict[str, object] = {
        "type": f"{request.app[PORTS].public_url}{REFERENCE}#{problem.code}",
        "title": said.vi if vietnamese else said.en,
        "status": status or said.status,
        "code": problem.code,
        "request_id": request[REQUEST_ID],
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.faults:
        body["errors"] = [
            {"at": one.at, "detail": one.detail, **({"code": one.code} if one.code else {})} for one in problem.faults
        ]
    headers = {hdrs.CONTENT_LANGUAGE: "vi" if vietnamese else "en", **problem.headers}
    if said.status == web.HTTPUnauthorized.status_code:
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return web.json_response(
        body, status=status or said.status, headers=headers, content_type="application/problem+json"
    )


def answered(
    request: web.Request, value: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a value as JSON with its ETag and Content-Digest; 304 where the client has it already."""
    octets = value.model_dump_json(exclude_none=False).encode()
    digest = hashlib.sha256(octets)
    tag = f'"{digest.hexdigest()[:32]}"'
    conditional = request.method in {hdrs.METH_GET, hdrs.METH_HEAD} and status == web.HTTPOk.status_code
    shared = (
        {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "private, no-cache", **(headers or {})}
        if conditional
        else dict(headers or {})
    )
    if conditional and is_known(request, tag):
        return web.Response(status=304, headers=shared)
    shared = {**shared, CONTENT_DIGEST: digest_header(digest.digest())}
    return web.Response(body=octets, status=status, headers=shared, content_type="application/json", charset="utf-8")


def is_known(request: web.Request, tag: str) -> bool:
    """Whether the client says that it holds what carries this ETag (with its quotes)."""
    held = {one.strip().removeprefix("W/") for one in request.headers.get(hdrs.IF_NONE_MATCH, "").split(",")}
    return tag in held or "*" in held


def prefers_wait_s(request: web.Request) -> int:
    """Return for how many seconds the client would rather wait than come again (`Prefer: wait=`, RFC 7240), 30 at most."""
    found = _WAIT.search(",".join(request.headers.getall("Prefer", ())))
    return min(int(found[1]), WAIT_MOST_S) if found else 0


def digest_header(digest: bytes) -> str:
    """Return a Content-Digest (RFC 9530) of a SHA-256."""
    return f"sha-256=:{b64encode(digest).decode()}:"


def check_digest(request: web.Request, octets: bytes) -> None:
    """Compare the octets with the digest that came with them; one in another algorithm is passed over. Raises ApiProblem."""
    told = _DIGEST.search(request.headers.get(CONTENT_DIGEST, ""))
    if told is None:
        return
    try:
        wanted = b64decode(told[1], validate=True)
    except Base64Error:
        wanted = b""
    if wanted != hashlib.sha256(octets).digest():
        raise ApiProblem(ProblemCode.DIGEST_MISMATCH)


def read_query(request: web.Request, form: type[Parsed]) -> Parsed:
    """Return the parameters of the address; raises ApiProblem naming each that is wrong."""
    repeated = sorted({name for name in request.query if len(request.query.getall(name)) > 1})
    if repeated:
        raise _invalid(tuple(Fault(f"?{name}", "given more than once") for name in repeated))
    try:
        return form.model_validate_strings(dict(request.query))
    except ValidationError as error:
        raise _invalid(
            tuple(Fault("?" + ".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_url=False))
        ) from None


async def read_body(request: web.Request, form: type[Parsed]) -> Parsed:
    """Return a JSON body, its digest compared; raises ApiProblem with a JSON Pointer for each place that is wrong."""
    if request.content_type != "application/json":
        raise ApiProblem(ProblemCode.MEDIA_TYPE, "application/json")
    octets = await request.read()
    check_digest(request, octets)
    try:
        return form.model_validate_json(octets)
    except ValidationError as error:
        raise _invalid(
            tuple(
                Fault(
                    "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in one["loc"]), one["msg"]
                )
                for one in error.errors(include_url=False, include_input=False)
            )
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise _invalid((Fault("", "not JSON"),)) from None


def _invalid(faults: tuple[Fault, ...]) -> ApiProblem:
    return ApiProblem(ProblemCode.REQUEST_INVALID, faults=faults)
