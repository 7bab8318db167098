"""The only XML parser in the product: bytes are judged first, then parsed once, then counted.

Policy: UTF-8 and XML 1.0 only. One UTF-8 byte order mark at the very start is taken (.NET writes it) and is not part of
the document; any other mark is refused. No document type, so no entity but the five of XML itself. Comments and CDATA
are read here and judged by those who read the fields.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.edxml.limits import DEFAULT_LIMITS, Limits
from docaxis.edxml.tree_limits import check_tree

__all__ = ["DEFAULT_LIMITS", "Limits", "ParsedXml", "parse", "place", "standalone"]

BOM = b"\xef\xbb\xbf"
_OTHER_MARKS = (
    (b"\xff\xfe", "UTF-16 or UTF-32"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x2b\x2f\x76", "UTF-7"),
    (b"Lo\xa7", "EBCDIC"),
    (BOM, "U+FEFF U+FEFF"),
)
_SPACE = rb"[ \t\r\n]"
_DECLARATION = re.compile(
    rb"<\?xml" + _SPACE + rb"+version" + _SPACE + rb"*=" + _SPACE + rb"*(?:\"(?P<v1>[^\"<]*)\"|'(?P<v2>[^'<]*)')"
    rb"(?:" + _SPACE + rb"+encoding" + _SPACE + rb"*=" + _SPACE + rb"*(?:\"(?P<e1>[^\"<]*)\"|'(?P<e2>[^'<]*)'))?"
    rb"(?:"
    + _SPACE
    + rb"+standalone"
    + _SPACE
    + rb"*="
    + _SPACE
    + rb"*(?:\"(?:yes|no)\"|'(?:yes|no)'))?"
    + _SPACE
    + rb"*\?>",
)
_DECLARED = (b"<?xml ", b"<?xml\t", b"<?xml\r", b"<?xml\n")
_MARKUP = re.compile(rb"<!--|<!\[CDATA\[|<\?|<!")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_LONG_TEXT = re.compile(rb"[^<]{9000000,}")

_NO_MEMORY = 2
_RESOURCE_ERRORS = frozenset({_NO_MEMORY, 110, 114})
"""libxml2: no memory, name too long, resource limit (depth, text, dictionary)."""

_NAMESPACE_ERRORS = range(200, 206)
_PRINTABLE = range(0x20, 0x7F)

_PARSER = etree.XMLParser(
    encoding="UTF-8",
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    attribute_defaults=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    remove_blank_text=False,
    remove_comments=False,
    remove_pis=False,
    strip_cdata=True,
    collect_ids=False,
)


@dataclass(frozen=True, slots=True)
class ParsedXml:
    """A document that passed the safety rules: the octets as they came, and their one tree, which nobody may change."""

    body: bytes
    root: etree._Element
    limits: Limits = DEFAULT_LIMITS
    has_hidden_nodes: bool = False
    """Whether there may be a comment or a processing instruction anywhere."""

    @property
    def digest(self) -> str:
        """Return `sha256:<hex>` of the octets; computed anew."""
        return "sha256:" + sha256(self.body).hexdigest()


def parse(body: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedXml | Rejection:
    """Parse octets of unknown origin.

    Errors: PKG.EMPTY, TOO_LARGE, ENCODING, DOCTYPE, LIMIT_EXCEEDED, NOT_WELL_FORMED, NAMESPACE,
    ATTACHMENT_TOO_LARGE_INLINE; never an exception, whatever the bytes.
    """
    if len(body) > limits.package_bytes:
        return Rejection(Reason.PKG_TOO_LARGE, f"{len(body)} > {limits.package_bytes} bytes")
    text = body.removeprefix(BOM)
    if not text or text.isspace():
        return Rejection(Reason.PKG_EMPTY)
    refusal = _check_size(text, limits) or _check_encoding(text) or _check_markup(text)
    if refusal is not None:
        return refusal
    try:
        root = _tree(text)
    except etree.XMLSyntaxError as error:
        return _parse_refusal(error, text, limits)
    hidden = _may_hide(text)
    if hidden and root.getroottree().docinfo.internalDTD is not None:
        return Rejection(Reason.PKG_DOCTYPE, "DOCTYPE", Place("", 1))
    refusal = check_tree(root, text, limits)
    if refusal is not None:
        return refusal
    return ParsedXml(body, root, limits, hidden)


def standalone(element: etree._Element) -> etree._Element:
    """Return a copy of an element as a document of its own that keeps every namespace declared around it."""
    return _tree(etree.tostring(element, encoding="UTF-8", with_tail=False))


def _tree(text: bytes) -> etree._Element:
    """Parse with the one parser; raises XMLSyntaxError.

    lxml keeps every name it ever saw in one dictionary a thread, and libxml2 ends that at 100 MB: a sender of strange
    names could make the parser fail for everybody after him. A failure of memory is therefore tried once more in a
    thread, and so a dictionary, of its own.
    """
    try:
        return etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError as error:
        if error.code != _NO_MEMORY:
            raise
    with ThreadPoolExecutor(1) as fresh:
        return fresh.submit(lambda: etree.fromstring(text, _PARSER.copy())).result()


def place(element: etree._Element) -> Place:
    """Return where an element stands: its path with 1-based positions, local names only, and its line."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        if not isinstance(node.tag, str):
            node = node.getparent()
            continue
        name = etree.QName(node).localname
        parent = node.getparent()
        if parent is not None:
            same = list(parent.iterchildren(f"{{*}}{name}"))
            if len(same) > 1:
                name = f"{name}[{same.index(node) + 1}]"
        steps.append(name)
        node = parent
    return Place("/" + "/".join(reversed(steps)), element.sourceline or 0)


