"""Small strict readers for the inside of a signature: names, attributes, text and base64, nothing left over."""

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml import base64_text
from docaxis.edxml.names import local_name
from docaxis.edxml.safety import place

_SPACE = " \t\r\n"


class BrokenProfileError(Exception):
    """Carries a refusal out of the depth of the profile; never leaves `docaxis.trust`."""

    def __init__(self, rejection: Rejection) -> None:
        """Keep the refusal."""
        super().__init__(rejection.code.value)
        self.rejection = rejection


def broken(element: etree._Element, expected: str) -> BrokenProfileError:
    """Return the refusal of a shape: where, and what may stand there."""
    name = etree.QName(element).localname[:60]
    return BrokenProfileError(Rejection(Reason.SIG_FORMAT_FAILURE, f"{name}: {expected}", place(element)))


def children(element: etree._Element) -> list[etree._Element]:
    """Return the child elements; refuses comments, instructions and text between them."""
    found = list(element)
    if found and (text := element.text) and text.strip(_SPACE):
        raise broken(element, "text")
    for child in found:
        if not isinstance(child.tag, str):
            raise hidden(element)
        if (tail := child.tail) and tail.strip(_SPACE):
            raise broken(element, "text")
    return found


def hidden(element: etree._Element) -> BrokenProfileError:
    """Return the refusal of a comment or processing instruction inside a signature."""
    return BrokenProfileError(Rejection(Reason.PKG_HIDDEN_CONTENT, etree.QName(element).localname, place(element)))


def only_children(element: etree._Element, tags: tuple[str, ...]) -> list[etree._Element]:
    """Return the child elements; refuses none at all and any tag that is not listed."""
    found = children(element)
    if not found or not all(child.tag in tags for child in found):
        raise broken(element, ", ".join(map(local_name, tags)))
    return found


def check_empty(element: etree._Element, detail: str) -> None:
    """Refuse an element with a child of any kind."""
    if len(element) and children(element):
        raise broken(element, detail)


def check_attributes(element: etree._Element, *allowed: str) -> None:
    """Refuse any attribute that is not listed."""
    for name in element.keys():  # noqa: SIM118 - on lxml this makes no mapping
        if name not in allowed:
            raise broken(element, f"@{etree.QName(name).localname[:60]}")


def read_text(element: etree._Element) -> str:
    """Return the text of a leaf; refuses children of any kind."""
    if len(element):
        raise hidden(element) if not isinstance(element[0].tag, str) else broken(element, "text")
    return element.text or ""


def read_base64(element: etree._Element) -> bytes:
    """Return the octets of a leaf; refuses what is not canonical base64, or none."""
    octets = base64_text.decode(read_text(element))
    if not octets:
        raise broken(element, "base64")
    return octets
