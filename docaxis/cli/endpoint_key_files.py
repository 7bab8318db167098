"""Keys and certificates as operators are handed them: PEM files, of which only what is public is taken."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from docaxis.api.v1.tokens import check_public_key


def read_public_key(pem: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of a PEM public key that can sign tokens; raises ValueError saying why not."""
    if b"PRIVATE KEY" in pem:
        raise ValueError(
            "this is a private key: it stays where it was made; `openssl pkey -pubout` gives the public one"
        )
    try:
        key = load_pem_public_key(pem)
    except Exception:  # noqa: BLE001 - what the library raises for damaged files is not one type
        raise ValueError("no PEM public key") from None
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    check_public_key(octets)
    return octets


def read_certificate(pem: bytes) -> bytes:
    """Return the first certificate (DER) of a PEM file; raises ValueError."""
    try:
        return x509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)
    except ValueError:
        raise ValueError("no PEM certificate") from None
