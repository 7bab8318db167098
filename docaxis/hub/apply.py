"""The second half of the judgement, pure too: a decision meets what the store knows, and becomes what is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from docaxis.domain.verdict import Deferral, Place, Reason, Rejection
from docaxis.hub.decide import HEADER, Accepted, Arrival, Decision, Deferred, Rejected
from docaxis.hub.ports import Known, Recorded


@dataclass(frozen=True, slots=True)
class Accept:
    """A document that is new to the hub."""

    accepted: Accepted


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal to record and to answer."""

    rejection: Rejection


@dataclass(frozen=True, slots=True)
class Defer:
    """A submission to keep and to decide again."""

    deferral: Deferral


@dataclass(frozen=True, slots=True)
class Repeat:
    """Known already: the recorded receipt goes out again, byte for byte; is_new_message when only the bytes were known."""

    recorded: Recorded
    is_new_message: bool


Outcome = Accept | Refuse | Defer | Repeat


def apply(arrival: Arrival, decision: Decision, known: Known, now: datetime, defer_limit: timedelta) -> Outcome:
    """Judge duplicates and missing blobs; defer_limit counts from reception."""
    # The same message again is a redelivery, or a sender that did not hear the first answer: it hears the same one.
    if known.same_message:
        return Repeat(known.same_message, is_new_message=False)
    if isinstance(decision, Rejected):
        return Refuse(decision.rejection)
    too_late = now - arrival.received_at > defer_limit
    if isinstance(decision, Deferred):
        deferral = decision.deferral
        if too_late and deferral.code is Reason.PKG_ATTACHMENT_MISSING:
            return Refuse(Rejection(deferral.code, deferral.detail, deferral.at))
        return Defer(deferral)
    if known.same_document:
        if known.same_document.digest == arrival.digest:
            return Repeat(known.same_document, is_new_message=True)
        detail = f"{decision.envelope.header.document_id} {known.same_document.digest}"
        return Refuse(Rejection(Reason.PKG_ID_CONFLICT, detail, Place(f"{HEADER}/DocumentId")))
    if known.missing_blobs:
        detail, at = " ".join(known.missing_blobs), Place("/edXML/edXMLEnvelope/edXMLBody/edXMLManifest")
        if too_late:
            return Refuse(Rejection(Reason.PKG_ATTACHMENT_MISSING, detail, at))
        return Defer(Deferral(Reason.PKG_ATTACHMENT_MISSING, detail, at))
    return Accept(decision)
