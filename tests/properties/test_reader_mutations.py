"""No octets whatever raise; a mutated package is refused or means exactly what the good one meant."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from docaxis.domain.verdict import Rejection
from docaxis.edxml import reader, safety
from docaxis.trust import xmldsig
from tests.vectors import packages
from tests.vectors.craft import craft
from tests.vectors.hostile import with_digest, xades_template
from tests.vectors.keys import certificate

INSERTS = st.binary(max_size=8) | st.sampled_from(
    [
        b"<!-- -->",
        b"<?x y?>",
        b"<![CDATA[x]]>",
        b"&#x20;",
        b"&amp;",
        b"&lt;",
        b"<To/>",
        b"<edXML:To><edXML:OrganId>H66</edXML:OrganId></edXML:To>",
        b'<edXML:MessageHeader xmlns:edXML="urn:x"/>',
        b' Id="x"',
        b' xml:lang="vi"',
        b' xmlns="urn:x"',
        b' xmlns:edXML="urn:x"',
        b"</edXML:edXMLHeader>",
        b"<Signature/>",
        b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
        b"\xef\xbb\xbf",
        b"\xc0\xbc",
        b"\r\n",
    ]
)


@cache
def good_packages() -> tuple[bytes, ...]:
    return (
        packages.signed("p256"),
        packages.signed("p256", exclusive=False),
        packages.signed_status("p256"),
        craft(packages.unsigned(), with_digest(xades_template())),
    )


def judge(body: bytes) -> object:
    """Return what the hub would act on: the signer's key and the values, or the refusal.

    The certificate around the key is a hint that nobody has signed; the chain judges it, not the signature.
    """
    parsed = safety.parse(body)
    if isinstance(parsed, Rejection):
        return parsed
    read = reader.read_envelope(parsed)
    signed = xmldsig.verify(parsed)
    other = xmldsig.verify_signature_only(parsed, certificate("p256"))
    if isinstance(signed, Rejection):
        assert isinstance(other, Rejection)
        return signed
    return read if isinstance(read, Rejection) else (signed.certificate.public_key(), read)


@st.composite
def mutated(draw):
    which = draw(st.integers(0, len(good_packages()) - 1))
    good = body = good_packages()[which]
    tags = [at for at, octet in enumerate(good) if octet in b"<>"]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(tags) | st.integers(0, len(body)))
        length = draw(st.integers(0, 60))
        kind = draw(st.sampled_from(["insert", "delete", "replace", "flip", "copy", "move"]))
        if kind == "insert":
            body = body[:at] + draw(INSERTS) + body[at:]
        elif kind == "delete":
            body = body[:at] + body[at + length :]
        elif kind == "replace":
            body = body[:at] + draw(INSERTS) + body[at + length :]
        elif kind == "flip" and at < len(body):
            body = body[:at] + bytes([body[at] ^ (1 << draw(st.integers(0, 7)))]) + body[at + 1 :]
        else:
            begin = draw(st.integers(0, len(body)))
            piece = body[begin : begin + draw(st.integers(0, 3000))]
            rest = body if kind == "copy" else body[:begin] + body[begin + len(piece) :]
            body = rest[:at] + piece + rest[at:]
    return good, body


@given(mutated())
@settings(max_examples=600, deadline=None)
def test_a_mutated_package_is_refused_or_means_the_same(pair):
    good, body = pair
    outcome = judge(body)
    if not isinstance(outcome, Rejection):
        assert outcome == judge(good)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=300, deadline=None)
def test_any_octets_are_answered(body):
    assert isinstance(judge(body), Rejection)


@given(
    st.lists(
        st.sampled_from(
            [
                b"<a>",
                b"</a>",
                b"<!--",
                b"-->",
                b"<![CDATA[",
                b"]]>",
                b"<?x",
                b"?>",
                b"<!DOCTYPE a",
                b">",
                b"x",
                b"&",
                b"\0",
            ]
        )
    )
)
@settings(max_examples=300, deadline=None)
def test_any_markup_is_answered(parts):
    assert isinstance(judge(b"".join(parts)), Rejection)
