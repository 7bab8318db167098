"""Where a package breaks the schema: the content model is read out of the RELAX NG files, so it cannot differ.

RELAX NG's own messages name a group of an interleave, which helps nobody; a clerk needs element, parent and line.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.edxml.names import EDXML
from docaxis.edxml.safety import place

_RNG = "{http://relaxng.org/ns/structure/1.0}"
_SPACE = " \t\r\n"


@dataclass(slots=True)
class _Model:
    """What one element may hold: children with (least, most), attributes, text; `free` means anything."""

    children: dict[str, tuple[int, int | None, "_Model"]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    """Names, or `{namespace}*`."""
    text: bool = False
    free: bool = False


def find_fault(root: etree._Element, schema: str, folder: Path) -> Rejection | None:
    """Return the first fault in document order, or None when the model sees none."""
    model = _model_of(schema, folder)
    return _fault_in(root, model)


def _fault_in(element: etree._Element, model: _Model) -> Rejection | None:
    if model.free:
        return None
    seen: Counter[str] = Counter()
    for child in element.iterchildren("*"):
        tag = str(child.tag)
        entry = model.children.get(tag)
        if entry is None:
            return _unknown(child, element)
        seen[tag] += 1
        most = entry[1]
        if most is not None and seen[tag] > most:
            return _fault(child, f"{_local(element)}/{_local(child)}: {seen[tag]} > {most}")
        fault = _fault_in(child, entry[2])
        if fault is not None:
            return fault
    for tag, (least, _, _) in model.children.items():
        if seen[tag] < least:
            return _fault(element, f"{_local(element)}/{etree.QName(tag).localname}: 0 < {least}")
    if not model.text and _stray_text(element):
        return _fault(element, f"{_local(element)}: text")
    return _attribute_fault(element, model)


def _attribute_fault(element: etree._Element, model: _Model) -> Rejection | None:
    for attribute in element.attrib:
        name = etree.QName(attribute)
        if not model.attributes & {attribute, f"{{{name.namespace}}}*"}:
            return _fault(element, f"{_local(element)}/@{name.localname[:60]}")
    return None


def _stray_text(element: etree._Element) -> bool:
    runs = [element.text, *(child.tail for child in element)]
    return any(run is not None and run.strip(_SPACE) for run in runs)


def _unknown(child: etree._Element, parent: etree._Element) -> Rejection:
    name = etree.QName(child)
    if name.namespace != EDXML:
        return Rejection(Reason.PKG_NAMESPACE, f"{_local(parent)}/{name.localname[:60]}", place(child))
    return _fault(child, f"{_local(parent)}/{name.localname[:60]}")


def _fault(element: etree._Element, detail: str) -> Rejection:
    at = place(element)
    return Rejection(Reason.PKG_SCHEMA, detail, Place(at.path, at.line))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname[:60]


@cache
def _model_of(schema: str, folder: Path) -> _Model:
    defines: dict[str, etree._Element] = {}
    for name in ("common.rng", schema):
        for define in etree.parse(folder / name).getroot().iterchildren(f"{_RNG}define"):
            defines[define.get("name", "")] = define
    holder = _Model()
    _collect(defines["edXML"], defines, holder, 1, 1)
    return next(iter(holder.children.values()))[2]


def _collect(
    pattern: etree._Element, defines: dict[str, etree._Element], into: _Model, least: int, most: int | None
) -> None:
    """Add what the children of a RELAX NG pattern allow to a model."""
    for part in pattern.iterchildren("*"):
        kind = str(part.tag).removeprefix(_RNG)
        if kind in {"optional", "zeroOrMore"}:
            _collect(part, defines, into, 0, most if kind == "optional" else None)
        elif kind == "text":
            into.text = True
        elif kind == "ref" and part.get("name") in {"anyContent", "unreadContent"}:
            into.free = True
        elif kind in {"ref", "interleave"}:
            _collect(defines[part.get("name", "")] if kind == "ref" else part, defines, into, least, most)
        elif kind == "attribute":
            into.attributes |= _attribute_names(part)
        elif kind == "element":
            child = _Model()
            _collect(part, defines, child, 1, 1)
            for tag in _tags(part):
                into.children[tag] = (least, most, child)


def _attribute_names(attribute: etree._Element) -> set[str]:
    """Return what an `attribute` pattern allows: names without namespace, or whole namespaces."""
    if attribute.get("name") is not None:
        return {attribute.get("name", "")}
    spaces = {f"{{{space.get('ns', '')}}}*" for space in attribute.iter(f"{_RNG}nsName")}
    return spaces | {name.text or "" for name in attribute.iter(f"{_RNG}name")}


def _tags(element: etree._Element) -> list[str]:
    """Return the names of an `element` pattern: its attribute, or the choice of its name classes."""
    namespace = element.get("ns", EDXML)
    if element.get("name") is not None:
        return [f"{{{namespace}}}{element.get('name')}"]
    names = element.iterfind(f"{_RNG}choice/{_RNG}name")
    return [f"{{{name.get('ns', EDXML)}}}{name.text}".removeprefix("{}") for name in names]
