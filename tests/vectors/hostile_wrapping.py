"""Signed parts moved, doubled, hidden or changed; identifiers and attributes that mislead."""

from collections.abc import Iterator

from docaxis.domain.verdict import Reason
from docaxis.edxml.names import EDXML
from docaxis.trust.algorithms import EXCLUSIVE
from tests.vectors import packages
from tests.vectors.craft import DS, MARK, TEMPLATE, craft
from tests.vectors.hostile_parts import FORMAT, HIDDEN, SCHEMA, Vector, swap

BODY = "</edXML:edXMLHeader>"


def wrapping() -> Iterator[Vector]:
    """Signed parts moved aside, doubled or hidden, with signatures that hold for what they still cover."""
    plain = packages.unsigned().decode()
    good = craft(packages.unsigned()).decode()
    header = good[good.index("<edXML:edXMLHeader>") : good.index("</edXML:edXMLHeader>") + 20]
    message = good[good.index("<edXML:MessageHeader>") : good.index("</edXML:MessageHeader>") + 22]
    envelope = good[good.index("<edXML:edXMLEnvelope") : good.index("</edXML:edXMLEnvelope>") + 22]
    signature = good[good.index(f'<Signature xmlns="{DS}"') : good.index("</Signature>") + 12]
    encoded = good[good.index("<AttachmentEncoded>") : good.index("</AttachmentEncoded>") + 20]
    forged = message.replace("000.00.00.H41", "000.00.00.H66")
    doubled = FORMAT | SCHEMA
    moves = [
        ("header twice", good.replace(header, header + header.replace(signature, "")), doubled),
        (
            "forged header first",
            good.replace(header, header.replace(signature, "").replace(message, forged) + header),
            doubled,
        ),
        ("message header twice", good.replace(message, message + forged), doubled),
        ("forged message header first", good.replace(message, forged + message), doubled),
        ("envelope twice", good.replace(envelope, envelope + envelope.replace(signature, "")), doubled),
        (
            "forged envelope first",
            good.replace(envelope, envelope.replace(signature, "").replace(message, forged) + envelope),
            doubled,
        ),
        (
            "original in Object",
            good.replace("</Signature>", f"<Object>{envelope.replace(signature, '')}</Object></Signature>"),
            doubled,
        ),
        (
            "signed root inside a new root",
            f'<edXML xmlns="{EDXML}">{envelope.replace(signature, "")}{good[good.index("<edXML") :]}</edXML>',
            doubled,
        ),
        ("root of another name", f"<x>{good[good.index('<edXML') :]}</x>", {Reason.PKG_NAMESPACE, Reason.PKG_SCHEMA}),
        (
            "signature in the body",
            good.replace(signature, "").replace("<edXML:edXMLBody>", "<edXML:edXMLBody>" + signature),
            doubled,
        ),
        (
            "signature first in the header",
            good.replace(signature, "").replace("<edXML:edXMLHeader>", "<edXML:edXMLHeader>" + signature),
            doubled,
        ),
        (
            "signature in the message header",
            good.replace(signature, "").replace("</edXML:MessageHeader>", signature + "</edXML:MessageHeader>"),
            doubled,
        ),
        (
            "signature last in the root",
            good.replace(signature, "").replace("</edXML>", signature + "</edXML>"),
            doubled,
        ),
        ("signature twice", good.replace(signature, signature * 2), doubled),
        ("legacy signature beside", good.replace(signature, f'<Signature xmlns="{EDXML}"/>' + signature), doubled),
        ("DigitalSignature beside", good.replace(signature, "<edXML:DigitalSignature/>" + signature), doubled),
        (
            "foreign Signature in the body",
            good.replace("</edXML:edXMLManifest>", '<Signature xmlns="urn:x"/></edXML:edXMLManifest>'),
            doubled,
        ),
        ("comment after the signature", good.replace(signature, signature + "<!-- x -->"), doubled),
        ("text after the signature", good.replace(signature, signature + "x"), doubled),
        (
            "shadow header, no namespace",
            good.replace(
                "<edXML:edXMLHeader>", '<edXMLHeader xmlns=""><MessageHeader/></edXMLHeader><edXML:edXMLHeader>'
            ),
            doubled,
        ),
        ("attachments twice", good.replace(encoded, encoded * 2), {Reason.SIG_HASH_FAILURE, Reason.PKG_SCHEMA}),
        ("attachments removed", good.replace(encoded, ""), {Reason.SIG_HASH_FAILURE}),
    ]
    yield from (Vector(f"wrapping: {name}", body.encode(), codes) for name, body, codes in moves)
    # The same shapes signed as they stand: the mathematics hold, the shape is refused.
    bare_message = plain[plain.index("<edXML:MessageHeader>") : plain.index("</edXML:MessageHeader>") + 22]
    bare_header = plain[plain.index("<edXML:edXMLHeader>") : plain.index("</edXML:edXMLHeader>") + 20]
    resigned = [
        ("message header twice", plain.replace(bare_message, bare_message + bare_message.replace("H41", "H66"))),
        ("header twice", plain.replace(bare_header, bare_header + bare_header.replace(BODY, MARK + BODY))),
        ("shadow MessageHeader", plain.replace("<edXML:edXMLBody>", '<edXML:edXMLBody><MessageHeader xmlns="urn:x"/>')),
        ("signature in the body", plain.replace("<edXML:edXMLBody>", "<edXML:edXMLBody>" + MARK)),
        ("signature last in the root", plain.replace("</edXML>", MARK + "</edXML>")),
        ("signature first", plain.replace("<edXML:edXMLHeader>", "<edXML:edXMLHeader>" + MARK)),
        ("signature in the message header", plain.replace("</edXML:MessageHeader>", MARK + "</edXML:MessageHeader>")),
        (
            "foreign Signature",
            plain.replace("</edXML:edXMLManifest>", '<x:Signature xmlns:x="urn:x"/></edXML:edXMLManifest>'),
        ),
    ]
    yield from (Vector(f"signed: {name}", craft(body.encode()), doubled) for name, body in resigned)
    schema_only = [
        (
            "To of no namespace",
            plain.replace("<edXML:DocumentId>", '<To xmlns=""><OrganId>H66</OrganId></To><edXML:DocumentId>', 1),
        ),
        ("foreign To", plain.replace("<edXML:DocumentId>", '<x:To xmlns:x="urn:x"/><edXML:DocumentId>', 1)),
        (
            "From twice",
            plain.replace("<edXML:To>", "<edXML:From><edXML:OrganId>H66</edXML:OrganId></edXML:From><edXML:To>", 1),
        ),
        ("OrganId twice", plain.replace("<edXML:OrganName>", "<edXML:OrganId>H66</edXML:OrganId><edXML:OrganName>", 1)),
        ("Subject twice", plain.replace("<edXML:Subject>", "<edXML:Subject>x</edXML:Subject><edXML:Subject>", 1)),
        ("unknown element", plain.replace("<edXML:Subject>", "<edXML:Secret>x</edXML:Secret><edXML:Subject>", 1)),
        ("text between", plain.replace("<edXML:Subject>", "text<edXML:Subject>", 1)),
        ("element in a field", plain.replace("<edXML:Subject>", "<edXML:Subject><edXML:b/>", 1)),
        ("attribute on a field", plain.replace("<edXML:Subject>", '<edXML:Subject x="1">', 1)),
        ("AttachmentEncoded twice", plain.replace("</AttachmentEncoded>", "</AttachmentEncoded><AttachmentEncoded/>")),
        (
            "AttachmentEncoded in the envelope",
            plain.replace("</edXML:edXMLEnvelope>", "<edXML:AttachmentEncoded/></edXML:edXMLEnvelope>"),
        ),
        ("second body", plain.replace("</edXML:edXMLBody>", "</edXML:edXMLBody><edXML:edXMLBody/>")),
    ]
    bad = {Reason.PKG_SCHEMA, Reason.PKG_NAMESPACE}
    yield from (Vector(f"schema: {name}", craft(body.encode()), bad) for name, body in schema_only)


