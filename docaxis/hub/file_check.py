"""A file that somebody brings to be verified, a package or a receipt, judged step by step as the hub would; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from docaxis.domain.envelope import Envelope
from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.domain.wire import digest_of
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.hub.package_content import view_certificate
from docaxis.hub.verification import Grounds, verify_package, word_of
from docaxis.hub.views.package import CheckReport, CheckStep, SealView
from docaxis.trust.receipts import RECEIPT_NAMESPACE, read_receipt
from docaxis.trust.sealed import NotSealed

PACKAGE_STEPS = ("well-formed", "schema", "digest", "signature", "chain", "time", "parties")

_WELL_FORMED = frozenset(
    {
        Reason.PKG_EMPTY,
        Reason.PKG_TOO_LARGE,
        Reason.PKG_ENCODING,
        Reason.PKG_DOCTYPE,
        Reason.PKG_NOT_WELL_FORMED,
        Reason.PKG_LIMIT_EXCEEDED,
    }
)
_CHAIN = frozenset({Reason.SIG_NO_CERTIFICATE_CHAIN, Reason.SIG_CHAIN_CONSTRAINTS_FAILURE})
_TIME = frozenset(
    {
        Reason.SIG_EXPIRED,
        Reason.SIG_NOT_YET_VALID,
        Reason.SIG_REVOKED,
        Reason.SIG_REVOCATION_UNKNOWN,
        Reason.SIG_TRY_LATER,
    }
)


_AFTER_DIGEST = frozenset(
    {Reason.SIG_CRYPTO_FAILURE, Reason.SIG_NO_SIGNING_CERTIFICATE, Reason.SIG_SIGNING_CERTIFICATE_MISMATCH}
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a file is verified by: the grounds for packages, and the certificates that belong to the hub's seals."""

    grounds: Grounds
    seals: Sequence[x509.Certificate]


def check_file(octets: bytes, bench: Bench) -> CheckReport:
    """Return what a file is and how far it holds; `recorded` is left to who can look into the log."""
    parsed = parse(octets)
    if isinstance(parsed, Rejection):
        return _refused("unknown", octets, ("well-formed",), parsed, "well-formed")
    if parsed.root.tag == f"{{{RECEIPT_NAMESPACE}}}Receipt":
        return _check_receipt(octets, bench.seals)
    return _check_package(octets, parsed, bench.grounds)


def seal_of(receipt: bytes, seals: Sequence[x509.Certificate]) -> SealView | None:
    """Return whose seal holds over a receipt, None where none of these does."""
    for one in seals:
        try:
            read_receipt(receipt, one)
        except NotSealed:
            continue
        return SealView(digest_of(receipt), view_certificate(one))
    return None


def _check_receipt(octets: bytes, seals: Sequence[x509.Certificate]) -> CheckReport:
    why = "seal"
    for one in seals:
        try:
            said = read_receipt(octets, one)
        except NotSealed as error:
            why = str(error)
            continue
        except (KeyError, ValueError):
            why = Reason.PKG_SCHEMA.value
            continue
        return CheckReport(
            kind="receipt",
            digest=digest_of(octets),
            size_bytes=len(octets),
            verdict="accepted",
            steps=_receipt_steps("held"),
            signer=view_certificate(one),
            sender=said.sender,
            document_id=said.document_id,
            decided_at=said.decided_at,
            event_hash=said.event_hash,
            receipt_id=said.receipt_id,
        )
    code, _, detail = why.partition(" ")
    steps = _receipt_steps("failed")
    return CheckReport("receipt", digest_of(octets), len(octets), "rejected", steps, code=code, detail=detail)


def _receipt_steps(seal: str) -> tuple[CheckStep, ...]:
    return CheckStep("well-formed", "held"), CheckStep("seal", seal), CheckStep("recorded", "not-checked")


def _check_package(octets: bytes, parsed: ParsedXml, grounds: Grounds) -> CheckReport:
    found = verify_package(octets, grounds)
    if found.cause is not None:
        return _refused("package", octets, PACKAGE_STEPS, found.cause)
    envelope = read_envelope(parsed)
    header = envelope.header if isinstance(envelope, Envelope) else None
    return CheckReport(
        kind="package",
        digest=parsed.digest,
        size_bytes=len(octets),
        verdict="accepted",
        steps=tuple(CheckStep(name, "held") for name in PACKAGE_STEPS),
        signer=view_certificate(found.signer.certificate) if found.signer else None,
        sender=header.sender.organ_id if header else "",
        document_id=header.document_id if header else "",
    )


def step_of(code: Reason) -> str:
    """Return the step of a package's verification that a refusal belongs to."""
    if code in _WELL_FORMED:
        return "well-formed"
    if code in _CHAIN:
        return "chain"
    if code in _TIME:
        return "time"
    if code is Reason.SIG_HASH_FAILURE:
        return "digest"
    if code is Reason.SIG_SIGNER_MISMATCH or code.value.startswith(("RTE.", "FLW.")):
        return "parties"
    return "signature" if code.value.startswith("SIG.") else "schema"


def _refused(
    kind: str, octets: bytes, names: Sequence[str], cause: Rejection | Deferral, step: str = ""
) -> CheckReport:
    failed = step or step_of(cause.code)
    at = names.index(failed)
    held = ["held"] * at
    if failed == "signature" and cause.code not in _AFTER_DIGEST:
        # The signature was not of a form whose digest could be looked at.
        held[names.index("digest")] = "not-checked"
    outcomes = [*held, "open" if isinstance(cause, Deferral) else "failed"]
    outcomes += ["not-checked"] * (len(names) - len(outcomes))
    return CheckReport(
        kind=kind,
        digest=digest_of(octets),
        size_bytes=len(octets),
        verdict=word_of(cause),
        steps=tuple(map(CheckStep, names, outcomes)),
        code=cause.code.value,
        detail=cause.detail,
        place=str(cause.at),
    )
