"""The hub's own signature: XML that was written in canonical form is signed as text, without a parser.

What is handed in must equal its own exclusive canonical form (no comments, no declaration), which the escaping
functions here and plain start and end tags give. Then the digest is one of the text itself, and any XML-DSig tool
verifies the result.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

SealKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ECDSA: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_RSA: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SIGNED_INFO_BODY: Final = (
    f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
    '<ds:Reference URI="">'
    "<ds:Transforms>"
    f'<ds:Transform Algorithm="{_DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{_EXCLUSIVE}"></ds:Transform>'
    "</ds:Transforms>"
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>"
)
_SIGNED_INFO_END: Final = b"</ds:DigestValue></ds:Reference></ds:SignedInfo>"
_END_TAG: Final = re.compile(rb"</([^<>\s/]+)>")
_RSA_BITS_LEAST: Final = 2048

_REPLACED: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_FORBIDDEN: Final = re.compile(f"[{_REPLACED}]")
_IN_TEXT: Final = re.compile(f"[&<>\r{_REPLACED}]")
_IN_ATTRIBUTE: Final = re.compile(f'[&<"\t\n\r{_REPLACED}]')


def escape_text(text: str) -> str:
    """Return character data as canonical XML writes it; characters that XML 1.0 forbids become U+FFFD."""
    if not _IN_TEXT.search(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
    return _FORBIDDEN.sub("\ufffd", text)


def escape_attribute(text: str) -> str:
    """Return the value between the double quotes as canonical XML writes it; forbidden characters become U+FFFD."""
    if not _IN_ATTRIBUTE.search(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    text = text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
    return _FORBIDDEN.sub("\ufffd", text)


def escape_texts(*texts: str) -> tuple[str, ...]:
    """Return each as `escape_text` does; looks at all of them at once, since hardly any text needs it."""
    return tuple(map(escape_text, texts)) if _IN_TEXT.search("".join(texts)) else texts


class Seal:
    """A key and its certificate, ready to sign: ECDSA P-256 for speed, or RSA of 2048 bits and more, with SHA-256."""

    def __init__(self, key: SealKey, certificate_chain: Sequence[x509.Certificate]) -> None:
        """Take the key and its certificate, followed by its issuers; ValueError if key and certificate do not fit."""
        certificate = certificate_chain[0]
        if certificate.public_key() != key.public_key():
            raise ValueError("the seal's certificate is not for its key")
        if isinstance(key, ec.EllipticCurvePrivateKey):
            if not isinstance(key.curve, ec.SECP256R1):
                raise ValueError("the seal's EC key must be on P-256")  # noqa: TRY004 (a value, not a type, is at fault)
        elif key.key_size < _RSA_BITS_LEAST:
            raise ValueError(f"the seal's RSA key must have {_RSA_BITS_LEAST} bits at least")
        self.certificate = certificate
        self.chain = tuple(certificate_chain)
        self.fingerprint = "sha256:" + certificate.fingerprint(hashes.SHA256()).hex()
        self._key = key
        body = _SIGNED_INFO_BODY.replace(
            "{method}", _ECDSA if isinstance(key, ec.EllipticCurvePrivateKey) else _RSA
        ).encode()
        # Apart from its own canonical form, SignedInfo stands beneath the element that declares the prefix.
        self._canonical_start = f'<ds:SignedInfo xmlns:ds="{_DS}">'.encode() + body
        self._written_start = f'<ds:Signature xmlns:ds="{_DS}"><ds:SignedInfo>'.encode() + body
        ders = (b64encode(one.public_bytes(Encoding.DER)) for one in self.chain)
        certificates = b"".join(b"<ds:X509Certificate>" + der + b"</ds:X509Certificate>" for der in ders)
        self._written_end = (
            b"</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
            + certificates
            + b"</ds:X509Data></ds:KeyInfo></ds:Signature>"
        )

    def sign(self, canonical_xml: str | bytes) -> bytes:
        """Return the document with an enveloped signature as the last child of its root; some 50 µs with P-256.

        ValueError where the text cannot be a canonical document: not from start tag to end tag of one root.
        """
        octets = canonical_xml.encode() if isinstance(canonical_xml, str) else canonical_xml
        end = _END_TAG.fullmatch(octets, max(octets.rfind(b"</"), 0))
        if end is None or not octets.startswith(b"<" + end[1]):
            raise ValueError("not a canonical XML document")
        digest = b64encode(hashlib.sha256(octets).digest()) + _SIGNED_INFO_END
        value = b64encode(self.signature(self._canonical_start + digest))
        return b"".join(
            (
                octets[: end.start()],
                self._written_start,
                digest,
                b"<ds:SignatureValue>",
                value,
                self._written_end,
                end[0],
            )
        )

    def signature(self, octets: bytes) -> bytes:
        """Return the bare signature of some octets: r and s of 32 octets each with P-256, else PKCS #1 v1.5."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self._key.sign(octets, _ECDSA_SHA256))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self._key.sign(octets, _PKCS1, _SHA256)


_SHA256: Final = hashes.SHA256()
_ECDSA_SHA256: Final = ec.ECDSA(_SHA256)
_PKCS1: Final = padding.PKCS1v15()


def load_seal(key_pem: bytes, certificate_pem: bytes, password: bytes | None = None) -> Seal:
    """Build the seal from PEM: a private key, and its certificate followed by its issuers; ValueError if unfit."""
    key = serialization.load_pem_private_key(key_pem, password)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("the seal's key must be EC P-256 or RSA")  # noqa: TRY004 (a value is at fault)
    return Seal(key, x509.load_pem_x509_certificates(certificate_pem))
