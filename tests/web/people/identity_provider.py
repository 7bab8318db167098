"""A small OpenID provider that really signs: discovery, keys, code flow with PKCE; what a test changes makes it lie."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import BasicAuth, web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

CLIENT, SECRET = "docaxis pages", "bí mật/của trang"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def new_key(kid: str, kind: str = "ES256") -> Key:
    parameters: Any = {"kid": kid, "use": "sig", "alg": kind}
    return ECKey.generate_key("P-256", parameters) if kind == "ES256" else RSAKey.generate_key(2048, parameters)


@dataclass
class Asked:
    """A try that waits for its code to be redeemed."""

    nonce: str
    challenge: str
    redirect_uri: str
    claims: dict[str, Any]


@dataclass
class IdentityProvider:
    """keys: what is published; signer: the one that signs. alter changes the claims of the next ID tokens."""

    now: Callable[[], datetime]
    issuer: str = ""
    keys: list[Key] = field(default_factory=list)
    signer: Key = field(default_factory=lambda: new_key("first"))
    algorithm: str = "ES256"
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "248289", "preferred_username": "ha.ntt"})
    alter: Callable[[dict[str, Any]], object] = lambda _: None
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    keys_fetched: int = 0
    is_public: bool = False

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([
            web.get("/.well-known/openid-configuration", self._describe),
            web.get("/keys", self._show_keys),
            web.get("/authorize", self._authorize),
            web.post("/token", self._redeem),
        ])  # fmt: skip
        return app

    def logout_token(self, **changed: Any) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": f"j{now}", "sub": self.user["sub"],
            "events": {LOGOUT_EVENT: {}},
        } | changed  # fmt: skip
        return self.sign({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")

    def sign(self, claims: dict[str, Any], **header: str) -> str:
        named = {"alg": self.algorithm, "kid": str(self.signer.kid), **header}
        return jwt.encode(named, claims, self.signer, algorithms=[self.algorithm])

    async def _describe(self, _: web.Request) -> web.Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        return web.json_response(found | self.metadata)

    async def _show_keys(self, _: web.Request) -> web.Response:
        self.keys_fetched += 1
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys or [self.signer]]})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"code-{len(self.asked)}"
        self.asked[code] = Asked(query["nonce"], query["code_challenge"], query["redirect_uri"], dict(self.user))
        raise web.HTTPFound(f"{query['redirect_uri']}?code={code}&state={query['state']}&iss={self.issuer}")

    async def _redeem(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.is_public:
            assert form["client_id"] == CLIENT
        else:
            given = BasicAuth.decode(request.headers["Authorization"], encoding="utf-8")
            assert (given.login, given.password) == ("docaxis+pages", "b%C3%AD+m%E1%BA%ADt%2Fc%E1%BB%A7a+trang")
        asked = self.asked.pop(str(form["code"]), None)
        challenge = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            asked is None
            or urlsafe_b64encode(challenge).decode().rstrip("=") != asked.challenge
            or form["redirect_uri"] != asked.redirect_uri
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.nonce} | asked.claims
        self.alter(claims)
        claims = {name: value for name, value in claims.items() if value is not None}
        return web.json_response(
            {"access_token": "secret-access", "token_type": "Bearer", "id_token": self.sign(claims)}
        )


@asynccontextmanager
async def serving(provider: IdentityProvider) -> AsyncIterator[IdentityProvider]:
    """Serve on loopback."""
    async with TestServer(provider.app()) as server:
        provider.issuer = str(server.make_url("")).rstrip("/")
        yield provider
