"""Who asks: an endpoint, by a certificate that it shows to our own TLS listener, or by a signed token."""

import hashlib
import ssl
from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from docaxis.api.v1.operations import operation_of
from docaxis.api.v1.ports import PORTS, ApiPorts
from docaxis.api.v1.problems import ApiProblem, ProblemCode
from docaxis.api.v1.tokens import TokenError, check_token, key_named_in


@dataclass(frozen=True, slots=True)
class Client:
    """An endpoint that has shown itself, and the key by which it did."""

    endpoint: str
    key_id: str


CLIENT = web.RequestKey("api_client", Client)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks; nobody comes further who cannot be told, but to what is open."""
    operation = operation_of(request)
    if operation is not None and not operation.is_open:
        request[CLIENT] = await _by_token(request) if hdrs.AUTHORIZATION in request.headers else await _by_tls(request)
    return await handler(request)


async def _by_token(request: web.Request) -> Client:
    ports = request.app[PORTS]
    scheme, _, token = request.headers[hdrs.AUTHORIZATION].partition(" ")
    if scheme.lower() != "bearer":
        raise ApiProblem(ProblemCode.UNAUTHORIZED)
    try:
        return await _check(ports, token.strip())
    except TokenError as error:
        raise ApiProblem(ProblemCode.TOKEN_INVALID, str(error)) from None


async def _check(ports: ApiPorts, token: str) -> Client:
    """Return whose token it is, used by this request and by no other; raises TokenError."""
    key = await ports.keys.find(key_named_in(token))
    if key is None or key.kind != "token":
        raise TokenError("kid: no such key, or it was revoked, or its endpoint is disabled")
    now = ports.now()
    used = check_token(token, key, ports.public_url, now)
    if not await ports.keys.use_token(used.token_id, used.ends_at, now):
        raise TokenError("jti: this token was used before")
    return Client(key.endpoint, key.key_id)


async def _by_tls(request: web.Request) -> Client:
    tls = request.transport.get_extra_info("ssl_object") if request.transport else None
    shown = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject) else None
    if not shown:
        raise ApiProblem(ProblemCode.UNAUTHORIZED)
    key = await request.app[PORTS].keys.find(f"sha256:{hashlib.sha256(shown).hexdigest()}")
    if key is None or key.kind != "certificate":
        raise ApiProblem(ProblemCode.UNAUTHORIZED, "this certificate is not registered, or was revoked")
    return Client(key.endpoint, key.key_id)
