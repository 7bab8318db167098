"""Canonical octets of exactly what a reference covers, from the one tree, without copying or changing it.

The document without its signature: the Signature element is one contiguous run in the canonical form of the whole
document, and taking it out changes nothing around it, since canonical XML writes an element from its ancestors alone.
In canonical XML every `<` begins a tag, so the run is found by its name.
"""

import re

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import XML
from docaxis.edxml.safety import place, standalone
from docaxis.trust.profile import Canonicalization

_XML_ATTRIBUTES = etree.XPath("boolean(ancestor::*/@*[namespace-uri()=$xml])", smart_strings=False)


def document_without(signature: etree._Element, form: Canonicalization) -> bytes | Rejection:
    """Return the canonical document without its one Signature (transforms enveloped-signature, then c14n).

    Errors: SIG.FORMAT_FAILURE when there is no canonical form (a relative namespace name has none).
    """
    whole = _canonical(signature.getroottree().getroot(), form)
    if whole is None:
        return Rejection(Reason.SIG_FORMAT_FAILURE, "c14n", place(signature))
    name = f"{signature.prefix}:Signature" if signature.prefix else "Signature"
    tags = list(re.finditer(rb"</?" + re.escape(name.encode()) + rb"[ >]", whole))
    if len(tags) != 2:  # noqa: PLR2004
        return Rejection(Reason.SIG_FORMAT_FAILURE, "Signature: 2 > 1", place(signature))
    opening, closing = tags
    return whole[: opening.start()] + whole[closing.end() :]


def subtree(element: etree._Element, form: Canonicalization) -> bytes | Rejection:
    """Return the canonical form of one element with its descendants, in its context.

    Errors: SIG.FORMAT_FAILURE when there is no canonical form.
    """
    if not form.exclusive or form.prefixes:
        # lxml canonicalises an element without the namespaces that its ancestors declare. Written out with them
        # and read again, it stands alone and is the same.
        element = standalone(element)
    octets = _canonical(element, form)
    return Rejection(Reason.SIG_FORMAT_FAILURE, "c14n", place(element)) if octets is None else octets


def inherits_xml_attributes(signature: etree._Element) -> bool:
    """Return whether an ancestor carries `xml:lang`, `xml:space`, `xml:base` or `xml:id`."""
    return bool(_XML_ATTRIBUTES(signature, xml=XML))


def _canonical(element: etree._Element, form: Canonicalization) -> bytes | None:
    try:
        octets = etree.tostring(
            element,
            method="c14n",
            exclusive=form.exclusive,
            with_comments=False,
            inclusive_ns_prefixes=list(form.prefixes) or None,
        )
    except (etree.LxmlError, ValueError):
        return None
    return octets or None
