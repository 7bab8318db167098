"""The mathematics: a certificate's public key, judged by the profile, against one signature value."""

from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from docaxis.trust.algorithms import CURVE_OCTETS, RSA_BITS, RSA_EXPONENTS, SignatureMethod

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class LoadedCertificate:
    """A certificate as read: its DER octets, the parsed form, and its key when the profile allows that."""

    der: bytes
    certificate: x509.Certificate
    key: PublicKey | None
    weakness: str = ""
    """Why the key is not allowed (`RSA 1024`), empty when it is or is of another kind."""


@lru_cache(maxsize=4096)
def load_certificate(der: bytes) -> LoadedCertificate | None:
    """Return the certificate of DER octets, None when they are none; kept by content, since senders repeat theirs."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        # Later readers use these; a certificate that cannot tell them is none.
        _ = (certificate.issuer, certificate.subject, certificate.serial_number)
    except (
        ValueError,
        TypeError,
        OverflowError,
        UnsupportedAlgorithm,
        x509.UnsupportedGeneralNameType,
        x509.InvalidVersion,
    ):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        if key.key_size not in RSA_BITS or exponent not in RSA_EXPONENTS or exponent % 2 == 0:
            return LoadedCertificate(der, certificate, None, f"RSA {key.key_size}, e={exponent}"[:60])
        return LoadedCertificate(der, certificate, key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVE_OCTETS:
            return LoadedCertificate(der, certificate, None, f"ECDSA {key.curve.name}")
        return LoadedCertificate(der, certificate, key)
    return LoadedCertificate(der, certificate, None, type(key).__name__)


def fits(key: PublicKey, method: SignatureMethod) -> bool:
    """Return whether a key is of the family that a method needs."""
    return isinstance(key, rsa.RSAPublicKey) == (method.family != "ecdsa")


def holds(key: PublicKey, method: SignatureMethod, value: bytes, message: bytes) -> bool:
    """Return whether the value is the key's signature of the message (RFC 6931; ECDSA raw r and s)."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            size = CURVE_OCTETS[key.curve.name]
            if method.family != "ecdsa" or len(value) != 2 * size:
                return False
            pair = encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))
            key.verify(pair, message, ec.ECDSA(method.hash))
        elif method.family == "rsa":
            key.verify(value, message, padding.PKCS1v15(), method.hash)
        elif method.family == "rsa-pss":
            # RFC 6931, 2.3.10: the salt is as long as the digest, the trailer 1, MGF1 of the same hash.
            pss = padding.PSS(mgf=padding.MGF1(method.hash), salt_length=method.hash.digest_size)
            key.verify(value, message, pss, method.hash)
        else:
            return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True
