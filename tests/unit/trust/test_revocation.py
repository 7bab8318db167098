"""Revocation lists: which are read, whom they speak about, and what a missing or outdated one means."""

import random
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.local.issuing import Revocation, authority_extensions, key_usage
from docaxis.trust.certificate import ChainCache, Signer, TrustStore, load_trust, verify_signer
from docaxis.trust.revocation import ListProblem, read_revocation_list
from tests.certificates import AT, DAY, authority, crl, leaf, read, trust_of

ROOT = authority("root")
ISSUING = authority("issuing", ROOT, path_length=0)
LEAF = leaf(ISSUING)
HOUR = timedelta(hours=1)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
DEFAULTS: dict[str, Any] = {
    "full_name": None,
    "relative_name": None,
    "only_contains_user_certs": False,
    "only_contains_ca_certs": False,
    "only_some_reasons": None,
    "indirect_crl": False,
    "only_contains_attribute_certs": False,
}


def point(**fields: Any) -> tuple[x509.ExtensionType, bool]:
    return x509.IssuingDistributionPoint(**(DEFAULTS | fields)), True


def revoked(certificate: x509.Certificate, **fields: Any) -> Revocation:
    return replace(Revocation(certificate.serial_number, AT - HOUR), **fields)


def verdict(trust: TrustStore, **times: Any) -> str:
    found = verify_signer(LEAF, [], trust, times.pop("at", AT), **times)
    return "accepted" if isinstance(found, Signer) else str(found.code)


@pytest.mark.parametrize("reason", ["unspecified", "keyCompromise", "superseded", "certificateHold"])
def test_a_revoked_signer(reason: str) -> None:
    trust = trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, revoked(LEAF, reason=reason))])
    refusal = verify_signer(LEAF, [], trust, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_REVOKED
    assert refusal.detail == f"{LEAF.serial_number:x} 2026-11-21T07:00:00Z {reason}"


def test_a_revoked_authority() -> None:
    trust = trust_of([ROOT], [ISSUING], [crl(ROOT, revoked(ISSUING.certificate)), crl(ISSUING)])
    assert verdict(trust) == Reason.SIG_REVOKED


def test_revoked_after_reception() -> None:
    later = revoked(LEAF, revoked_at=AT + HOUR)
    trust = trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, later)])
    assert verdict(trust) == "accepted"
    chains = ChainCache()
    assert verdict(trust, chains=chains) == "accepted"
    assert verdict(trust, at=AT + HOUR, chains=chains) == Reason.SIG_REVOKED
    stolen = revoked(LEAF, revoked_at=AT + HOUR, reason="keyCompromise")
    assert verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, stolen)])) == Reason.SIG_REVOKED


def test_the_newest_list_counts() -> None:
    old, new = crl(ISSUING, revoked(LEAF), this_update_at=AT - DAY), crl(ISSUING, number=2)
    assert verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), old, new])) == "accepted"
    assert verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING), crl(ISSUING, revoked(LEAF), number=2)])) == (
        Reason.SIG_REVOKED
    )


def test_a_new_list_ends_what_was_remembered() -> None:
    chains = ChainCache()
    assert verdict(trust_of([ROOT], [ISSUING]), chains=chains) == "accepted"
    renewed = trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, revoked(LEAF), number=2)])
    assert verdict(renewed, chains=chains) == Reason.SIG_REVOKED


def test_an_outdated_list_defers_then_refuses_but_still_revokes() -> None:
    stale: dict[str, Any] = {"this_update_at": AT - 2 * DAY, "next_update_at": AT - HOUR}
    trust = trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, **stale)])
    found = verify_signer(LEAF, [], trust, AT)
    assert isinstance(found, Deferral)
    assert found.code is Reason.SIG_TRY_LATER
    assert found.detail == f"{LEAF.serial_number:x} CRL 2026-11-21T07:00:00Z"
    assert verdict(trust, decided_at=AT + 23 * HOUR) == Reason.SIG_TRY_LATER
    assert verdict(trust, decided_at=AT + 24 * HOUR) == Reason.SIG_REVOCATION_UNKNOWN
    assert verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, revoked(LEAF), **stale)])) == Reason.SIG_REVOKED
    root_stale = trust_of([ROOT], [ISSUING], [crl(ROOT, **stale), crl(ISSUING, revoked(LEAF))])
    assert verdict(root_stale) == Reason.SIG_REVOKED


def test_no_list_at_all_defers_from_reception_on() -> None:
    for lists in ([], [crl(ROOT)], [crl(ISSUING)]):
        trust = trust_of([ROOT], [ISSUING], lists)
        assert verdict(trust) == Reason.SIG_TRY_LATER
        assert verdict(trust, decided_at=AT + 25 * HOUR) == Reason.SIG_REVOCATION_UNKNOWN


def test_a_list_that_came_later_decides_about_reception() -> None:
    later: dict[str, Any] = {"this_update_at": AT + HOUR, "next_update_at": AT + DAY}
    trust = trust_of([ROOT], [ISSUING], [crl(ROOT, **later), crl(ISSUING, **later)])
    assert verdict(trust, decided_at=AT + 2 * HOUR) == "accepted"


def test_a_list_signed_by_another_key_is_none() -> None:
    thief = authority("thief", subject=ISSUING.certificate.subject)
    assert read(crl(thief)).issuer == read(crl(ISSUING)).issuer
    assert verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), crl(thief)])) == Reason.SIG_TRY_LATER