def damage() -> Iterator[Vector]:
    """Octets changed after signing, and content hidden in signed fields."""
    good = craft(packages.unsigned()).decode()
    failed = {Reason.SIG_HASH_FAILURE}
    changes = [
        ("addressee", "000.00.00.H41</edXML:OrganId>", "000.00.00.H66</edXML:OrganId>"),
        ("subject", "V/v kết nối", "V/v ngắt nối"),
        ("blank added", "<edXML:Subject>", "<edXML:Subject> "),
        ("blank between", "<edXML:Subject>", "\n<edXML:Subject>"),
        ("composed letters decomposed", "kết nối", "ke\u0302\u0301t nối"),
        ("attachment", "JVBERi0xLjcg", "JVBERi0xLjgg"),
        ("trace header", ">null<", ">nulm<"),
        ("attribute", 'Manifest version="1.0"', 'Manifest version="1.1"'),
        ("new attribute", "<edXML:edXMLBody>", '<edXML:edXMLBody Id="b">'),
    ]
    for name, old, new in changes:
        yield Vector(f"damage: {name}", swap(good, old, new).encode(), failed)
    renamed = good.replace("<edXML:", "<e:").replace("</edXML:", "</e:").replace("xmlns:edXML", "xmlns:e")
    yield Vector("damage: other prefix", renamed.encode(), failed)
    hidden = [
        ("comment in OrganId", "000.00.00.H41<", "000.00<!-- -->.00.H41<"),
        ("comment in Subject", "V/v kết", "V/v <!-- x -->kết"),
        ("comment before the text", "<edXML:Subject>", "<edXML:Subject><!-- x -->"),
        ("comment in From", "<edXML:From>", "<edXML:From><!-- x -->"),
        ("instruction in Subject", "V/v kết", "V/v <?x y?>kết"),
        ("instruction between fields", "<edXML:Subject>", "<?x y?><edXML:Subject>"),
        ("instruction before the root", "<edXML xmlns", '<?xml-stylesheet href="x"?><edXML xmlns'),
        ("instruction for the declaration", "<?xml version='1.0' encoding='UTF-8'?>", '<?xml-stylesheet href="x"?>'),
        ("comment in the base64", "JVBERi0x", "JVBE<!-- -->Ri0x"),
    ]
    for name, old, new in hidden:
        yield Vector(f"hidden: {name}", swap(good, old, new).encode(), HIDDEN)
        resigned = craft(swap(packages.unsigned().decode(), old, new).encode())
        yield Vector(f"hidden and signed: {name}", resigned, HIDDEN)


