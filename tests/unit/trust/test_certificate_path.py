"""Authorities of a path: constraints of RFC 5280, 6.1; each test names the one thing that is wrong."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from docaxis.domain.verdict import Reason, Rejection
from docaxis.local.issuing import Authority, authority_extensions, key_usage, name_of
from docaxis.trust.certificate import Signer, verify_signer
from docaxis.trust.names import permits
from tests.certificates import AT, ORGAN, authority, leaf, trust_of

ROOT = authority("root")
NO_CA = (x509.BasicConstraints(ca=False, path_length=None), True)
POLICY = (x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None), True)
CA = (x509.BasicConstraints(ca=True, path_length=None), True)


def verdict_under(issuing: Authority, *between: Authority, **fields: Any) -> str:
    found = verify_signer(leaf(issuing, **fields), [], trust_of([ROOT], [issuing, *between]), AT)
    if isinstance(found, Signer):
        return "accepted"
    assert found.code is Reason.SIG_CHAIN_CONSTRAINTS_FAILURE
    return found.detail.partition(" ")[2]


@pytest.mark.parametrize(
    ("extensions", "what"),
    [
        ([CA, key_usage("keyCertSign", "cRLSign")], "accepted"),
        (
            [(x509.BasicConstraints(ca=False, path_length=None), True), key_usage("keyCertSign", "cRLSign")],
            "basicConstraints",
        ),
        ([key_usage("keyCertSign", "cRLSign")], "basicConstraints"),
        ([CA, key_usage("cRLSign")], "keyCertSign"),
        ([CA], "keyCertSign"),
        (
            [
                CA,
                key_usage("keyCertSign"),
                (x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None), True),
            ],
            "critical 2.5.29.36",
        ),
    ],
)
def test_what_makes_an_authority(extensions: list[tuple[x509.ExtensionType, bool]], what: str) -> None:
    assert verdict_under(authority("issuing", ROOT, extensions=extensions)) == what


def test_path_length() -> None:
    first = authority("first", ROOT, path_length=0)
    second = authority("second", first)
    assert verdict_under(first) == "accepted"
    assert verdict_under(second, first) == "pathLen"
    wide = authority("wide", ROOT, path_length=1)
    assert verdict_under(authority("under wide", wide), wide) == "accepted"


def test_a_self_issued_authority_does_not_count() -> None:
    first = authority("first", ROOT, path_length=0)
    renewed = authority("renewed", first, subject=name_of("first"), path_length=0)
    assert verdict_under(renewed, first) == "accepted"


def test_the_anchors_own_constraints_count() -> None:
    root = authority("narrow", path_length=0)
    issuing = authority("beneath narrow", root)
    refusal = verify_signer(leaf(issuing), [], trust_of([root], [issuing]), AT)
    assert isinstance(refusal, Rejection)
    assert refusal.detail.endswith("pathLen")


def name(**parts: str) -> x509.DirectoryName:
    return x509.DirectoryName(
        x509.Name([x509.NameAttribute(getattr(NameOID, word.upper()), value) for word, value in parts.items()])
    )


@pytest.mark.parametrize(
    ("permitted", "excluded", "what"),
    [
        ([name(country_name="VN")], None, "accepted"),
        ([name(country_name="vn")], None, "accepted"),
        ([name(country_name="LA")], None, "nameConstraints"),
        (None, [name(country_name="VN")], "nameConstraints"),
        (None, [name(country_name="VN", organization_identifier=ORGAN)], "nameConstraints"),
        (None, [name(country_name="VN", organization_identifier="H41")], "accepted"),
    ],
)
def test_name_constraints_of_an_authority(permitted: Any, excluded: Any, what: str) -> None:
    constraints = x509.NameConstraints(permitted, excluded)
    assert (
        verdict_under(authority("issuing", ROOT, extensions=[*authority_extensions(None), (constraints, True)])) == what
    )


DNS, MAIL, URI, IP = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier, x509.IPAddress
NET = IP(ip_network("10.1.0.0/16"))


@pytest.mark.parametrize(
    ("subtree", "name", "within"),
    [
        (DNS("gov.vn"), DNS("moha.GOV.vn"), True),
        (DNS("gov.vn"), DNS("gov.vn"), True),
        (DNS("gov.vn"), DNS("notgov.vn"), False),
        (MAIL("gov.vn"), MAIL("a@gov.vn"), True),
        (MAIL("gov.vn"), MAIL("a@moha.gov.vn"), False),
        (MAIL(".gov.vn"), MAIL("a@moha.gov.vn"), True),
        (MAIL("a@gov.vn"), MAIL("b@gov.vn"), False),
        (URI("gov.vn"), URI("https://gov.vn/x"), True),
        (URI(".gov.vn"), URI("https://moha.gov.vn:8443/x"), True),
        (URI("gov.vn"), URI("https://example.com/gov.vn"), False),
        (NET, IP(ip_address("10.1.2.3")), True),
        (NET, IP(ip_address("10.2.2.3")), False),
        (NET, IP(ip_address("2001:db8::1")), False),
    ],
)
def test_names_and_subtrees(subtree: x509.GeneralName, name: x509.GeneralName, within: bool) -> None:
    assert permits(x509.NameConstraints([subtree], None), [name]) is within
    assert permits(x509.NameConstraints(None, [subtree]), [name]) is not within


def test_a_name_that_cannot_be_judged_is_refused() -> None:
    other = x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")
    assert not permits(x509.NameConstraints([other], None), [other])
    assert not permits(x509.NameConstraints(None, [other]), [other])
    assert permits(x509.NameConstraints([DNS("gov.vn")], None), [other])
