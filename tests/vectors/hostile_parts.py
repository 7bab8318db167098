"""What every part of the hostile corpus needs: the vector, sets of codes, templates filled in."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.domain.verdict import Reason
from docaxis.edxml.names import XADES
from docaxis.trust.algorithms import EXCLUSIVE
from tests.vectors.craft import DS, SHA256, TEMPLATE
from tests.vectors.keys import certificate

FORMAT = {Reason.SIG_FORMAT_FAILURE}
PARTIAL = {Reason.SIG_PARTIAL_COVERAGE}
WEAK = {Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE}
LEGACY = {Reason.SIG_PROFILE_LEGACY}
NO_CERTIFICATE = {Reason.SIG_NO_SIGNING_CERTIFICATE}
HIDDEN = {Reason.PKG_HIDDEN_CONTENT}
SCHEMA = {Reason.PKG_SCHEMA}


@dataclass(frozen=True, slots=True)
class Vector:
    """One hostile package."""

    name: str
    body: bytes
    codes: set[Reason]


def swap(text: str, old: str, new: str, count: int = 1) -> str:
    """Replace what must be there."""
    assert old in text, old
    return text.replace(old, new, count)


def xades_template() -> str:
    """Return a template with XAdES properties; `@CERTDIGEST@` still to be filled in (`with_digest`)."""
    reference = (
        '<Reference URI="#props" Type="http://uri.etsi.org/01903#SignedProperties">'
        f'<Transforms><Transform Algorithm="{EXCLUSIVE}"/></Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"/><DigestValue>@PROPERTIES@</DigestValue></Reference></SignedInfo>'
    )
    properties = (
        f'<Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#sig"><xades:SignedProperties Id="props">'
        "<xades:SignedSignatureProperties><xades:SigningTime>2026-10-01T08:00:00+07:00</xades:SigningTime>"
        f'<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><DigestMethod xmlns="{DS}" Algorithm="{SHA256}"/>'
        f'<DigestValue xmlns="{DS}">@CERTDIGEST@</DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>'
        "</xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></Object></Signature>"
    )
    with_id = TEMPLATE.replace(f'<Signature xmlns="{DS}"', f'<Signature xmlns="{DS}" Id="sig"')
    return with_id.replace("\n</SignedInfo>", reference).replace("</Signature>", properties)


def with_digest(template: str, kind: str = "p256") -> str:
    """Fill in the digest of the signer's certificate."""
    octets = certificate(kind).public_bytes(Encoding.DER)
    return template.replace("@CERTDIGEST@", b64encode(sha256(octets).digest()).decode())


def put_certificate(template: str, kind: str) -> str:
    """Put a certificate in that is not the signing key's."""
    return template.replace("@CERTIFICATE@", b64encode(certificate(kind).public_bytes(Encoding.DER)).decode())


def filled(body: bytes) -> bytes:
    """Give a value of the right length to templates that could not be signed."""
    return body.replace(b"@VALUE@", b"A" * 86 + b"==").replace(b"@DIGEST@", b"A" * 43 + b"=")
