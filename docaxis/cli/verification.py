"""One verdict about one file, offline, as the hub would give it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from docaxis.backends.directory_files import shipped
from docaxis.cli.description import describe_place
from docaxis.domain.directory import Directory
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.rules import Policy
from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.edxml.safety import parse
from docaxis.hub import verification
from docaxis.trust import xmldsig
from docaxis.trust.certificate import TrustStore, fingerprint_of

_HOLDS = "SignatureValue = "


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a package is judged by; without a directory, addressees are not judged."""

    trust: TrustStore
    at: datetime
    directory: Directory | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the three outcomes: the refusal or deferral behind it, the proven signer, and what was not judged."""

    cause: Rejection | Deferral | None = None
    signer: dict[str, Any] | None = None
    unjudged: str = ""

    @property
    def word(self) -> str:
        """Return `accepted`, `rejected` or `deferred`."""
        return verification.word_of(self.cause)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict for JSON."""
        cause = self.cause
        return {
            "verdict": self.word,
            "code": cause.code.value if cause else None,
            "detail": cause.detail if cause else self.unjudged,
            "at": describe_place(cause.at) if cause else None,
            "signer": self.signer,
        }


def verify_package(body: bytes, grounds: Grounds) -> Verdict:
    """Judge a document or status package as the hub would: proof → who may speak → route."""
    directory, policy = grounds.directory, grounds.policy
    if directory is None or policy is None:
        # Even without a directory nobody speaks for an agency that his certificate has nothing to do with.
        (directory, _), policy = shipped(), None
    found = verification.verify_package(body, verification.Grounds(grounds.trust, grounds.at, directory, policy))
    signer = found.signer
    if signer is None:
        return Verdict(found.cause)
    named = {"fingerprint": signer.fingerprint, "serial": signer.serial, "organ_ids": sorted(signer.organ_ids)}
    return Verdict(found.cause, named, found.unjudged)


def verify_signature(body: bytes, signer: x509.Certificate | None) -> Verdict:
    """Judge only the signature, of any XML document; without a signer nothing is accepted."""
    parsed = parse(body)
    if isinstance(parsed, Rejection):
        return Verdict(parsed)
    signed = xmldsig.verify_signature_only(parsed, signer)
    if isinstance(signed, Rejection):
        return Verdict(signed)
    certificate = signed.certificate
    organs = (parse_organ_id(str(found.value)) for found in _organization_identifiers(certificate))
    named = {
        "fingerprint": fingerprint_of(certificate),
        "serial": f"{certificate.serial_number:x}",
        "organ_ids": sorted({organ for organ in organs if organ}),
    }
    return Verdict(signer=named, unjudged="signature only: chain, revocation and content were not judged")


def tell_mathematics(verdict: Verdict) -> bool | None:
    """Return whether the mathematics of a signature-only verdict hold, None where they were not reached."""
    cause = verdict.cause
    if cause is None or cause.code is Reason.SIG_SIGNER_MISMATCH:
        return True
    if cause.code is Reason.SIG_NO_SIGNING_CERTIFICATE and cause.detail.startswith(_HOLDS):
        return True
    return False if cause.code in {Reason.SIG_HASH_FAILURE, Reason.SIG_CRYPTO_FAILURE} else None


def _organization_identifiers(certificate: x509.Certificate) -> list[x509.NameAttribute[str | bytes]]:
    try:
        return certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_IDENTIFIER)
    except ValueError:
        return []
