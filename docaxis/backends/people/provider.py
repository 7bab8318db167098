"""The identity provider's own description and keys, fetched when they are needed and kept for a while."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import Token, decode

from docaxis.config import ConfigError, OidcSection, read_password
from docaxis.hub.views.people import IdentityError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key that only the provider has: never `none`, never a shared secret."""
_KEPT_S = 3600.0
_KEYS_AGAIN_S = 30.0
"""How soon keys are fetched again for a key that is not known: it may be new, or invented."""
_LARGEST = 1024 * 1024
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(slots=True)
class _Kept:
    metadata: Mapping[str, Any]
    metadata_at: float
    keys: KeySet | None = None
    keys_at: float = -_KEPT_S


class Provider:
    """Raises IdentityError whenever the provider does not answer as it must."""

    def __init__(self, section: OidcSection, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the configuration; nothing is fetched yet. Raises ConfigError for an authority that cannot be read."""
        self.issuer = section.issuer
        self.client_id = section.client_id
        self._section = section
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._kept: _Kept | None = None
        self._client = httpx.AsyncClient(verify=_tls(section), timeout=section.timeout_s, follow_redirects=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def metadata(self) -> Mapping[str, Any]:
        """Return the provider's description (OpenID Connect Discovery), an hour old at most."""
        async with self._lock:
            return (await self._described()).metadata

    async def redeem(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Post a grant to the token endpoint and return what comes back."""
        metadata = await self.metadata()
        form = dict(form)
        auth = None
        secret = self._secret()
        if not secret:
            form["client_id"] = self.client_id
        elif "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            auth = httpx.BasicAuth(_quoted(self.client_id), _quoted(secret))
        else:
            form |= {"client_id": self.client_id, "client_secret": secret}
        return await self._asked("POST", metadata["token_endpoint"], data=form, auth=auth)

    async def read(self, token: str) -> Token:
        """Return a token whose signature is by one of the provider's keys; they are fetched again for an unknown one."""
        if len(token) > _LARGEST:
            raise IdentityError("a token that is too long")
        async with self._lock:
            kept = await self._described()
            for is_last in (False, True):
                keys = await self._keys(kept, is_again=is_last)
                try:
                    return decode(token, keys, algorithms=ALGORITHMS)
                except InvalidKeyIdError as error:
                    if is_last:
                        raise IdentityError(f"token: {error}") from None
                except (JoseError, ValueError) as error:
                    raise IdentityError(f"token: {error}") from None
        raise AssertionError

    async def _described(self) -> _Kept:
        now = self._monotonic()
        if self._kept is None or now - self._kept.metadata_at > _KEPT_S:
            address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = await self._asked("GET", address)
            if found.get("issuer") != self.issuer:
                raise IdentityError(f"{address} describes {found.get('issuer')!r}, not {self.issuer!r}")
            for name in _ENDPOINTS:
                if not _is_safe(str(found.get(name, "")), self.issuer):
                    raise IdentityError(f"{address}: {name} is missing or not https")
            self._kept = _Kept(found, now)
        return self._kept

    async def _keys(self, kept: _Kept, *, is_again: bool) -> KeySet:
        age = self._monotonic() - kept.keys_at
        if kept.keys is None or age > (_KEYS_AGAIN_S if is_again else _KEPT_S):
            try:
                kept.keys = KeySet.import_key_set(await self._asked("GET", kept.metadata["jwks_uri"]))  # type: ignore[arg-type]
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise IdentityError(f"keys: {error}") from None
            kept.keys_at = self._monotonic()
        return kept.keys

    async def _asked(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401 - httpx's own
        try:
            async with self._client.stream(method, address, headers={"Accept": "application/json"}, **more) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise IdentityError(f"{address}: more than {_LARGEST} octets")
                if not answer.is_success:
                    raise IdentityError(f"{address}: {answer.status_code}")
            found = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise IdentityError(f"{address}: {type(error).__name__} {error}") from None
        if not isinstance(found, dict):
            raise IdentityError(f"{address}: not an object")
        return found

    def _secret(self) -> str:
        try:
            return read_password(self._section.client_secret_file) if self._section.client_secret_file else ""
        except ConfigError as error:
            raise IdentityError(str(error)) from None


def _quoted(text: str) -> str:
    """Return the text as RFC 6749 wants it before it goes into the Basic header."""
    return str(httpx.QueryParams({"x": text}))[2:]


def _is_safe(address: str, issuer: str) -> bool:
    """Whether an address of the provider is by HTTPS, or the whole provider is on this machine."""
    parts = urlsplit(address)
    is_local = urlsplit(issuer).hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_local and parts.hostname == urlsplit(issuer).hostname)
    )


def _tls(section: OidcSection) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if section.ca_file:
        try:
            context.load_verify_locations(section.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"oidc: {section.ca_file}: {error}") from None
    return context
