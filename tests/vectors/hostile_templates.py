"""Signatures that hold mathematically, by the owner of a real key, outside the profile."""

from collections.abc import Iterator

from docaxis.domain.verdict import Reason
from docaxis.edxml.names import EDXML
from docaxis.trust.algorithms import EXCLUSIVE
from tests.vectors import packages
from tests.vectors.craft import DS, ECDSA, SHA256, TEMPLATE, craft
from tests.vectors.hostile_parts import (
    FORMAT,
    HIDDEN,
    LEGACY,
    NO_CERTIFICATE,
    PARTIAL,
    WEAK,
    Vector,
    filled,
    put_certificate,
    swap,
)

SHA1 = DS + "sha1"


def templates() -> Iterator[Vector]:
    """Signatures that hold mathematically, by the owner of a real key, outside the profile."""
    body = packages.unsigned()
    transform = f'<Transform Algorithm="{EXCLUSIVE}"/>'
    enveloped = f'<Transform Algorithm="{DS}enveloped-signature"/>'
    method = f'<SignatureMethod Algorithm="{ECDSA}"/>'
    reference = TEMPLATE[TEMPLATE.index("<Reference") : TEMPLATE.index("</Reference>") + 12]
    data = "<X509Data><X509Certificate>@CERTIFICATE@</X509Certificate></X509Data>"
    changes: list[tuple[str, str, str, set[Reason]]] = [
        ("no c14n transform", transform, "", FORMAT),
        ("no enveloped transform", enveloped, "", FORMAT),
        ("transforms swapped", enveloped + transform, transform + enveloped, FORMAT),
        ("transform twice", transform, transform * 2, FORMAT),
        ("enveloped twice", enveloped, enveloped * 2, FORMAT),
        ("no transforms", f"<Transforms>{enveloped}{transform}</Transforms>", "", FORMAT),
        ("empty transforms", enveloped + transform, "", FORMAT),
        ("c14n with comments", EXCLUSIVE + '"/></Transforms>', EXCLUSIVE + 'WithComments"/></Transforms>', FORMAT),
        (
            "SignedInfo c14n with comments",
            f'Method Algorithm="{EXCLUSIVE}"',
            f'Method Algorithm="{EXCLUSIVE}WithComments"',
            FORMAT,
        ),
        ("c14n 2.0", f'Method Algorithm="{EXCLUSIVE}"', 'Method Algorithm="http://www.w3.org/2010/xml-c14n2"', FORMAT),
        ("c14n empty", f'Method Algorithm="{EXCLUSIVE}"', 'Method Algorithm=""', FORMAT),
        ("c14n missing", f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>', "", FORMAT),
        (
            "c14n twice",
            f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>',
            f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>' * 2,
            FORMAT,
        ),
        ("URI missing", ' URI=""', "", FORMAT),
        ("URI xpointer root", 'URI=""', 'URI="#xpointer(/)"', PARTIAL),
        ("URI id", 'URI=""', 'URI="#body"', PARTIAL),
        ("URI fragment empty", 'URI=""', 'URI="#"', PARTIAL),
        ("URI http", 'URI=""', 'URI="http://example.invalid/x"', PARTIAL),
        ("URI file", 'URI=""', 'URI="file:///etc/passwd"', PARTIAL),
        ("URI blank", 'URI=""', 'URI=" "', PARTIAL),
        ("Reference Type", 'URI=""', f'URI="" Type="{DS}Manifest"', FORMAT),
        ("Reference extra attribute", 'URI=""', 'URI="" x="1"', FORMAT),
        ("reference missing", reference, "", FORMAT),
        ("reference twice", reference, reference * 2, FORMAT),
        ("reference thirty", reference, reference * 30, FORMAT),
        ("reference to nothing too", reference, reference + reference.replace('URI=""', 'URI="#x"'), FORMAT | PARTIAL),
        ("DigestMethod sha1", SHA256, SHA1, LEGACY),
        ("DigestMethod md5", SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5", LEGACY | WEAK),
        ("DigestMethod unknown", SHA256, "urn:x", WEAK),
        ("DigestMethod missing", f'<DigestMethod Algorithm="{SHA256}"/>', "", FORMAT),
        (
            "DigestMethod twice",
            f'<DigestMethod Algorithm="{SHA256}"/>',
            f'<DigestMethod Algorithm="{SHA256}"/>' * 2,
            FORMAT,
        ),
        (
            "DigestMethod child",
            f'<DigestMethod Algorithm="{SHA256}"/>',
            f'<DigestMethod Algorithm="{SHA256}"><x/></DigestMethod>',
            FORMAT,
        ),
        ("rsa-sha1", ECDSA, DS + "rsa-sha1", LEGACY),
        ("ecdsa-sha1", ECDSA, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", LEGACY),
        ("dsa-sha1", ECDSA, DS + "dsa-sha1", LEGACY),
        ("hmac-sha1", ECDSA, DS + "hmac-sha1", WEAK),
        ("hmac-sha256", ECDSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", WEAK),
        (
            "hmac truncated",
            method,
            f'<SignatureMethod Algorithm="{DS}hmac-sha1"><HMACOutputLength>0</HMACOutputLength></SignatureMethod>',
            FORMAT | WEAK,
        ),
        (
            "ecdsa with HMACOutputLength",
            method,
            method[:-2] + "><HMACOutputLength>8</HMACOutputLength></SignatureMethod>",
            FORMAT,
        ),
        ("rsa-pss with parameters", ECDSA, "http://www.w3.org/2007/05/xmldsig-more#rsa-pss", WEAK),
        ("ed25519", ECDSA, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", WEAK),
        ("method none", ECDSA, "", WEAK),
        ("method digest", ECDSA, SHA256, WEAK),
        ("method of another family", ECDSA, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", NO_CERTIFICATE),
        ("method twice", method, method * 2, FORMAT),
        ("method missing", method, "", FORMAT),
        ("SignedInfo text", method, method + "text", FORMAT),
        ("SignedInfo comment", method, method + "<!-- c -->", HIDDEN),
        ("SignedInfo instruction", method, method + "<?x y?>", HIDDEN),
        ("SignedInfo attribute", "<SignedInfo>", '<SignedInfo x="1">', FORMAT),
        ("SignedInfo xml:lang", "<SignedInfo>", '<SignedInfo xml:lang="vi">', FORMAT),
        ("Signature attribute", f'<Signature xmlns="{DS}"', f'<Signature xmlns="{DS}" x="1"', FORMAT),
        ("Signature xml:base", f'<Signature xmlns="{DS}"', f'<Signature xmlns="{DS}" xml:base="urn:x"', FORMAT),
        ("Signature text", "<KeyInfo>", "text<KeyInfo>", FORMAT),
        ("Signature comment", "<KeyInfo>", "<!-- --><KeyInfo>", HIDDEN),
        ("CDATA comment in DigestValue", "@DIGEST@</", "@DIGEST@<!-- x --></", HIDDEN),
        ("comment before DigestValue text", "<DigestValue>", "<DigestValue><!-- x -->", HIDDEN),
        ("element in DigestValue", "@DIGEST@</", "@DIGEST@<x/></", FORMAT),
        ("DigestValue attribute", "<DigestValue>", '<DigestValue x="1">', FORMAT),
        ("DigestValue twice", "<DigestValue>@DIGEST@</DigestValue>", "<DigestValue>@DIGEST@</DigestValue>" * 2, FORMAT),
        ("DigestValue empty", "@DIGEST@", "", FORMAT),
        ("DigestValue not base64", "@DIGEST@", "!!!!", FORMAT),
        ("DigestValue padded twice", "@DIGEST@", "@DIGEST@====", FORMAT),
        (
            "DigestValue of nothing",
            "@DIGEST@",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            {Reason.SIG_HASH_FAILURE},
        ),
        ("DigestValue short", "@DIGEST@", "47DEQpj8HBSa+/TImW+5JA==", {Reason.SIG_HASH_FAILURE}),
        (
            "transform XSLT",
            transform,
            '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x/></Transform>',
            FORMAT,
        ),
        (
            "transform XPath",
            transform,
            f'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>self::x</XPath></Transform>{transform}',
            FORMAT,
        ),
        (
            "transform XPath filter 2",
            transform,
            f'<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>{transform}',
            FORMAT,
        ),
        ("transform base64", transform, f'<Transform Algorithm="{DS}base64"/>', FORMAT),
        (
            "transform decrypt",
            transform,
            f'<Transform Algorithm="http://www.w3.org/2002/07/decrypt#XML"/>{transform}',
            FORMAT,
        ),
        ("transform with child", enveloped, enveloped[:-2] + "><XPath>1</XPath></Transform>", FORMAT),
        ("InclusiveNamespaces wrong child", transform, transform[:-2] + "><InclusiveNamespaces/></Transform>", FORMAT),
        (
            "InclusiveNamespaces odd",
            transform,
            transform[:-2] + f'><InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="a:b /"/></Transform>',
            FORMAT,
        ),
        ("KeyInfo missing", f"<KeyInfo>{data}</KeyInfo>", "", NO_CERTIFICATE),
        ("KeyInfo empty", data, "", NO_CERTIFICATE),
        ("KeyInfo twice", f"<KeyInfo>{data}</KeyInfo>", f"<KeyInfo>{data}</KeyInfo>" * 2, FORMAT),
        ("KeyName only", data, "<KeyName>k</KeyName>", NO_CERTIFICATE),
        (
            "KeyValue only",
            data,
            "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>",
            NO_CERTIFICATE,
        ),
        ("KeyValue beside", data, data + "<KeyValue/>", FORMAT),
        ("RetrievalMethod", data, '<RetrievalMethod URI="http://example.invalid/"/>', NO_CERTIFICATE),
        ("X509Data twice", data, data * 2, FORMAT),
        ("X509Data empty", data, "<X509Data/>", FORMAT),
        ("X509Data subject only", data, "<X509Data><X509SubjectName>CN=x</X509SubjectName></X509Data>", NO_CERTIFICATE),
        ("X509CRL", "</X509Data>", "<X509CRL>AQAB</X509CRL></X509Data>", FORMAT),
        ("certificate not base64", "@CERTIFICATE@", "MIIFqTCCBJG", FORMAT),
        ("certificate not DER", "@CERTIFICATE@", "AQAB", NO_CERTIFICATE),
        ("certificate and trailing octets", "@CERTIFICATE@", "@CERTIFICATE@AQAB", FORMAT | NO_CERTIFICATE),
        (
            "nine certificates",
            "<X509Certificate>@CERTIFICATE@</X509Certificate>",
            "<X509Certificate>@CERTIFICATE@</X509Certificate>" * 9,
            FORMAT,
        ),
        ("Object of text", "</Signature>", "<Object>x</Object></Signature>", FORMAT),
        ("Object empty", "</Signature>", "<Object/></Signature>", FORMAT),
        ("Object Manifest", "</Signature>", "<Object><Manifest/></Object></Signature>", FORMAT),
        ("Object twice", "</Signature>", "<Object/><Object/></Signature>", FORMAT),
        ("nested signature", "</Signature>", f"<Object>{TEMPLATE}</Object></Signature>", FORMAT),
        ("foreign child", "</Signature>", '<x xmlns="urn:x"/></Signature>', FORMAT),
        ("SignatureValue missing", "<SignatureValue>@VALUE@</SignatureValue>", "", FORMAT | NO_CERTIFICATE),
        (
            "SignatureValue twice",
            "<SignatureValue>@VALUE@</SignatureValue>",
            "<SignatureValue>@VALUE@</SignatureValue>" * 2,
            FORMAT,
        ),
        ("SignatureValue empty", "@VALUE@", "", FORMAT),
        ("SignatureValue zero", "@VALUE@", "A" * 86 + "==", {Reason.SIG_CRYPTO_FAILURE}),
        ("SignatureValue first", "<SignedInfo>", "<SignatureValue>@VALUE@</SignatureValue><SignedInfo>", FORMAT),
        (
            "SignedInfo missing",
            TEMPLATE[TEMPLATE.index("<SignedInfo>") : TEMPLATE.index("<SignatureValue>")],
            "",
            FORMAT,
        ),
        (
            "SignedInfo twice",
            TEMPLATE[TEMPLATE.index("<SignedInfo>") : TEMPLATE.index("<SignatureValue>")],
            TEMPLATE[TEMPLATE.index("<SignedInfo>") : TEMPLATE.index("<SignatureValue>")] * 2,
            FORMAT,
        ),
        ("ds 1.1 namespace", f'xmlns="{DS}"', 'xmlns="http://www.w3.org/2009/xmldsig11#"', LEGACY | FORMAT),
        ("QCVN namespace", f'xmlns="{DS}"', f'xmlns="{EDXML}"', LEGACY),
        ("no namespace", f'xmlns="{DS}"', 'xmlns=""', LEGACY),
    ]
    for name, old, new, codes in changes:
        yield Vector(f"template: {name}", filled(craft(body, swap(TEMPLATE, old, new))), codes)
    for kind, codes in (("rsa1024", WEAK), ("rsa2048-e3", WEAK), ("p224", WEAK)):
        rsa = swap(TEMPLATE, ECDSA, ECDSA.replace("ecdsa", "rsa")) if kind.startswith("rsa") else TEMPLATE
        body_signed = craft(body, rsa, kind) if kind != "p224" else craft(body, put_certificate(TEMPLATE, "p224"))
        yield Vector(f"key: {kind}", body_signed, codes)
    yield Vector(
        "re-keyed: another's certificate",
        craft(body, put_certificate(TEMPLATE, "p256-other")),
        {Reason.SIG_CRYPTO_FAILURE},
    )
    mixed = put_certificate(TEMPLATE, "rsa2048")
    yield Vector("re-keyed: certificate of another family", craft(body, mixed), NO_CERTIFICATE)
