"""The verdicts of the hub: every refusal code, and the three outcomes of ETSI EN 319 102-1 (accepted, rejected, deferred).

A refusal is data: a code for programs, a sentence for people (`sentences.py`) and the place in the package. It is never
the text of a library's exception.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Every refusal code, as it stands on the wire; PKG package, SIG signature (ETSI sub-indications), RTE routing, FLW flow."""

    PKG_EMPTY = "PKG.EMPTY"
    PKG_TOO_LARGE = "PKG.TOO_LARGE"
    PKG_ENCODING = "PKG.ENCODING"
    PKG_DOCTYPE = "PKG.DOCTYPE"
    PKG_NOT_WELL_FORMED = "PKG.NOT_WELL_FORMED"
    PKG_LIMIT_EXCEEDED = "PKG.LIMIT_EXCEEDED"
    PKG_NAMESPACE = "PKG.NAMESPACE"
    PKG_SCHEMA = "PKG.SCHEMA"
    PKG_VALUE = "PKG.VALUE"
    PKG_HIDDEN_CONTENT = "PKG.HIDDEN_CONTENT"
    PKG_REPEATED_ID = "PKG.REPEATED_ID"
    PKG_REPEATED_ADDRESSEE = "PKG.REPEATED_ADDRESSEE"
    PKG_TOO_MANY_ADDRESSEES = "PKG.TOO_MANY_ADDRESSEES"
    PKG_MANIFEST_MISMATCH = "PKG.MANIFEST_MISMATCH"
    PKG_ATTACHMENT_DAMAGED = "PKG.ATTACHMENT_DAMAGED"
    PKG_ATTACHMENT_TOO_LARGE_INLINE = "PKG.ATTACHMENT_TOO_LARGE_INLINE"
    PKG_ATTACHMENT_MISSING = "PKG.ATTACHMENT_MISSING"
    PKG_CLAIM_INVALID = "PKG.CLAIM_INVALID"
    PKG_CLAIM_MISMATCH = "PKG.CLAIM_MISMATCH"
    PKG_MESSAGE_ID_MISSING = "PKG.MESSAGE_ID_MISSING"
    PKG_CARBON_COPY = "PKG.CARBON_COPY"
    PKG_ID_CONFLICT = "PKG.ID_CONFLICT"
    PKG_LANE_MISMATCH = "PKG.LANE_MISMATCH"
    PKG_NUMBER_CONFLICT = "PKG.NUMBER_CONFLICT"

    SIG_MISSING = "SIG.MISSING"
    SIG_PROFILE_LEGACY = "SIG.PROFILE_LEGACY"
    SIG_FORMAT_FAILURE = "SIG.FORMAT_FAILURE"
    SIG_PARTIAL_COVERAGE = "SIG.PARTIAL_COVERAGE"
    SIG_CRYPTO_CONSTRAINTS_FAILURE = "SIG.CRYPTO_CONSTRAINTS_FAILURE"
    SIG_HASH_FAILURE = "SIG.HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG.SIG_CRYPTO_FAILURE"
    SIG_NO_SIGNING_CERTIFICATE = "SIG.NO_SIGNING_CERTIFICATE_FOUND"
    SIG_SIGNING_CERTIFICATE_MISMATCH = "SIG.SIGNING_CERTIFICATE_MISMATCH"
    SIG_NO_CERTIFICATE_CHAIN = "SIG.NO_CERTIFICATE_CHAIN_FOUND"
    SIG_CHAIN_CONSTRAINTS_FAILURE = "SIG.CHAIN_CONSTRAINTS_FAILURE"
    SIG_EXPIRED = "SIG.EXPIRED"
    SIG_NOT_YET_VALID = "SIG.NOT_YET_VALID"
    SIG_REVOKED = "SIG.REVOKED"
    SIG_REVOCATION_UNKNOWN = "SIG.REVOCATION_UNKNOWN"
    SIG_SIGNER_MISMATCH = "SIG.SIGNER_MISMATCH"
    SIG_TRY_LATER = "SIG.TRY_LATER"

    RTE_SENDER_UNKNOWN = "RTE.SENDER_UNKNOWN"
    RTE_SENDER_CLOSED = "RTE.SENDER_CLOSED"
    RTE_SENDER_NOT_SERVED = "RTE.SENDER_NOT_SERVED"
    RTE_NO_ADDRESSEE = "RTE.NO_ADDRESSEE"
    RTE_ADDRESSEE_UNKNOWN = "RTE.ADDRESSEE_UNKNOWN"
    RTE_ADDRESSEE_CLOSED = "RTE.ADDRESSEE_CLOSED"
    RTE_SUCCESSOR_AMBIGUOUS = "RTE.SUCCESSOR_AMBIGUOUS"
    RTE_NOT_CONNECTED = "RTE.NOT_CONNECTED"
    RTE_FORBIDDEN = "RTE.FORBIDDEN"

    FLW_CODE_UNKNOWN = "FLW.CODE_UNKNOWN"
    FLW_DOCUMENT_UNKNOWN = "FLW.DOCUMENT_UNKNOWN"
    FLW_NOT_ADDRESSEE = "FLW.NOT_ADDRESSEE"
    FLW_NOT_SENDER = "FLW.NOT_SENDER"
    FLW_NOT_DISPATCHED = "FLW.NOT_DISPATCHED"
    FLW_NOT_ACTIVE = "FLW.NOT_ACTIVE"
    FLW_TARGET_MISSING = "FLW.TARGET_MISSING"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the package: the element path with 1-based positions, and the line of the XML text (0: not known)."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return `path (line N)`, or an empty string for the package as a whole."""
        return f"{self.path} (line {self.line})" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Rejection:
    """The sender must change something: code, the facts (values and codes, in no language), and the place."""

    code: Reason
    detail: str = ""
    at: Place = Place()


@dataclass(frozen=True, slots=True)
class Deferral:
    """It cannot be told yet: decided again at a later time, never sent back into the queue."""

    code: Reason
    detail: str = ""
    at: Place = Place()
