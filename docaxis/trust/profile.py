"""The structure of a signature under profile `docaxis-1`, judged before any cryptography.

A list of what may stand there, not of what may not: any other element, attribute, text or algorithm is refused.
Sources: XML-DSig 1.1; the design page, section 4; wrapping attacks in `reference/reliability.md` 1 and 2.
"""

import re
from dataclasses import dataclass

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.fields import show
from docaxis.edxml.safety import place
from docaxis.trust.algorithms import (
    CANONICALIZATIONS,
    DIGESTS,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    LEGACY,
    SIGNATURES,
    SignatureMethod,
)
from docaxis.trust.key_info import read_certificates
from docaxis.trust.shape import (
    BrokenProfileError,
    broken,
    check_attributes,
    check_empty,
    children,
    only_children,
    read_base64,
)

SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
_PREFIXES_MOST = 16
_SIGNATURE_OCTETS = range(64, 1025)
_OBJECT = f"{{{DS}}}Object"
_PARTS = [f"{{{DS}}}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
_SIGNED_INFO_PARTS = tuple(f"{{{DS}}}{name}" for name in ("CanonicalizationMethod", "SignatureMethod", "Reference"))
_REFERENCE_PARTS = [f"{{{DS}}}{name}" for name in ("Transforms", "DigestMethod", "DigestValue")]
_TRANSFORM = (f"{{{DS}}}Transform",)
_REFERENCE = _SIGNED_INFO_PARTS[2]
_WHOLE_TRANSFORMS = 2
_NAME = re.compile(r"[\w.-]{1,256}")


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """A canonical form: its algorithm and, for the exclusive one, the prefixes treated inclusively."""

    algorithm: str
    prefixes: tuple[str, ...] = ()

    @property
    def exclusive(self) -> bool:
        """Whether it is exclusive c14n; 1.0 and 1.1 do the same where no `xml:*` attribute is inherited."""
        return self.algorithm == EXCLUSIVE


_PLAIN = {uri: Canonicalization(uri) for uri in CANONICALIZATIONS}


@dataclass(frozen=True, slots=True)
class SignedReference:
    """One `Reference`: what it digests (`id` empty: the whole document) and how."""

    id: str
    canonicalization: Canonicalization
    digest_method: str
    digest_value: bytes
    element: etree._Element


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """Everything of a well-shaped signature that the mathematics need."""

    signature: etree._Element
    signed_info: etree._Element
    canonicalization: Canonicalization
    method: SignatureMethod
    document: SignedReference
    properties: SignedReference | None
    value: bytes
    certificates: tuple[bytes, ...]
    qualifying: etree._Element | None


def read_signature(signature: etree._Element) -> SignatureParts | Rejection:
    """Read the parts of a `ds:Signature`; every departure from the profile is refused by name.

    Errors: SIG.FORMAT_FAILURE, PARTIAL_COVERAGE, CRYPTO_CONSTRAINTS_FAILURE, PROFILE_LEGACY,
    NO_SIGNING_CERTIFICATE_FOUND; PKG.HIDDEN_CONTENT.
    """
    try:
        return _read(signature)
    except BrokenProfileError as error:
        return error.rejection


def _read(signature: etree._Element) -> SignatureParts:
    check_attributes(signature, "Id")
    parts = children(signature)
    tags = [part.tag for part in parts]
    if tags[:2] == _PARTS[:2] and _PARTS[2] not in tags:
        raise BrokenProfileError(Rejection(Reason.SIG_NO_SIGNING_CERTIFICATE, "KeyInfo: 0", place(signature)))
    if tags[:3] != _PARTS or tags[3:] not in ([], [_OBJECT]):
        raise broken(signature, "SignedInfo, SignatureValue, KeyInfo, Object?")
    signed_info, value, key_info = parts[:3]
    canonicalization, method, references = _read_signed_info(signed_info)
    document, properties = _pair(references, signed_info)
    check_attributes(value, "Id")
    octets = read_base64(value)
    if len(octets) not in _SIGNATURE_OCTETS:
        raise broken(value, f"{len(octets)} bytes")
    certificates = read_certificates(key_info)
    qualifying = parts[3] if len(parts) > 3 else None  # noqa: PLR2004
    if (qualifying is None) != (properties is None):
        raise broken(signature if qualifying is None else qualifying, "Object, SignedProperties: Reference")
    return SignatureParts(
        signature, signed_info, canonicalization, method, document, properties, octets, certificates, qualifying
    )


def _read_signed_info(
    signed_info: etree._Element,
) -> tuple[Canonicalization, SignatureMethod, list[SignedReference]]:
    check_attributes(signed_info, "Id")
    parts = children(signed_info)
    tags = [part.tag for part in parts]
    if tuple(tags[:3]) != _SIGNED_INFO_PARTS or any(tag != _REFERENCE for tag in tags[3:]):
        raise broken(signed_info, "CanonicalizationMethod, SignatureMethod, Reference")
    if len(parts) > 4:  # noqa: PLR2004
        raise broken(signed_info, f"Reference: {len(parts) - 2} > 2")
    canonicalization = _read_canonicalization(parts[0])
    uri = _algorithm(parts[1])
    check_empty(parts[1], "SignatureMethod: 0")
    method = SIGNATURES.get(uri)
    if method is None:
        raise _weak(parts[1], uri)
    return canonicalization, method, [_read_reference(part) for part in parts[2:]]


def _pair(
    references: list[SignedReference], signed_info: etree._Element
) -> tuple[SignedReference, SignedReference | None]:
    """Return the reference to the whole document, and the one to the XAdES properties when there is one."""
    whole = [reference for reference in references if not reference.id]
    others = [reference for reference in references if reference.id]
    if not whole:
        detail = f"Reference URI “#{show(others[0].id)}”"
        raise BrokenProfileError(Rejection(Reason.SIG_PARTIAL_COVERAGE, detail, place(others[0].element)))
    if len(whole) > 1:
        raise broken(signed_info, "Reference URI “”: 2 > 1")
    return whole[0], others[0] if others else None


def _read_reference(reference: etree._Element) -> SignedReference:
    check_attributes(reference, "Id", "URI", "Type")
    parts = children(reference)
    if [part.tag for part in parts] != _REFERENCE_PARTS:
        raise broken(reference, "Transforms, DigestMethod, DigestValue")
    check_attributes(parts[0])
    transforms = only_children(parts[0], _TRANSFORM)
    uri = _read_uri(reference)
    if not uri:
        _check_whole_document(reference, transforms)
    elif len(transforms) != 1:
        raise broken(parts[0], "c14n")
    method = _algorithm(parts[1])
    if method not in DIGESTS:
        raise _weak(parts[1], method)
    check_empty(parts[1], "DigestMethod: 0")
    check_attributes(parts[2])
    return SignedReference(uri, _read_canonicalization(transforms[-1]), method, read_base64(parts[2]), reference)


def _read_uri(reference: etree._Element) -> str:
    """Return the id that a reference names, empty for the whole document; anything else covers a part at most."""
    uri = reference.get("URI")
    if uri is None:
        raise broken(reference, "URI: 0")
    if uri and not (
        uri.startswith("#") and _NAME.fullmatch(uri, 1) and reference.get("Type") == SIGNED_PROPERTIES_TYPE
    ):
        detail = f"Reference URI “{show(uri)}”"
        raise BrokenProfileError(Rejection(Reason.SIG_PARTIAL_COVERAGE, detail, place(reference)))
    return uri[1:]


def _check_whole_document(reference: etree._Element, transforms: list[etree._Element]) -> None:
    if reference.get("Type") is not None:
        raise broken(reference, "Type")
    if len(transforms) != _WHOLE_TRANSFORMS or _algorithm(transforms[0]) != ENVELOPED or children(transforms[0]):
        raise broken(transforms[0], "enveloped-signature, c14n")


def _read_canonicalization(element: etree._Element) -> Canonicalization:
    uri = _algorithm(element)
    if uri not in CANONICALIZATIONS:
        raise broken(element, f"c14n: {uri[-60:]}")
    if not len(element):
        return _PLAIN[uri]
    parts = children(element)
    if uri != EXCLUSIVE or len(parts) != 1 or parts[0].tag != _INCLUSIVE_NAMESPACES or children(parts[0]):
        raise broken(element, "InclusiveNamespaces")
    check_attributes(parts[0], "PrefixList")
    prefixes = tuple(parts[0].get("PrefixList", "").split())
    if len(prefixes) > _PREFIXES_MOST or not all(
        prefix == "#default" or _NAME.fullmatch(prefix) for prefix in prefixes
    ):
        raise broken(parts[0], "PrefixList")
    return Canonicalization(uri, prefixes)


def _algorithm(element: etree._Element) -> str:
    check_attributes(element, "Algorithm")
    return element.get("Algorithm", "")


def _weak(element: etree._Element, uri: str) -> BrokenProfileError:
    code = Reason.SIG_PROFILE_LEGACY if uri in LEGACY else Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE
    return BrokenProfileError(Rejection(code, uri[-60:] or "Algorithm: 0", place(element)))
