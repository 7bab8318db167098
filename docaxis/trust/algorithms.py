"""The algorithms of profile `docaxis-1` by their XML-DSig names (XML-DSig 1.1, RFC 6931): what is allowed."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

DS = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
ENVELOPED = DS + "enveloped-signature"

CANONICALIZATIONS = frozenset({EXCLUSIVE, INCLUSIVE_10, INCLUSIVE_11})

DIGESTS: dict[str, str] = {
    _ENC + "sha256": "sha256",
    _MORE + "sha384": "sha384",
    _ENC + "sha512": "sha512",
}
"""Digest methods, with the name that hashlib gives them."""


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """A signature algorithm: key family (`rsa`, `rsa-pss`, `ecdsa`) and hash."""

    uri: str
    family: str
    hash: hashes.HashAlgorithm


_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

SIGNATURES: dict[str, SignatureMethod] = {
    method.uri: method
    for name, algorithm in _HASHES.items()
    for method in (
        SignatureMethod(f"{_MORE}rsa-{name}", "rsa", algorithm),
        SignatureMethod(f"{_MORE_2007}{name}-rsa-MGF1", "rsa-pss", algorithm),
        SignatureMethod(f"{_MORE}ecdsa-{name}", "ecdsa", algorithm),
    )
}

LEGACY = frozenset(
    {
        DS + "sha1",
        DS + "rsa-sha1",
        DS + "dsa-sha1",
        _MORE + "ecdsa-sha1",
        _MORE_2007 + "sha1-rsa-MGF1",
        _MORE + "rsa-md5",
        _MORE + "md5",
    }
)
"""What packages of today's field carry: refused as legacy, so that the sender learns how to join."""

RSA_BITS = range(2048, 8193)
RSA_EXPONENTS = range(65537, 2**64)
CURVE_OCTETS = {"secp256r1": 32, "secp384r1": 48, "secp521r1": 66}
"""Allowed curves with the octets of r and of s (RFC 6931, 2.3.6: raw, not DER)."""
