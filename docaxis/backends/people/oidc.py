"""OpenID Connect, code flow with PKCE: what the browser is sent to, and whether the tokens that come back hold."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from docaxis.backends.people.provider import Provider
from docaxis.hub.views.people import Identity, IdentityError

_LEEWAY_S = 60
_LOGOUT_S = 600
"""How old a logout token may be where it does not say itself when it ends."""
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_SUBJECT = 255


class OidcClient:
    """Every method raises IdentityError."""

    def __init__(self, provider: Provider, login_claim: str) -> None:
        """Take the provider, and the claim that names an account."""
        self._provider = provider
        self._login_claim = login_claim

    async def authorization_url(self, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Return where the browser goes to sign in; challenge is the S256 of the verifier."""
        metadata = await self._provider.metadata()
        asked = {
            "response_type": "code", "client_id": self._provider.client_id, "redirect_uri": redirect_uri,
            "scope": "openid profile", "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        address = str(metadata["authorization_endpoint"])
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    async def check_issuer(self, issuer: str | None) -> None:
        """See that the answer is of this provider and not of another one (RFC 9207)."""
        promised = (await self._provider.metadata()).get("authorization_response_iss_parameter_supported") is True
        if issuer != self._provider.issuer and (promised or issuer is not None):
            raise IdentityError(f"an answer of the issuer {issuer!r}")

    async def redeem(self, code: str, verifier: str, redirect_uri: str, nonce: str, now: datetime) -> Identity:
        """Exchange a code for an ID token, check it, and return whom it names; no token is kept."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier,
        }  # fmt: skip
        answer = await self._provider.redeem(form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IdentityError("no ID token")
        claims = (await self._provider.read(token)).claims
        self._check(claims, now)
        said = claims.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise IdentityError("nonce: not ours")
        if float(claims["exp"]) <= now.timestamp() - _LEEWAY_S:
            raise IdentityError("exp: over")
        return Identity(self._subject(claims), self._login(claims))

    async def signed_out(self, token: str, now: datetime) -> tuple[Identity, str, datetime]:
        """Check a logout token (Back-Channel Logout 1.0); returns whom it names, its id, and until when it holds."""
        read = await self._provider.read(token)
        claims = read.claims
        if str(read.header.get("typ", "logout+jwt")).lower() not in {"logout+jwt", "jwt"}:
            raise IdentityError("typ: no logout token")
        self._check(claims, now, needs_end=False)
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict) or "nonce" in claims:
            raise IdentityError("events: no logout token")
        token_id = claims.get("jti")
        if not isinstance(token_id, str) or not token_id:
            raise IdentityError("jti: missing")
        ends = float(claims.get("exp", float(claims["iat"]) + _LOGOUT_S))
        if not now.timestamp() - _LEEWAY_S < ends <= now.timestamp() + 24 * 3600:
            raise IdentityError("exp: over, or too far away")
        return Identity(self._subject(claims)), token_id, datetime.fromtimestamp(ends, now.tzinfo)

    def _check(self, claims: Mapping[str, Any], now: datetime, *, needs_end: bool = True) -> None:
        client = self._provider.client_id
        if claims.get("iss") != self._provider.issuer:
            raise IdentityError(f"iss: {claims.get('iss')!r}")
        audience = claims.get("aud")
        audience = [audience] if isinstance(audience, str) else audience
        if not isinstance(audience, list) or client not in audience:
            raise IdentityError("aud: not ours")
        party = claims.get("azp")
        if party != client and (party is not None or len(audience) > 1):
            raise IdentityError("azp: not ours")
        times = {name: claims[name] for name in ("exp", "iat") if name in claims}
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times.values()):
            raise IdentityError("exp or iat: no number")
        if "iat" not in times or (needs_end and "exp" not in times):
            raise IdentityError("exp or iat: missing")
        if float(times["iat"]) > now.timestamp() + _LEEWAY_S:
            raise IdentityError("iat: not yet")

    def _subject(self, claims: Mapping[str, Any]) -> str:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise IdentityError("sub: missing")
        return f"{self._provider.issuer} {subject}"

    def _login(self, claims: Mapping[str, Any]) -> str:
        if self._login_claim == "email" and claims.get("email_verified") is not True:
            return ""
        login = claims.get(self._login_claim)
        return login if isinstance(login, str) else ""
