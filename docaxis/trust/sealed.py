"""What all sealed answers have in common: how their parts are written in canonical form, and how they are opened."""

from cryptography import x509
from lxml import etree

from docaxis.domain.verdict import Rejection
from docaxis.edxml.limits import Limits
from docaxis.edxml.safety import parse
from docaxis.trust.seal import escape_attribute, escape_text
from docaxis.trust.xmldsig import verify_signature_only

LANGUAGES = ("vi", "en")
SEALED_LIMITS = Limits()


class NotSealed(ValueError):
    """An answer that the hub did not sign, or that is not of the expected kind; the text says why."""


def element(name: str, text: str) -> str:
    """Return an element without attributes."""
    return f"<{name}>{escape_text(text)}</{name}>"


def attribute(name: str, value: str) -> str:
    """Return an attribute with the space before it, nothing for an empty value.

    Canonical form wants attributes sorted by name: the caller writes them so.
    """
    return f' {name}="{escape_attribute(value)}"' if value else ""


def opened(octets: bytes, signer: x509.Certificate, tag: str) -> etree._Element:
    """Verify an answer against the hub's certificate and return its root, `{namespace}Name`; raises NotSealed."""
    parsed = parse(octets, SEALED_LIMITS)
    if isinstance(parsed, Rejection):
        raise NotSealed(parsed.code.value)
    verdict = verify_signature_only(parsed, signer)
    if isinstance(verdict, Rejection):
        raise NotSealed(f"{verdict.code.value} {verdict.detail}".strip())
    if parsed.root.tag != tag:
        raise NotSealed(f"{tag} expected, not {parsed.root.tag!r}")
    return parsed.root


def texts(parent: etree._Element, namespace: str) -> dict[str, str]:
    """Return the text of each child by its local name; of repeated children the first."""
    found: dict[str, str] = {}
    for child in parent:
        if isinstance(child.tag, str) and child.tag.startswith(f"{{{namespace}}}"):
            found.setdefault(etree.QName(child).localname, child.text or "")
    return found
