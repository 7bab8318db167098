"""A signature beside the octets that it is for: JSON Web Signature, compact, with the payload left out (RFC 7515, appendix F).

Any JWS library verifies it once base64url of the octets is put back between the two dots.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.trust.seal import Seal

_P256_OCTETS: Final = 32


class NotSigned(ValueError):
    """Octets that none of the given certificates' keys has signed; the text says why."""


def sign_detached(octets: bytes, seal: Seal) -> str:
    """Return `header..signature` for some octets: ES256 with a P-256 seal, RS256 with an RSA one."""
    key = seal.certificate.public_key()
    header = {
        "alg": "ES256" if isinstance(key, ec.EllipticCurvePublicKey) else "RS256",
        "x5t#S256": thumbprint(seal.certificate),
    }
    protected = _encode(json.dumps(header, separators=(",", ":")).encode())
    value = seal.signature(f"{protected}.{_encode(octets)}".encode())
    return f"{protected}..{_encode(value)}"


def verify_detached(octets: bytes, signature: str, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the one of these certificates whose key signed the octets; raises NotSigned.

    The algorithm is the key's, never the header's choice; the header must only agree.
    """
    try:
        protected, payload, value = signature.encode("ascii").split(b".")
        header = json.loads(_decode(protected))
        decoded = _decode(value)
    except (ValueError, RecursionError):
        raise NotSigned("no detached JWS") from None
    if payload or not isinstance(header, dict) or "crit" in header or "b64" in header:
        raise NotSigned("no detached JWS")
    signer = next((one for one in certificates if header.get("x5t#S256") == thumbprint(one)), None)
    if signer is None:
        raise NotSigned("signed with another certificate")
    try:
        _verify(signer, header.get("alg"), decoded, protected + b"." + _encode(octets).encode())
    except InvalidSignature:
        raise NotSigned("the signature does not hold") from None
    return signer


def thumbprint(certificate: x509.Certificate) -> str:
    """Return base64url of the SHA-256 over a certificate's DER, as JWS names a certificate."""
    return _encode(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def _verify(signer: x509.Certificate, algorithm: object, value: bytes, octets: bytes) -> None:
    key = signer.public_key()
    match key, algorithm:
        case ec.EllipticCurvePublicKey(), "ES256" if len(value) == 2 * _P256_OCTETS:
            r, s = (int.from_bytes(half) for half in (value[:_P256_OCTETS], value[_P256_OCTETS:]))
            key.verify(encode_dss_signature(r, s), octets, ec.ECDSA(hashes.SHA256()))
        case rsa.RSAPublicKey(), "RS256":
            key.verify(value, octets, padding.PKCS1v15(), hashes.SHA256())
        case _:
            raise NotSigned(f"algorithm {algorithm!r} does not fit the certificate")


def _encode(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _decode(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))
