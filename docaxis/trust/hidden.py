"""What a signed package may not hide: comments and instructions inside fields, and identifiers given twice."""

from collections import Counter
from typing import Any, cast

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.fields import show
from docaxis.edxml.names import EDXML, edxml, local_name
from docaxis.edxml.safety import ParsedXml, place

_IDS = etree.XPath(
    "/descendant-or-self::*/@*[string-length(local-name())=2 and translate(local-name(),'ID','id')='id']",
    smart_strings=False,
)
_COMMENTS = etree.XPath("//comment()", smart_strings=False)
_INSTRUCTIONS = etree.XPath("//processing-instruction()", smart_strings=False)
_CONTAINERS = frozenset(
    edxml(name)
    for name in (
        "edXML",
        "edXMLEnvelope",
        "edXMLHeader",
        "MessageHeader",
        "TraceHeaderList",
        "edXMLBody",
        "edXMLManifest",
        "Reference",
        "Attachment",
        "AttachmentEncoded",
    )
)


def check_hidden(parsed: ParsedXml, signature: etree._Element) -> Rejection | None:
    """Refuse every processing instruction, and every comment that stands inside a field or inside the signature.

    Canonical XML leaves comments out, so they are signed by nobody; between the fields of a package they do no harm
    and real ones stand there. In any other document they are refused inside elements that hold text only.
    """
    if not parsed.has_hidden_nodes:
        return None
    instructions: list[etree._Element] = cast("Any", _INSTRUCTIONS(parsed.root))
    if instructions:
        parent = instructions[0].getparent()
        return Rejection(Reason.PKG_HIDDEN_CONTENT, "<? ?>", place(parsed.root if parent is None else parent))
    comments: list[etree._Element] = cast("Any", _COMMENTS(parsed.root))
    for comment in comments:
        parent = comment.getparent()
        if parent is not None and not _harmless(parent, signature):
            return Rejection(Reason.PKG_HIDDEN_CONTENT, f"{local_name(str(parent.tag))[:60]}: <!-- -->", place(parent))
    return None


def check_ids(root: etree._Element) -> Rejection | None:
    """Refuse an identifier (`Id`, `ID`, `id`, `xml:id`) that stands twice: PKG.REPEATED_ID."""
    values = cast("list[str]", _IDS(root))
    if len(values) == len(set(values)):
        return None
    repeated = Counter(values).most_common(1)[0][0]
    return Rejection(Reason.PKG_REPEATED_ID, show(repeated), place(root))


def _harmless(parent: etree._Element, signature: etree._Element) -> bool:
    if parent is signature or signature in parent.iterancestors():
        return False
    if str(parent.tag).startswith(f"{{{EDXML}}}"):
        return parent.tag in _CONTAINERS
    texts = [parent.text, *(child.tail for child in parent)]
    return any(isinstance(child.tag, str) for child in parent) and not any((text or "").strip() for text in texts)
