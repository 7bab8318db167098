"""Keys and certificates of the tests, made afresh in each run; none is ever committed."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_CURVES = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1(), "p224": ec.SECP224R1()}


@cache
def key(kind: str) -> PrivateKey:
    """Return a key: `rsa2048`, `rsa1024`, `rsa2048-e3`, `p256`, `p384`, `p521`, `p224`; `-other` for a second one."""
    name = kind.removesuffix("-other")
    if name.startswith("rsa"):
        exponent = 3 if name.endswith("-e3") else 65537
        return rsa.generate_private_key(exponent, int(name.removeprefix("rsa").removesuffix("-e3")))
    return ec.generate_private_key(_CURVES[name])


@cache
def certificate(kind: str) -> x509.Certificate:
    """Return a self-signed certificate of `key(kind)`."""
    own = key(kind)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Cơ quan {kind}")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2045, 1, 1, tzinfo=UTC))
        .sign(own, hashes.SHA256())
    )
