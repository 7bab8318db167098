"""The sender's certificate is found however its package writes it down, and by its fingerprint alone."""

import base64
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.backends.package_certificate import certificate_in
from docaxis.trust.certificate import fingerprint_of
from tests.certificates import authority, leaf


@pytest.fixture(scope="module")
def certificate() -> x509.Certificate:
    return leaf(authority("root"))


@pytest.fixture(scope="module")
def text(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def lines(text: str, end: str) -> str:
    return end.join(text[at : at + 64] for at in range(0, len(text), 64))


@pytest.mark.parametrize("element", ["X509Certificate", "ds:X509Certificate", 'dsig:X509Certificate Id="c"'])
@pytest.mark.parametrize("end", ["", "\n", "\r\n    ", "&#13;\n", "&#xD;\n", "&#10;"])
def test_it_is_found_whatever_its_prefix_attributes_and_line_ends(
    certificate: x509.Certificate, text: str, element: str, end: str
) -> None:
    package = f"<a><{element}>{lines(text, end)}</{element.split(maxsplit=1)[0]}></a>".encode()
    assert certificate_in(package, fingerprint_of(certificate)) == certificate


def test_it_is_found_among_others(certificate: x509.Certificate, text: str) -> None:
    other = base64.b64encode(authority("root").certificate.public_bytes(Encoding.DER)).decode()
    package = b"".join(
        b"<X509Certificate>%s</X509Certificate>" % one.encode() for one in ("A", "no&#;thing", other, text)
    )
    assert certificate_in(package, fingerprint_of(certificate)) == certificate


def test_octets_of_the_fingerprint_that_are_no_certificate_are_none() -> None:
    fingerprint = "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
    assert certificate_in(b"<X509Certificate>Yg==</X509Certificate>", fingerprint) is None


@pytest.mark.parametrize("package", [b"", b"<X509Certificate></X509Certificate>", b"<X509Certificate>Yg==", b"\xff"])
def test_without_it_there_is_none(certificate: x509.Certificate, package: bytes) -> None:
    assert certificate_in(package, fingerprint_of(certificate)) is None


def test_not_more_than_sixteen_are_looked_at(certificate: x509.Certificate, text: str) -> None:
    before = b"<X509Certificate>Yg==</X509Certificate>"
    last = f"<X509Certificate>{text}</X509Certificate>".encode()
    assert certificate_in(before * 15 + last, fingerprint_of(certificate)) == certificate
    assert certificate_in(before * 16 + last, fingerprint_of(certificate)) is None


@pytest.mark.parametrize("start", [b"<X509Certificate ", b"<X509Certificate>AAAA"])
def test_elements_that_never_end_take_time_in_proportion_to_the_package(start: bytes) -> None:
    began = time.process_time()
    assert certificate_in(start * 100_000, "sha256:00") is None
    assert time.process_time() - began < 2
