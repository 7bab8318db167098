"""XAdES properties that are not what they say."""

from collections.abc import Iterator

from docaxis.domain.verdict import Reason
from tests.vectors import packages
from tests.vectors.craft import DS, SHA256, craft
from tests.vectors.hostile_parts import (
    FORMAT,
    HIDDEN,
    LEGACY,
    PARTIAL,
    WEAK,
    Vector,
    filled,
    swap,
    with_digest,
    xades_template,
)

SHA1 = DS + "sha1"


def properties() -> Iterator[Vector]:
    """XAdES properties that are not what they say."""
    body = packages.unsigned()
    good = xades_template()
    mismatch = {Reason.SIG_SIGNING_CERTIFICATE_MISMATCH}
    second = good[good.index('<Reference URI="#props"') : good.index("</SignedInfo>")]
    signed = good[good.index("<xades:SignedProperties") : good.index("</xades:QualifyingProperties>")]
    changes = [
        ("certificate digest of another", "@CERTDIGEST@", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", mismatch),
        (
            "issuer and serial of another",
            "</xades:Cert>",
            "<xades:IssuerSerialV2>MAQCAQE=</xades:IssuerSerialV2></xades:Cert>",
            mismatch,
        ),
        ("not referenced", second, "", FORMAT),
        ("reference of another type", "http://uri.etsi.org/01903#SignedProperties", "urn:x", FORMAT | PARTIAL),
        ("reference to another id", "#props", "#sig", PARTIAL | FORMAT),
        ("no Object", good[good.index("<Object>") : good.index("</Signature>")], "", FORMAT),
        ("Target of another", 'Target="#sig"', 'Target="#other"', FORMAT),
        ("no Target", ' Target="#sig"', "", FORMAT),
        ("twice", signed, signed + signed.replace("props", "props2"), FORMAT),
        (
            "unsigned properties",
            "</xades:QualifyingProperties>",
            "<xades:UnsignedProperties/></xades:QualifyingProperties>",
            FORMAT,
        ),
        (
            "no certificate",
            good[good.index("<xades:SigningCertificateV2>") : good.index("</xades:SignedSignatureProperties>")],
            "",
            FORMAT,
        ),
        (
            "certificate digest of sha1",
            f'<DigestMethod xmlns="{DS}" Algorithm="{SHA256}"/>',
            f'<DigestMethod xmlns="{DS}" Algorithm="{SHA1}"/>',
            WEAK | LEGACY,
        ),
        ("time impossible", "2026-10-01T08:00:00+07:00", "2026-02-30T08:00:00+07:00", FORMAT),
        ("time without zone", "2026-10-01T08:00:00+07:00", "2026-10-01T08:00:00", FORMAT),
        ("time with comment", "2026-10-01T", "2026<!-- -->-10-01T", HIDDEN),
        ("policy", "<xades:SigningTime>", "<xades:SignaturePolicyIdentifier/><xades:SigningTime>", FORMAT),
        ("two transforms", 'URI="#props"', 'URI="#props" x="1"', FORMAT),
        (
            "digest wrong",
            "@PROPERTIES@",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFY=",
            {Reason.SIG_HASH_FAILURE, Reason.SIG_FORMAT_FAILURE},
        ),
    ]
    for name, old, new, codes in changes:
        yield Vector(f"xades: {name}", filled(craft(body, with_digest(swap(good, old, new)))), codes)
    # Another reading of the same id, for those who look ids up instead of walking the fixed path.
    elsewhere = packages.unsigned().decode().replace("<edXML:edXMLBody>", '<edXML:edXMLBody Id="props">').encode()
    yield Vector("xades: id twice", craft(elsewhere, with_digest(good)), {Reason.PKG_REPEATED_ID})
