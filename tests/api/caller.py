"""An endpoint's system as the API sees it: a key, a new signed token for every request, answers already read."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import hdrs, web
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from docaxis.backends.database import Database
from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.domain import wire
from docaxis.hub.views.machines import ClientKey

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
KINDS: Mapping[str, Callable[[], PrivateKey]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


def public_der(key: PrivateKey) -> bytes:
    """Return the SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass
class Answer:
    """What came back, already read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers[hdrs.CONTENT_TYPE].startswith("application/problem+json"), self.body
        return str(self.json["code"])


@dataclass
class Caller:
    """Asks as an endpoint."""

    client: TestClient[web.Request, web.Application]
    endpoint: str
    audience: str
    now: Callable[[], datetime]
    key: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    algorithm: str = "ES256"

    @property
    def key_id(self) -> str:
        return wire.digest_of(public_der(self.key))

    def client_key(self) -> ClientKey:
        return ClientKey(self.key_id, self.endpoint, "token", public_der(self.key), "a test's", self.now())

    async def register(self, database: Database) -> None:
        """Register the key."""
        await SqlClientKeys(database).add(self.client_key())

    def token(self, **claims: Any) -> str:
        """Return a signed token; claims go over those of a good one, None leaves one out."""
        now = int(self.now().timestamp())
        whole = {
            "iss": self.endpoint, "sub": self.endpoint, "aud": self.audience, "jti": secrets.token_hex(16),
            "iat": now, "exp": now + 120, **claims,
        }  # fmt: skip
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode({"alg": self.algorithm, "kid": self.key_id}, kept, self._private(), [self.algorithm])

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.ask("GET", path, headers)

    async def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Post octets as a package, anything else as JSON."""
        is_package = isinstance(body, bytes)
        kind = "application/xml" if is_package else "application/json"
        data = body if is_package else json.dumps(body).encode()
        return await self.ask("POST", path, {hdrs.CONTENT_TYPE: kind, **(headers or {})}, data)

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, data: Any = None, token: str = ""
    ) -> Answer:
        """Ask in whatever way, with a new token."""
        sent = {hdrs.AUTHORIZATION: f"Bearer {token or self.token()}", **(headers or {})}
        address = path if path.startswith("/api/") else f"/api/v1{path}"
        async with self.client.request(method, address, headers=sent, data=data) as response:
            return Answer(response.status, response.headers, await response.read())

    def _private(self) -> ECKey | RSAKey | OKPKey:
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        kind = {"ES256": ECKey, "EdDSA": OKPKey}.get(self.algorithm, RSAKey)
        return kind.import_key(pem)  # type: ignore[attr-defined,no-any-return]
