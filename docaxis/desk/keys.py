"""The key of a web endpoint: made on the server, where it stays; its certificate comes from the operator's authority."""

from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from docaxis.trust.certificate import organ_ids_of

KeyKind = Literal["p256", "rsa3072"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_RSA_BITS = 3072
_COMMON_NAME_LENGTH = 64
"""Upper bound of X.520; an agency's name may be longer."""


def new_key(kind: KeyKind) -> PrivateKey:
    """Make a key; RSA takes about a second."""
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def key_pem(key: PrivateKey) -> bytes:
    """Return the key in PKCS #8, unprotected: it is used without anybody being there."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def request_pem(key: PrivateKey, organ_id: str, name: str) -> bytes:
    """Return a certificate request (PKCS #10): the agency's code stands in organizationIdentifier (2.5.4.97)."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organ_id),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:_COMMON_NAME_LENGTH]),
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def check_certificate(key: bytes, certificates: bytes, organ_id: str) -> x509.Certificate:
    """Return the certificate that stands first, once it is this key's and this agency's; raises ValueError saying why not."""
    try:
        first = x509.load_pem_x509_certificates(certificates)[0]
    except ValueError:
        raise ValueError("no PEM certificate") from None
    if first.public_key() != load_pem_private_key(key, None).public_key():
        raise ValueError("the certificate is for another key")
    named = organ_ids_of(first)
    if named and organ_id not in named:
        raise ValueError(f"the certificate is for {', '.join(sorted(named))}, not for {organ_id}")
    return first
