"""Where the one signature stands, and what else calls itself one: wrapping and today's field are told apart here."""

from itertools import islice

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import EDXML, ENVELOPE, HEADER, MESSAGE_HEADER, OTHER_VARIANTS, ROOT, edxml, local_name
from docaxis.edxml.safety import ParsedXml, place
from docaxis.trust.algorithms import DS, LEGACY

_SIGNATURE = f"{{{DS}}}Signature"
_CALLED_SIGNATURE = ("Signature", "DigitalSignature")
_SINGLE = {local_name(tag): tag for tag in (ENVELOPE, HEADER, MESSAGE_HEADER)}
_NAMES = tuple(f"{{*}}{name}" for name in (*_SINGLE, *_CALLED_SIGNATURE))
_SPACE = " \t\r\n"


def find_package_signature(parsed: ParsedXml) -> etree._Element | Rejection:
    """Return the only Signature of a package, standing last in its only edXMLHeader.

    Errors: PKG.NAMESPACE, PKG.SCHEMA for another root; SIG.MISSING, PROFILE_LEGACY, FORMAT_FAILURE.
    """
    root = parsed.root
    if root.tag != ROOT:
        name = etree.QName(root)
        if name.namespace != EDXML:
            detail = OTHER_VARIANTS.get(name.namespace or "", "another namespace")
            return Rejection(Reason.PKG_NAMESPACE, detail, place(root))
        return Rejection(Reason.PKG_SCHEMA, name.localname[:60], place(root))
    named = [(local_name(str(element.tag)), element) for element in root.iter(*_NAMES)]
    header = _single_header(root, named)
    if isinstance(header, Rejection):
        return header
    called = [element for name, element in named if name in _CALLED_SIGNATURE]
    real = [element for element in called if element.tag == _SIGNATURE]
    if not real:
        return _without(header, called)
    if len(called) > 1:
        return Rejection(Reason.SIG_FORMAT_FAILURE, f"Signature: {len(called)} > 1", place(called[1]))
    if real[0].getparent() is not header or not _stands_last(real[0]):
        return Rejection(Reason.SIG_FORMAT_FAILURE, "edXMLHeader/Signature", place(real[0]))
    return _check_legacy(real[0]) or real[0]


def find_any_signature(parsed: ParsedXml) -> etree._Element | Rejection:
    """Return the only Signature of any document, standing last in its parent; a package keeps its own place.

    Errors: SIG.MISSING, PROFILE_LEGACY, FORMAT_FAILURE.
    """
    if parsed.root.tag == ROOT:
        return find_package_signature(parsed)
    called = list(parsed.root.iter(*_NAMES[len(_SINGLE) :]))
    if not called:
        return Rejection(Reason.SIG_MISSING, "Signature: 0", place(parsed.root))
    if len(called) > 1:
        return Rejection(Reason.SIG_FORMAT_FAILURE, f"Signature: {len(called)} > 1", place(called[1]))
    signature = called[0]
    if signature.tag != _SIGNATURE:
        return Rejection(Reason.SIG_FORMAT_FAILURE, f"Signature: {DS}", place(signature))
    if signature is parsed.root or not _stands_last(signature):
        return Rejection(Reason.SIG_FORMAT_FAILURE, "Signature", place(signature))
    return _check_legacy(signature) or signature


def _single_header(root: etree._Element, named: list[tuple[str, etree._Element]]) -> etree._Element | Rejection:
    """Return the header on the fixed path; a second one anywhere, in any namespace, wants to be read instead."""
    node = root
    path: list[etree._Element] = []
    for name, tag in _SINGLE.items():
        found = [element for called, element in named if called == name]
        if not found:
            return Rejection(Reason.PKG_SCHEMA, f"{name}: 0", place(root))
        if len(found) > 1:
            return Rejection(Reason.SIG_FORMAT_FAILURE, f"{name}: {len(found)} > 1", place(found[1]))
        if found[0].tag != tag or found[0].getparent() is not node:
            return Rejection(Reason.SIG_FORMAT_FAILURE, name, place(found[0]))
        node = found[0]
        path.append(node)
    return path[1]


def _without(header: etree._Element, called: list[etree._Element]) -> Rejection:
    """Say what stands instead of a signature: one of today's field, or nothing."""
    for element in called:
        name = etree.QName(element)
        where = name.namespace or "no namespace"
        if element.getparent() is header:
            return Rejection(Reason.SIG_PROFILE_LEGACY, f"{name.localname}: {where[:80]}", place(element))
        return Rejection(Reason.SIG_FORMAT_FAILURE, f"{name.localname}: {where[:80]}", place(element))
    status = next(header.iter(edxml("StatusCode")), None)
    if status is not None:
        return Rejection(Reason.SIG_PROFILE_LEGACY, "StatusCode; Signature: 0", place(header))
    return Rejection(Reason.SIG_MISSING, "Signature: 0", place(header))


def _check_legacy(signature: etree._Element) -> Rejection | None:
    """Name the signatures that the national SDK writes before the profile calls them malformed."""
    methods = signature.iter(f"{{{DS}}}SignatureMethod", f"{{{DS}}}DigestMethod")
    for algorithm in (method.get("Algorithm", "") for method in islice(methods, 16)):
        if algorithm in LEGACY:
            return Rejection(Reason.SIG_PROFILE_LEGACY, algorithm[-60:], place(signature))
    return None


def _stands_last(signature: etree._Element) -> bool:
    """Return whether nothing but blanks follows in the parent; a comment after it counts as something."""
    return signature.getnext() is None and not (signature.tail or "").strip(_SPACE)
