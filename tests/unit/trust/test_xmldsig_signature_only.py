import pytest

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml import safety
from docaxis.trust import signing, xmldsig
from tests.vectors import packages
from tests.vectors.keys import certificate, key

RECEIPT = b'<r:Receipt xmlns:r="urn:docaxis:receipt:1" version="1">\n  <r:Decision>accepted</r:Decision>\n</r:Receipt>'


def judged(body: bytes, kind: str | None) -> xmldsig.SignedPackage | Rejection:
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml), parsed
    return xmldsig.verify_signature_only(parsed, certificate(kind) if kind else None)


def signed_receipt() -> bytes:
    made = signing.sign_document(RECEIPT, key("p256"), [certificate("p256")])
    assert isinstance(made, bytes)
    return made


@pytest.mark.parametrize("body", [signed_receipt(), packages.signed()], ids=["receipt", "package"])
def test_the_named_signer_is_found(body):
    outcome = judged(body, "p256")
    assert isinstance(outcome, xmldsig.SignedPackage)
    assert outcome.certificate == certificate("p256")


def test_another_signer_is_refused():
    outcome = judged(signed_receipt(), "p256-other")
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.SIG_SIGNER_MISMATCH


def test_without_a_signer_nothing_is_accepted_but_the_mathematics_are_told():
    outcome = judged(signed_receipt(), None)
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.SIG_NO_SIGNING_CERTIFICATE
    assert "sha256:" in outcome.detail


def test_a_changed_receipt_is_refused_first():
    outcome = judged(signed_receipt().replace(b"accepted", b"rejected"), None)
    assert isinstance(outcome, Rejection)
    assert outcome.code is Reason.SIG_HASH_FAILURE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (RECEIPT, Reason.SIG_MISSING),
        (b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', Reason.SIG_FORMAT_FAILURE),
        (b'<x><Signature xmlns="urn:x"/></x>', Reason.SIG_FORMAT_FAILURE),
        (signed_receipt().replace(b"</r:Receipt>", b"<r:More/></r:Receipt>"), Reason.SIG_FORMAT_FAILURE),
        (signed_receipt().replace(b"accepted", b"acc<!-- -->epted"), Reason.PKG_HIDDEN_CONTENT),
        (signed_receipt().replace(b"<r:Receipt", b"<?x y?><r:Receipt", 1), Reason.PKG_HIDDEN_CONTENT),
    ],
)
def test_any_document_keeps_to_the_profile(body, code):
    outcome = judged(body, "p256")
    assert isinstance(outcome, Rejection)
    assert outcome.code is code
