"""Every rule of a signer's certificate: each test names the one thing that is wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from docaxis.domain.verdict import Reason, Rejection
from docaxis.local.issuing import Authority, key_usage, name_of
from docaxis.trust.certificate import ChainCache, Signer, check_binding, fingerprint_of, verify_signer
from tests.certificates import AT, DAY, NOT_AUTHORITY, ORGAN, authority, crl, key, leaf, trust_of

ROOT = authority("root")
ISSUING = authority("issuing", ROOT, path_length=0)
TRUST = trust_of([ROOT], [ISSUING])
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def signer_of(certificate: x509.Certificate) -> Signer:
    """Return the signer of a certificate that must be accepted."""
    found = verify_signer(certificate, [], TRUST, AT)
    assert isinstance(found, Signer), found
    return found


@pytest.mark.parametrize("kind", ["rsa2048", "rsa3072", "p256", "p384", "p521"])
def test_every_kind_of_key_is_taken(kind: str) -> None:
    signer = signer_of(leaf(ISSUING, kind=kind))
    assert signer.organ_ids == {ORGAN}
    assert signer.chain[1:] == (ISSUING.certificate, ROOT.certificate)
    assert signer.fingerprint == fingerprint_of(signer.certificate)


@pytest.mark.parametrize("usage", ["digitalSignature", "nonRepudiation"])
def test_both_usages_may_sign(usage: str) -> None:
    assert signer_of(leaf(ISSUING, usage=usage))


@pytest.mark.parametrize(
    "purposes",
    [
        [ExtendedKeyUsageOID.EMAIL_PROTECTION],
        [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION],
        [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")],  # id-kp-documentSigning, RFC 9336
    ],
)
def test_a_purpose_beyond_logging_in_may_sign(purposes: list[x509.ObjectIdentifier]) -> None:
    assert signer_of(leaf(ISSUING, more=[(x509.ExtendedKeyUsage(purposes), False)]))


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("pad", [padding.PKCS1v15(), "pss"])
def test_rsa_signed_certificates(algorithm: Any, pad: Any) -> None:
    root = authority("rsa-root", kind="rsa2048")
    pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)
    certificate = leaf(root, algorithm=algorithm, rsa_padding=pss if pad == "pss" else pad)
    assert isinstance(verify_signer(certificate, [], trust_of([root]), AT), Signer)


def wrong_constraint(**fields: Any) -> Callable[[], x509.Certificate]:
    return lambda: leaf(ISSUING, **fields)


def by_sha224() -> x509.Certificate:
    return leaf(ISSUING, algorithm=hashes.SHA224())


def with_small_key() -> x509.Certificate:
    # 1,024 bits: the smallest that the library still makes, far too small.
    return leaf(ISSUING, public_key=rsa.generate_private_key(65537, 1024).public_key())  # noqa: S505


def with_ed25519() -> x509.Certificate:
    return leaf(ISSUING, public_key=ed25519.Ed25519PrivateKey.generate().public_key())


REFUSED = {
    "is a CA": (
        wrong_constraint(
            extensions=[(x509.BasicConstraints(ca=True, path_length=None), True), key_usage("digitalSignature")]
        ),
        "authority",
    ),
    "no keyUsage": (wrong_constraint(extensions=[NOT_AUTHORITY]), "keyUsage"),
    "keyEncipherment only": (wrong_constraint(usage="keyEncipherment"), "keyUsage"),
    "client login only": (
        wrong_constraint(more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]),
        "extendedKeyUsage",
    ),
    "server login only": (
        wrong_constraint(more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)]),
        "extendedKeyUsage",
    ),
    "time stamps only": (
        wrong_constraint(more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)]),
        "extendedKeyUsage",
    ),
    "unknown critical extension": (wrong_constraint(more=[(UNKNOWN, True)]), "critical 1.2.3.4"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_certificate_not_for_documents(case: str) -> None:
    make, what = REFUSED[case]
    refusal = verify_signer(make(), [], TRUST, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_CHAIN_CONSTRAINTS_FAILURE
    assert refusal.detail.endswith(what)


def test_an_unknown_extension_that_is_not_critical() -> None:
    assert signer_of(leaf(ISSUING, more=[(UNKNOWN, False)]))


@pytest.mark.parametrize("make", [by_sha224, with_small_key, with_ed25519])
def test_weak_cryptography(make: Callable[[], x509.Certificate]) -> None:
    refusal = verify_signer(make(), [], TRUST, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE


def test_force_at_its_edges() -> None:
    certificate = leaf(ISSUING)
    second = timedelta(seconds=1)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    trust = trust_of(
        [ROOT], [ISSUING], [crl(one, this_update_at=begin, next_update_at=end + DAY) for one in (ROOT, ISSUING)]
    )
    codes = {
        at: verdict.code if isinstance(verdict := verify_signer(certificate, [], trust, at), Rejection) else None
        for at in (begin - second, begin, end, end + second)
    }
    assert list(codes.values()) == [Reason.SIG_NOT_YET_VALID, None, None, Reason.SIG_EXPIRED]


def test_an_authority_out_of_force() -> None:
    issuing = authority("old", ROOT, not_after_at=AT - DAY)
    refusal = verify_signer(leaf(issuing), [], trust_of([ROOT], [issuing]), AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_EXPIRED


def test_a_stranger_with_the_same_names() -> None:
    root = Authority(authority("other", subject=name_of("root")).certificate, key("other"))
    refusal = verify_signer(leaf(root), [root.certificate], TRUST, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_NO_CERTIFICATE_CHAIN


def test_a_leaf_that_is_its_own_anchor_in_the_package() -> None:
    root = authority("self-made")
    refusal = verify_signer(leaf(root), [root.certificate], TRUST, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_NO_CERTIFICATE_CHAIN


def test_hints_complete_the_path_and_their_list_is_verified_then() -> None:
    trust = trust_of([ROOT], [], [crl(ROOT), crl(ISSUING)])
    assert isinstance(verify_signer(leaf(ISSUING), [], trust, AT), Rejection)
    assert isinstance(verify_signer(leaf(ISSUING), [leaf(ISSUING), ISSUING.certificate], trust, AT), Signer)


def test_many_hints_cost_no_more_than_a_bounded_search() -> None:
    # Sixteen certificates that all certify one another: unbounded, the search would take 16! steps.
    one = authority("cross")
    ring = [authority("cross", one, serial_number=number).certificate for number in range(1, 17)]
    refusal = verify_signer(leaf(one), ring, TRUST, AT)
    assert isinstance(refusal, Rejection)
    assert refusal.code is Reason.SIG_NO_CERTIFICATE_CHAIN


def test_binding_by_the_certificate_or_by_the_registry() -> None:
    signer = signer_of(leaf(ISSUING))
    ministry = [ORGAN]
    assert check_binding(signer, ORGAN, [], {}) is None
    assert check_binding(signer, "G22.01", ministry, {}) is None
    refusal = check_binding(signer, "H41", [], {})
    assert refusal is not None
    assert refusal.code is Reason.SIG_SIGNER_MISMATCH
    for name in (signer.fingerprint, signer.key_digest):
        assert check_binding(signer, "H41", [], {name: frozenset({"H41"})}) is None
        # The registry has the last word: what the certificate says of itself no longer counts.
        assert check_binding(signer, ORGAN, [], {name: frozenset({"H41"})}) is not None
        assert check_binding(signer, ORGAN, ministry, {name: frozenset()}) is not None


def test_details_never_show_a_person() -> None:
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nguyen Van A"),
            x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, "CCCD:001099000001"),
            x509.NameAttribute(x509.NameOID.USER_ID, "CMND:012345678"),
        ]
    )
    signer = signer_of(leaf(ISSUING, subject=subject))
    refusal = check_binding(signer, ORGAN, [], {})
    expired = verify_signer(leaf(ISSUING, subject=subject, not_after_at=AT - DAY), [], TRUST, AT)
    assert isinstance(expired, Rejection)
    for detail in (refusal.detail if refusal else "", expired.detail):
        assert "Nguyen" not in detail
        assert "0109" not in detail
        assert "CCCD" not in detail


def test_a_known_signer_is_remembered_for_its_window_and_generation() -> None:
    chains = ChainCache(size=2)
    certificate = leaf(ISSUING)
    signer = verify_signer(certificate, [], TRUST, AT, chains)
    assert isinstance(signer, Signer)
    assert verify_signer(certificate, [], TRUST, AT, chains) is signer
    assert signer.valid_until_at == AT + DAY / 2
    assert chains.find(TRUST.generation, certificate, signer.valid_until_at + timedelta(seconds=1)) is None
    assert chains.find(TRUST.generation, certificate, signer.valid_from_at - timedelta(seconds=1)) is None
    renewed = trust_of([ROOT], [ISSUING], [crl(ROOT), crl(ISSUING, number=2)])
    assert chains.find(renewed.generation, certificate, AT) is None
    for _ in range(3):
        verify_signer(leaf(ISSUING), [], TRUST, AT, chains)
    assert len(chains) == 2
