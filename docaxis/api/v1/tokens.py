"""Signed tokens of clients (JWT, RFC 7519): whether one holds for this server, at this moment, under this key. Pure."""

import hashlib
import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from docaxis.hub.views.machines import ClientKey

LIFE_S = 300
LEEWAY_S = 30
"""How far the clocks of client and hub may lie apart."""
TOKEN_LENGTH_MAX = 4096
_JTI_LENGTH_MAX = 128
_RSA_BITS_MIN = 2048


class TokenError(Exception):
    """A token that does not hold; the text says why, for the client: it holds no secret."""


class Used(NamedTuple):
    """A token that holds: its id among those of its endpoint, and when it can be forgotten."""

    token_id: str
    ends_at: datetime


def key_named_in(token: str) -> str:
    """Return the `kid` of a token's header; raises TokenError."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise TokenError(f"longer than {TOKEN_LENGTH_MAX} characters")
    head = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (Base64Error, ValueError, RecursionError):
        raise TokenError("not a JWT") from None
    kid = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(kid, str):
        raise TokenError("kid: missing in the header")
    if not (kid.isascii() and kid.isprintable()):
        raise TokenError("kid: no such key")
    return kid


def check_token(token: str, key: ClientKey, audience: str, now: datetime) -> Used:
    """Verify a token with the key that it names; raises TokenError."""
    try:
        public, algorithms = _public(key.public_key)
    except ValueError as error:
        raise TokenError(f"kid: {error}") from None
    try:
        claims = jwt.decode(token, public, algorithms=algorithms).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise TokenError(f"signature: does not hold under {key.key_id}; {' or '.join(algorithms)} expected") from None
    if claims.get("iss") != key.endpoint or claims.get("sub") != key.endpoint:
        raise TokenError(f"iss, sub: {key.endpoint} expected, the endpoint of the key")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise TokenError(f"aud: {audience} expected")
    ends_at = _moment(claims, "exp")
    if ends_at <= now - timedelta(seconds=LEEWAY_S):
        raise TokenError("exp: the token has run out")
    if ends_at > now + timedelta(seconds=LIFE_S + LEEWAY_S):
        raise TokenError(f"exp: more than {LIFE_S} seconds ahead")
    if "nbf" in claims and _moment(claims, "nbf") > now + timedelta(seconds=LEEWAY_S):
        raise TokenError("nbf: not yet")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= _JTI_LENGTH_MAX:
        raise TokenError(f"jti: a text of 1 to {_JTI_LENGTH_MAX} characters expected")
    named = hashlib.sha256(f"{key.endpoint}\0{jti}".encode("utf-8", "surrogatepass")).hexdigest()
    return Used(named, ends_at + timedelta(seconds=LEEWAY_S))


def check_public_key(octets: bytes) -> str:
    """Return in words what kind of key this SubjectPublicKeyInfo (DER) is; raises ValueError for one that cannot sign tokens."""
    return " or ".join(_public(octets)[1])


def _public(octets: bytes) -> tuple[RSAKey | ECKey | OKPKey, list[str]]:
    """Return the key and the algorithms that it may sign with: bound to its kind, whatever a header says."""
    public = load_der_public_key(octets)
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= _RSA_BITS_MIN:
        return RSAKey.import_key(_pem(public)), ["RS256", "PS256"]
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return ECKey.import_key(_pem(public)), ["ES256"]
    if isinstance(public, ed25519.Ed25519PublicKey):
        return OKPKey.import_key(_pem(public)), ["EdDSA", "Ed25519"]
    raise ValueError(f"RSA of {_RSA_BITS_MIN} bits or more, P-256 or Ed25519 expected")


def _pem(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _moment(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"{name}: seconds since 1970 expected")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise TokenError(f"{name}: no moment") from None
