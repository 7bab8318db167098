"""The second half of the judgement, pure too: a decision meets what the store knows, and becomes what is written."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from docaxis.domain.verdict import Deferral, Place, Reason, Rejection
from docaxis.hub.apply_flows import NO_EFFECTS, Advanced, FlowEffects, TakenBack, judge_flow, judge_recall, judge_report
from docaxis.hub.decide import Accepted, Arrival, Decision, Deferred, Rejected
from docaxis.hub.flows import HEADER, Recalling, Reported
from docaxis.hub.ports import Known, KnownDocument, Recorded

SOON = timedelta(seconds=5)
"""How long a recall, an update or a replacement waits, once, for a document that it may have overtaken on its way."""


@dataclass(frozen=True, slots=True)
class Accept:
    """A document that is new to the hub, and what it does to earlier ones."""

    accepted: Accepted
    effects: FlowEffects = NO_EFFECTS


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal to record and to answer; standing is the document that keeps its id or number against this one."""

    rejection: Rejection
    standing: KnownDocument | None = None


@dataclass(frozen=True, slots=True)
class Defer:
    """A submission to keep and to decide again; after `retry`, where it is another time than usual."""

    deferral: Deferral
    retry: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Known already: the recorded receipt goes out again, byte for byte; is_new_message when only the bytes were known."""

    recorded: Recorded
    is_new_message: bool


Outcome = Accept | Advanced | TakenBack | Refuse | Defer | Repeat


def apply(arrival: Arrival, decision: Decision, known: Known, now: datetime, defer_limit: timedelta) -> Outcome:
    """Judge duplicates, missing blobs and what is said of earlier documents; defer_limit counts from reception."""
    # The same message again is a redelivery, or a sender that did not hear the first answer: it hears the same one.
    if known.same_message:
        return Repeat(known.same_message, is_new_message=False)
    if isinstance(decision, Rejected):
        return Refuse(decision.rejection)
    waited = now - arrival.received_at
    if isinstance(decision, Deferred):
        return _defer(decision.deferral, too_late=waited > defer_limit)
    if known.same_document and known.same_document.digest == arrival.digest:
        return Repeat(known.same_document, is_new_message=True)
    if isinstance(decision, Accepted) and (refusal := _check_duplicate(decision, known)):
        return Refuse(refusal, known.standing)
    if known.missing_blobs:
        at = Place("/edXML/edXMLEnvelope/edXMLBody/edXMLManifest")
        missing = Deferral(Reason.PKG_ATTACHMENT_MISSING, " ".join(known.missing_blobs), at)
        return _defer(missing, too_late=waited > defer_limit)
    judged = _judge(decision, known)
    if not isinstance(judged, Rejection):
        return judged
    # Urgent overtakes normal: what the sender says of his own document may be here before the document.
    early = judged.code is Reason.FLW_DOCUMENT_UNKNOWN and not isinstance(decision, Reported) and waited < SOON
    return Defer(Deferral(judged.code, judged.detail, judged.at), SOON) if early else Refuse(judged)


def _judge(decision: Accepted | Reported | Recalling, known: Known) -> Outcome | Rejection:
    match decision:
        case Reported():
            return judge_report(decision, known.subjects[0])
        case Recalling():
            return judge_recall(decision, known.subjects[0])
    if decision.flow is None:
        return Accept(decision)
    addressees = {one.organ_id for one in decision.route.addressees}
    effects = judge_flow(decision.flow, known.subjects, addressees)
    if isinstance(effects, Rejection):
        return effects
    # What takes another one's place may take its number too; that stays with the first, so that no third can have it.
    accepted = replace(decision, number_key="") if known.same_number else decision
    return Accept(accepted, effects)


def _check_duplicate(accepted: Accepted, known: Known) -> Rejection | None:
    header = accepted.envelope.header
    if known.same_document:
        detail = f"{header.document_id} {known.same_document.digest}"
        return Rejection(Reason.PKG_ID_CONFLICT, detail, Place(f"{HEADER}/DocumentId"))
    if known.same_number and not _replaces(accepted, known, known.same_number):
        detail = f"{accepted.number_key} {known.same_number.digest}"
        return Rejection(Reason.PKG_NUMBER_CONFLICT, detail, Place(f"{HEADER}/Code/CodeNumber"))
    return None


def _replaces(accepted: Accepted, known: Known, standing: Recorded) -> bool:
    if accepted.flow is None or accepted.flow.kind != "replace":
        return False
    return any(one is not None and one.document_key == standing.submission_id for one in known.subjects)


def _defer(deferral: Deferral, *, too_late: bool) -> Refuse | Defer:
    if too_late and deferral.code is Reason.PKG_ATTACHMENT_MISSING:
        return Refuse(Rejection(deferral.code, deferral.detail, deferral.at))
    return Defer(deferral)
