"""The hub's signature: canonical text in, a document out that four verifiers accept."""

import base64
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml.verifier import XMLVerifier

from docaxis.edxml.limits import Limits
from docaxis.edxml.safety import parse
from docaxis.local.issuing import generate_key
from docaxis.local.pki import DevelopmentAuthority, Issued
from docaxis.local.xmlsec import Program
from docaxis.trust.seal import Seal, escape_attribute, escape_text, load_seal
from docaxis.trust.xmldsig import SignedPackage, verify_signature_only

DOCUMENT = (
    '<Receipt xmlns="urn:docaxis:receipt:1"><Subject lang="vi">Về việc &lt;A &amp; B&gt;&#xD; 𝔘</Subject>'
    '<Nothing></Nothing><o:Other xmlns:o="urn:other" a="&quot;&#x9;"> </o:Other></Receipt>'
)
awkward = st.text("<>&\"'\r\n\t\x00\x1f\ufffe\ud800\U0001f600a]", max_size=20)
texts = st.text(st.characters(codec=None), max_size=40) | awkward


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentAuthority:
    return DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create()


@pytest.fixture(scope="session", params=["p256", "rsa2048"])
def issued(request: pytest.FixtureRequest, authority: DevelopmentAuthority) -> Issued:
    return authority.issue(kind="hub", common_name="docaxis hub", key=request.param)


@pytest.fixture(scope="session")
def seal(issued: Issued) -> Seal:
    return load_seal(issued.key_pem(), issued.certificate_pem())


def exclusive(octets: bytes) -> bytes:
    return etree.tostring(etree.fromstring(octets), method="c14n", exclusive=True, with_comments=False)


@given(text=texts, value=texts)
def test_what_is_escaped_is_canonical(text: str, value: str) -> None:
    written = f'<a xmlns="urn:x" b="{escape_attribute(value)}">{escape_text(text)}</a>'.encode()
    assert exclusive(written) == written
    read = etree.fromstring(written)
    assert (read.text or "") == re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert read.get("b") == re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value)


def test_the_sealed_document_is_canonical_too(seal: Seal) -> None:
    sealed = seal.sign(DOCUMENT)
    assert exclusive(sealed) == sealed
    assert etree.fromstring(sealed)[-1].tag == "{http://www.w3.org/2000/09/xmldsig#}Signature"
    assert seal.sign(DOCUMENT.encode())[:200] == sealed[:200]


def test_xmlsec1_verifies(seal: Seal, authority: DevelopmentAuthority, xmlsec1: Program, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))

    def run(octets: bytes) -> int:
        (tmp_path / "sealed.xml").write_bytes(octets)
        argv = [*xmlsec1.argv, "--verify", "--trusted-pem", str(tmp_path / "root.pem"), str(tmp_path / "sealed.xml")]
        return subprocess.run(argv, env=xmlsec1.environment, capture_output=True, check=False).returncode

    sealed = seal.sign(DOCUMENT)
    assert run(sealed) == 0
    assert run(sealed.replace("Về".encode(), b"De")) != 0


def test_signxml_verifies(seal: Seal, authority: DevelopmentAuthority, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    found: Any = XMLVerifier().verify(seal.sign(DOCUMENT), ca_pem_file=str(tmp_path / "root.pem"), require_x509=True)
    assert found.signed_data == DOCUMENT.encode()


def test_python_xmlsec_verifies(seal: Seal) -> None:
    root = etree.fromstring(seal.sign(DOCUMENT))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        seal.certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem, None
    )
    signature = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
    assert signature is not None
    context.verify(signature)


def test_our_own_profile_verifies(seal: Seal) -> None:
    parsed = parse(seal.sign(DOCUMENT), Limits())
    signed = verify_signature_only(parsed, seal.certificate)  # type: ignore[arg-type]
    assert isinstance(signed, SignedPackage)
    assert signed.certificate == seal.certificate
    assert signed.hints == seal.chain[1:]


def test_key_info_names_the_chain_leaf_first(seal: Seal) -> None:
    found = etree.fromstring(seal.sign(DOCUMENT)).iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
    assert tuple(x509.load_der_x509_certificate(base64.b64decode(one.text or "")) for one in found) == seal.chain


@pytest.mark.parametrize(
    "text", ["", "<a></b>", "<?xml version='1.0'?><a></a>", "<a/>", "<a></a>\n", "<!--x--><a></a>"]
)
def test_what_is_no_canonical_document(seal: Seal, text: str) -> None:
    with pytest.raises(ValueError, match="canonical"):
        seal.sign(text)


@pytest.mark.parametrize("kind", ["p384"])
def test_a_key_that_is_not_for_seals(authority: DevelopmentAuthority, kind: str) -> None:
    other = authority.issue(kind="hub", key=kind)
    with pytest.raises(ValueError, match="P-256"):
        Seal(other.key, other.chain)
    with pytest.raises(ValueError, match="not for its key"):
        Seal(generate_key("p256"), other.chain)