def attributes() -> Iterator[Vector]:
    """Identifiers given twice, inherited `xml:*` attributes, names without a canonical form."""
    plain = packages.unsigned().decode()
    inclusive = TEMPLATE.replace(EXCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
    for first, second in (("Id", "Id"), ("Id", "ID"), ("id", "Id"), ("xml:id", "Id"), ("xml:id", "xml:id")):
        doubled = plain.replace("<edXML:edXMLBody>", f'<edXML:edXMLBody {first}="x">').replace(
            "<edXML:edXMLHeader>", f'<edXML:edXMLHeader {second}="x">'
        )
        yield Vector(f"identifier twice: {first}, {second}", craft(doubled.encode()), {Reason.PKG_REPEATED_ID})
    for attribute in ('xml:lang="vi"', 'xml:space="preserve"', 'xml:base="urn:x"', 'xml:id="x"', 'xml:other="x"'):
        for element in ("<edXML ", "<edXML:edXMLEnvelope ", "<edXML:edXMLHeader"):
            body = plain.replace(element, f"{element.rstrip()} {attribute} ", 1)
            yield Vector(f"inherited {attribute} on {element.strip('< ')}", craft(body.encode(), inclusive), FORMAT)
    for where in ("<edXML:edXMLBody", "<edXML:edXMLHeader"):
        # Written after signing: nobody can canonicalise it, so it cannot be signed at all.
        body = craft(packages.unsigned()).decode().replace(where, f'{where} xmlns:r="relative/name" r:x="1"', 1)
        yield Vector(f"relative namespace on {where.strip('<')}", body.encode(), FORMAT)
