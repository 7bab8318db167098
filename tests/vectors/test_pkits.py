"""NIST's PKITS against `verify_signer`: 222 signers; whom we judge otherwise than NIST stands here with a reason.

The vectors come with the package `cryptography_vectors` and are skipped without it. None is valid as NIST wants it but
for an agency: certification policies, CA leaves, DSA, indirect, partial and delta lists are refused by design.
"""

import re
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from docaxis.trust.certificate import Signer, TrustStore, build_trust, read_certificates, verify_signer
from docaxis.trust.revocation import RevocationList, read_revocation_list

vectors = pytest.importorskip("cryptography_vectors")

AT = datetime(2020, 6, 1, tzinfo=UTC)
REFUSED_BY_US = {
    "policies are not processed, so an authority that demands it is refused": (
        r"Valid(SelfIssued)?(inhibitAnyPolicy|inhibitPolicyMapping|requireExplicitPolicy)Test\d+EE|"
        r"ValidPolicyMappingTest\d+EE|inhibitAnyPolicyTest3EE"
    ),
    "the signer is an authority": (
        r"DifferentPoliciesTest[78]EE|OverlappingPoliciesTest6EE|ValidonlyContainsCACertsTest13EE|"
        r"ValidpathLenConstraintTest(8|14)EE"
    ),
    "the list is indirect, of some reasons, or of a relative point": (
        r"ValidIDPwithindirectCRLTest\d+EE|ValidcRLIssuerTest\d+EE|ValidonlySomeReasonsTest\d+EE|"
        r"ValiddistributionPointTest[457]EE"
    ),
    "the list is signed by another key than the certificate": (
        r"ValidBasicSelfIssued(CRLSigningKeyTest6|NewWithOldTest4|OldWithNewTest1)EE|ValidDNnameConstraintsTest19EE|"
        r"ValidSelfIssuedpathLenConstraintTest1[57]EE|ValidSeparateCertificateandCRLKeysTest19EE"
    ),
    "names chain only when case, blanks or encoding are ignored": (
        r"ValidNameChaining(Capitalization|Whitespace)Test\dEE|ValidRolloverfromPrintableStringtoUTF8StringTest10EE|"
        r"ValidUTF8StringCaseInsensitiveMatchTest11EE"
    ),
    "DSA": r"ValidDSASignaturesTest4EE",
    "a delta list would lift the suspension": r"ValiddeltaCRLTest5EE",
}
# A complete list in force is enough (RFC 5280, 5.2.4: deltas may be ignored); this one is revoked in the delta only.
ACCEPTED_BY_US = {"InvaliddeltaCRLTest4EE"}


def certificate(path: Path) -> x509.Certificate | None:
    with warnings.catch_warnings():
        # One serial number is negative on purpose.
        warnings.simplefilter("ignore")
        try:
            return read_certificates(path.read_bytes())[0]
        except ValueError:
            return None


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(str(vectors.__file__)).parent / "x509" / "PKITS_data"


@pytest.fixture(scope="module")
def trust(folder: Path) -> TrustStore:
    found = {path.stem: certificate(path) for path in (folder / "certs").glob("*.crt") if not path.stem.endswith("EE")}
    anchor = found.pop("TrustAnchorRootCertificate")
    assert anchor is not None
    lists = [read_revocation_list(path.read_bytes()) for path in (folder / "crls").glob("*.crl")]
    return build_trust(
        [anchor], [one for one in found.values() if one], [one for one in lists if isinstance(one, RevocationList)]
    )


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_every_difference_has_a_reason(folder: Path, trust: TrustStore) -> None:
    signers = {path.stem: certificate(path) for path in (folder / "certs").glob("*EE.crt")}
    assert len(signers) > 200
    accepted = {name for name, one in signers.items() if one and isinstance(verify_signer(one, [], trust, AT), Signer)}
    unreadable = {name for name, one in signers.items() if one is None}
    by_design = {name for name in signers for why in REFUSED_BY_US.values() if re.fullmatch(why, name)}
    wrongly_accepted = {name for name in accepted if name.startswith("Invalid")}
    wrongly_refused = {name for name in signers if not name.startswith("Invalid")} - accepted - unreadable
    assert wrongly_accepted == ACCEPTED_BY_US
    assert wrongly_refused == by_design
