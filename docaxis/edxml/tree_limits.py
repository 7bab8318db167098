"""Counts taken on the finished tree: elements, attributes, namespaces, addressees."""

from typing import Any, cast

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.limits import Limits
from docaxis.edxml.names import edxml

_COUNT_ELEMENTS = etree.XPath("count(//*)", smart_strings=False)
_COUNT_ATTRIBUTES = etree.XPath("count(//@*)", smart_strings=False)
_TO = edxml("To")


def check_tree(root: etree._Element, text: bytes, limits: Limits) -> Rejection | None:
    """Refuse a tree that is too wide or would make canonicalisation slow; linear in the tree's size."""
    # The octets bound the tree from above, so most packages pass without their nodes being counted.
    if len(text) > limits.elements and _number(_COUNT_ELEMENTS, root) > limits.elements:
        return _exceeded("elements", limits.elements)
    # Each attribute and each namespace declaration needs its own `=`.
    if text.count(b"=") > min(limits.attributes_per_element, limits.namespaces_in_scope):
        refusal = _check_attributes(root, limits) or _check_namespaces(root, text, limits)
        if refusal is not None:
            return refusal
    return _check_addressees(root, limits) if len(text) > limits.addressees * len("<To/>") else None


def _check_attributes(root: etree._Element, limits: Limits) -> Rejection | None:
    total = _number(_COUNT_ATTRIBUTES, root)
    if total > limits.attributes:
        return _exceeded("attributes", limits.attributes)
    if total <= limits.attributes_per_element:
        return None
    crowded = etree.XPath(f"boolean(//*[@*[{limits.attributes_per_element + 1}]])", smart_strings=False)
    return _exceeded("attributes of one element", limits.attributes_per_element) if crowded(root) else None


def _check_namespaces(root: etree._Element, text: bytes, limits: Limits) -> Rejection | None:
    """Bound the declarations along every path; most packages have fewer in all than one path may hold."""
    declared_in_all = text.count(b"xmlns")
    if declared_in_all <= limits.namespaces_in_scope:
        return None
    if declared_in_all > limits.namespace_declarations:
        return _exceeded("xmlns", limits.namespace_declarations)
    in_scope: list[int] = []
    for event, item in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            in_scope.append(-1)
            continue
        element: etree._Element = cast("Any", item)
        if event == "start":
            declared = 0
            while in_scope and in_scope[-1] == -1:
                in_scope.pop()
                declared += 1
            in_scope.append(declared)
            if sum(in_scope) > limits.namespaces_in_scope:
                return _exceeded("namespaces in scope", limits.namespaces_in_scope)
        elif isinstance(element.tag, str):
            in_scope.pop()
    return None


def _check_addressees(root: etree._Element, limits: Limits) -> Rejection | None:
    header = root.find(_MESSAGE_HEADER_PATH)
    if header is None:
        return None
    count = len(header.findall(_TO))
    if count > limits.addressees:
        return Rejection(Reason.PKG_TOO_MANY_ADDRESSEES, f"{count} > {limits.addressees}")
    return None


_MESSAGE_HEADER_PATH = "/".join(edxml(name) for name in ("edXMLEnvelope", "edXMLHeader", "MessageHeader"))


def _number(path: etree.XPath, root: etree._Element) -> int:
    return int(cast("float", path(root)))


def _exceeded(what: str, limit: int) -> Rejection:
    return Rejection(Reason.PKG_LIMIT_EXCEEDED, f"{what} > {limit}")