def _check_encoding(text: bytes) -> Rejection | None:
    """Judge the octets before any parser sees them (XML 1.0, 4.3.3 and appendix F)."""
    for mark, name in _OTHER_MARKS:
        if text.startswith(mark):
            return Rejection(Reason.PKG_ENCODING, name, Place("", 1))
    nul = text.find(b"\0")
    if nul >= 0:
        return Rejection(Reason.PKG_ENCODING, f"U+0000, byte {nul}", Place("", 1 + text.count(b"\n", 0, nul)))
    try:
        text.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        line = 1 + text.count(b"\n", 0, error.start)
        return Rejection(Reason.PKG_ENCODING, f"byte {error.start}: 0x{text[error.start]:02X}", Place("", line))
    if not text.startswith(_DECLARED):
        return None
    declaration = _DECLARATION.match(text[:256])
    if declaration is None:
        return Rejection(Reason.PKG_NOT_WELL_FORMED, "<?xml ...?>", Place("", 1))
    version = declaration["v1"] if declaration["v1"] is not None else declaration["v2"]
    encoding = declaration["e1"] if declaration["e1"] is not None else declaration["e2"]
    if version != b"1.0":
        return Rejection(Reason.PKG_ENCODING, f"XML {_show(version)}", Place("", 1))
    if encoding is not None and encoding.upper() != b"UTF-8":
        return Rejection(Reason.PKG_ENCODING, _show(encoding), Place("", 1))
    return None


def _check_markup(text: bytes) -> Rejection | None:
    """Refuse every `<!` but comments and CDATA, reading the text as a tokeniser does (XML 1.0, 2.5 to 2.8)."""
    if b"!" not in text:
        return None
    at = 0
    while (found := _MARKUP.search(text, at)) is not None:
        end = _ENDS.get(found[0])
        line = 1 + text.count(b"\n", 0, found.start()) if end is None else 0
        if end is None:
            return Rejection(Reason.PKG_DOCTYPE, _show(text[found.start() : found.start() + 24]), Place("", line))
        close = text.find(end, found.end())
        if close < 0:
            line = 1 + text.count(b"\n", 0, found.start())
            return Rejection(Reason.PKG_NOT_WELL_FORMED, _show(found[0]), Place("", line))
        at = close + len(end)
    return None


def _may_hide(text: bytes) -> bool:
    """Tell quickly whether there may be a comment, CDATA or an instruction: a `!`, or a `<?` after the declaration."""
    start = text.find(b"?>") if text.startswith(_DECLARED) else 0
    # A single octet is found ten times as fast as two.
    return b"!" in text or (text.find(b"?", start + 1) >= 0 and text.find(b"<?", start) >= 0)


def _check_size(text: bytes, limits: Limits) -> Rejection | None:
    """Bound the tree before it is built: every element, comment and instruction needs its own `<`."""
    most = 2 * limits.elements + 1024
    if len(text) > most and text.count(b"<") > most:
        return Rejection(Reason.PKG_LIMIT_EXCEEDED, f"elements > {limits.elements}")
    return None


def _parse_refusal(error: etree.XMLSyntaxError, text: bytes, limits: Limits) -> Rejection:
    """Turn libxml2's error into ours; its words stay behind, its line is kept."""
    line = error.lineno or 0
    where = Place("", line)
    code = error.code or 0
    if _LONG_TEXT.search(text) is not None and code in _RESOURCE_ERRORS:
        return Rejection(Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE, f"> {limits.inline_attachment_bytes} bytes", where)
    if code in _RESOURCE_ERRORS:
        return Rejection(Reason.PKG_LIMIT_EXCEEDED, f"libxml2 {code}", where)
    if code in _NAMESPACE_ERRORS:
        return Rejection(Reason.PKG_NAMESPACE, f"libxml2 {code}", where)
    return Rejection(Reason.PKG_NOT_WELL_FORMED, f"libxml2 {code}", where)


def _show(octets: bytes) -> str:
    """Show octets of the sender in a sentence: printable ASCII only."""
    return "".join(chr(octet) if octet in _PRINTABLE else "?" for octet in octets[:40])
