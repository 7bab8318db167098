"""How bad packages are made from good ones: what an attacker, a careless system or today's field would send."""

import copy

from lxml import etree

from docaxis.edxml.names import DS, EDXML, HEADER, edxml

BOMB_DEPTH = 9
"""Ten times more at each step: 10^9 repetitions if anybody expanded them."""

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_LEGACY_SIGNATURE = f"""<Signature xmlns="{EDXML}"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>
<SignatureMethod Algorithm="{DS}rsa-sha1"/>
<Reference URI=""><Transforms><Transform Algorithm="{DS}enveloped-signature"/></Transforms>
<DigestMethod Algorithm="{DS}sha1"/><DigestValue>nv4Zlb4SxmrIUoe1FuJKIQ8yKKk=</DigestValue></Reference></SignedInfo>
<SignatureValue>c2lnbmF0dXJl</SignatureValue>
<KeyInfo><X509Data><X509SubjectName>CN=VPCP</X509SubjectName></X509Data></KeyInfo></Signature>"""


def change_body(signed: bytes) -> bytes:
    """Put another figure into the subject after it was signed; ValueError where there is none to change."""
    before, after = "100 triệu".encode(), "900 triệu".encode()
    if before not in signed:
        raise ValueError("nothing to change")
    return signed.replace(before, after)


def wrap(signed: bytes) -> bytes:
    """Hide a second header inside the Signature, which the enveloped transform leaves out: the mathematics still hold."""
    root = etree.fromstring(signed, _PARSER)
    header = _only(root, f".//{HEADER}")
    signature = _only(header, f"{{{DS}}}Signature")
    forged = copy.deepcopy(header)
    forged.remove(_only(forged, f"{{{DS}}}Signature"))
    _only(forged, f".//{edxml('Subject')}").text = "Bổ nhiệm người khác"
    etree.SubElement(signature, f"{{{DS}}}Object").append(forged)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def plant_bomb(signed: bytes) -> bytes:
    """Put a DOCTYPE before the root whose entities grow tenfold at each step, and call the last one in the subject."""
    entities = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{step} "{f"&e{step - 1};" * 10}">' for step in range(1, BOMB_DEPTH + 1)
    )
    head, rest = signed.split(b"?>", 1)
    bombed = rest.replace(b"Subject>", f"Subject>&e{BOMB_DEPTH};".encode(), 1)
    return head + f"?>\n<!DOCTYPE edXML [{entities}]>".encode() + bombed


def sign_as_today(unsigned: bytes) -> bytes:
    """Put in the signature that today's SDK writes: SHA-1, in the edXML namespace, with values that prove nothing."""
    root = etree.fromstring(unsigned, _PARSER)
    _only(root, f".//{HEADER}").append(etree.fromstring(_LEGACY_SIGNATURE, _PARSER))
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def _only(parent: etree._Element, path: str) -> etree._Element:
    found = parent.find(path)
    if found is None:
        raise ValueError(f"no {path} in the package")
    return found