def test_an_authority_that_may_not_sign_lists() -> None:
    extensions = [authority_extensions(None)[0], key_usage("keyCertSign")]
    issuing = authority("no-crl", ROOT, extensions=extensions)
    found = verify_signer(leaf(issuing), [], trust_of([ROOT], [issuing]), AT)
    assert isinstance(found, Deferral)


@pytest.mark.parametrize(
    ("extensions", "word"),
    [
        ([(x509.DeltaCRLIndicator(1), True)], "crl-delta"),
        ([point(indirect_crl=True)], "crl-indirect"),
        ([point(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}))], "crl-some-reasons"),
        ([point(only_contains_attribute_certs=True)], "crl-scope"),
        ([(UNKNOWN, True)], "crl-unknown-critical-extension"),
    ],
)
def test_lists_that_are_refused(extensions: Any, word: str) -> None:
    found = read_revocation_list(crl(ISSUING, extensions=extensions))
    assert isinstance(found, ListProblem)
    assert found.word == word


def test_an_unknown_extension_that_is_not_critical() -> None:
    assert read(crl(ISSUING, extensions=[(UNKNOWN, False)]))


@pytest.mark.parametrize("data", [b"", b"no list", b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n"])
def test_octets_that_are_no_list(data: bytes) -> None:
    assert read_revocation_list(data) == ListProblem("crl-unreadable")


def test_critical_extensions_of_entries() -> None:
    def signed(extension: x509.ExtensionType) -> bytes:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(1)
            .revocation_date(AT)
            .add_extension(extension, critical=True)
        )
        builder = x509.CertificateRevocationListBuilder().issuer_name(ISSUING.certificate.subject).last_update(AT)
        builder = builder.next_update(AT + DAY).add_revoked_certificate(entry.build())
        return builder.sign(ISSUING.key, hashes.SHA256()).public_bytes(Encoding.DER)

    other = x509.CertificateIssuer([x509.DirectoryName(ROOT.certificate.subject)])
    assert read_revocation_list(signed(other)) == ListProblem("crl-indirect")
    found = read_revocation_list(signed(UNKNOWN))
    assert isinstance(found, ListProblem)
    assert found.word == "crl-unknown-critical-extension"
    assert read(signed(x509.CRLReason(x509.ReasonFlags.superseded)))


def test_lists_of_a_part() -> None:
    users, authorities = point(only_contains_user_certs=True), point(only_contains_ca_certs=True)
    uri = x509.UniformResourceIdentifier("http://ca.test/1.crl")
    assert verdict(
        trust_of([ROOT], [ISSUING], [crl(ROOT, extensions=[authorities]), crl(ISSUING, extensions=[users])])
    ) == ("accepted")
    assert (
        verdict(trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, extensions=[authorities])]))
        == Reason.SIG_TRY_LATER
    )
    of_point = [crl(ROOT), crl(ISSUING, extensions=[point(full_name=[uri])])]
    trust = trust_of([ROOT], [ISSUING], of_point)
    assert verdict(trust) == Reason.SIG_TRY_LATER
    points = x509.CRLDistributionPoints([x509.DistributionPoint([uri], None, None, None)])
    assert isinstance(verify_signer(leaf(ISSUING, more=[(points, False)]), [], trust, AT), Signer)


def test_folders_and_their_problems(tmp_path: Any) -> None:
    for folder in ("anchors", "intermediates", "crls"):
        (tmp_path / folder).mkdir()
    (tmp_path / "anchors" / "root.pem").write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "anchors" / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    (tmp_path / "anchors" / "README.md").write_text("not a certificate")
    (tmp_path / "intermediates" / "issuing.der").write_bytes(ISSUING.certificate.public_bytes(Encoding.DER))
    (tmp_path / "crls" / "root.crl").write_bytes(crl(ROOT))
    (tmp_path / "crls" / "issuing.pem").write_bytes(x509.load_der_x509_crl(crl(ISSUING)).public_bytes(Encoding.PEM))
    (tmp_path / "crls" / "delta.crl").write_bytes(crl(ISSUING, extensions=[(x509.DeltaCRLIndicator(1), True)]))
    trust = load_trust(tmp_path / "anchors", tmp_path / "intermediates", tmp_path / "crls")
    assert verdict(trust) == "accepted"
    assert trust.problems == ("delta.crl: crl-delta", "broken.pem: certificate-unreadable")
    assert trust.next_update_at == AT + DAY / 2
    again = load_trust(tmp_path / "anchors", tmp_path / "intermediates", tmp_path / "crls", previous=trust)
    assert again.generation == trust.generation
    old, new = trust.lists_by_digest(), again.lists_by_digest()
    # Only the PEM file is read anew: the digest is of DER.
    assert [new[digest] is old[digest] for digest in sorted(old, key=lambda digest: old[digest].issuer)].count(
        True
    ) == 1
    nothing = load_trust(tmp_path / "none", None, tmp_path / "none")
    assert nothing.problems == ("none: folder-missing", "none: folder-missing")


def test_a_hundred_thousand_entries_are_read_at_once_and_looked_up_in_no_time() -> None:
    numbers = random.Random(1)
    entries = [Revocation(numbers.getrandbits(150) | 1, AT, "superseded") for _ in range(20_000)]
    data = crl(ISSUING, *entries)
    begin = time.process_time()
    found = read(data)
    assert time.process_time() - begin < 10
    begin = time.process_time()
    assert all(found.find(number) is None for number in range(2, 20_002, 2))
    assert time.process_time() - begin < 5
    assert found.find(entries[-1].serial_number) == (AT, "superseded")
