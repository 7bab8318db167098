"""The judgement of what a package does to earlier documents, by what the store knows of them. Pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from docaxis.domain.status import StatusCode, Step, advance, bit, is_answered, is_taken_back
from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.hub.flows import BUSINESS, HEADER, Flow, FlowKind, Recalling, Reported
from docaxis.hub.ports import KnownDelivery, KnownDocument, Subject

_ANSWERS = {StatusCode.ACCEPTED: StatusCode.AGREED, StatusCode.REFUSED: StatusCode.DECLINED}
"""Some systems answer a recall order with 03 and 02 instead of 15 and 16."""
NEVER_SENT = ("waiting", "withdrawn")
AT = {
    "reply": f"{HEADER}/ResponseFor/DocumentId",
    "update": f"{BUSINESS}/DocumentId",
    "replace": f"{BUSINESS}/ReplacementInfoList/ReplacementInfo/DocumentId",
}


class Advanced(NamedTuple):
    """A status of an addressee: code is what it means here, step what it makes of the copy."""

    reported: Reported
    document: KnownDocument
    delivery: KnownDelivery
    code: StatusCode
    step: Step


class Taken(NamedTuple):
    """What becomes of one addressee's copy that is taken back; act as in `domain.receipt.Effect`."""

    document: KnownDocument
    delivery: KnownDelivery
    act: str
    statuses: int
    state: str


class TakenBack(NamedTuple):
    """A recall: the copies it is about, in the order of the document's addressees."""

    recalling: Recalling
    document: KnownDocument
    taken: tuple[Taken, ...]


class Link(NamedTuple):
    """A word about an earlier document; target is None where the hub never had it, or not with this author."""

    kind: FlowKind
    target: UUID | None
    subject: Subject


class FlowEffects(NamedTuple):
    """What a new document does to earlier ones; ended are those that it replaces."""

    links: tuple[Link, ...] = ()
    taken: tuple[Taken, ...] = ()
    ended: tuple[UUID, ...] = ()


NO_EFFECTS = FlowEffects()


def judge_report(reported: Reported, document: KnownDocument | None) -> Advanced | Rejection:
    """Judge a status: only an addressee's own copy, and only once it has left the hub."""
    subject = reported.subject
    if document is None:
        return _unknown(subject, f"{HEADER}/ResponseFor/DocumentId")
    if not document.deliveries:
        return Rejection(Reason.FLW_NOT_ADDRESSEE, subject.organ_id, Place(f"{HEADER}/From/OrganId"))
    delivery = document.deliveries[0]
    if delivery.state in NEVER_SENT:
        return Rejection(Reason.FLW_NOT_DISPATCHED, delivery.state, Place(f"{HEADER}/StatusCode"))
    code = _ANSWERS.get(reported.code, reported.code) if document.by_order else reported.code
    return Advanced(reported, document, delivery, code, advance(delivery.statuses, code))


def judge_recall(recalling: Recalling, known: KnownDocument | None) -> TakenBack | Rejection:
    """Judge a recall: by the document's sender, while it is in force, from those who were addressed.

    After an order has ended a document, single copies may still be asked for again: some addressees decline at first.
    """
    subject = recalling.subject
    document = _owned(subject, known, f"{HEADER}/ResponseFor/DocumentId")
    if isinstance(document, Rejection):
        return document
    if document.state != "active" and (recalling.is_order or document.state != "recalled"):
        return Rejection(Reason.FLW_NOT_ACTIVE, document.state, Place(f"{HEADER}/ResponseFor/DocumentId"))
    had = {one.organ_id for one in document.deliveries}
    if strangers := [organ_id for organ_id in recalling.organ_ids if organ_id not in had]:
        at = "To/OrganId" if recalling.is_order else "ResponseFor/OrganId"
        return Rejection(Reason.FLW_NOT_ADDRESSEE, " ".join(strangers), Place(f"{HEADER}/{at}"))
    wanted = frozenset(recalling.organ_ids) or had
    return TakenBack(recalling, document, take_back(document, wanted))


def judge_flow(
    flow: Flow, documents: Sequence[KnownDocument | None], addressees: Collection[str]
) -> FlowEffects | Rejection:
    """Judge what a new document does to earlier ones; addressees are its own, who learn of it by the document itself."""
    if flow.kind == "reply":
        targets = [document.document_key if document and _is_party(document) else None for document in documents]
        return FlowEffects(tuple([Link("reply", *both) for both in zip(targets, flow.subjects, strict=True)]))
    links: list[Link] = []
    taken: list[Taken] = []
    ended: list[UUID] = []
    for subject, known in zip(flow.subjects, documents, strict=True):
        document = _owned(subject, known, AT[flow.kind])
        if isinstance(document, Rejection):
            return document
        if document.state != "active":
            return Rejection(Reason.FLW_NOT_ACTIVE, f"{document.document_id} {document.state}", Place(AT[flow.kind]))
        links.append(Link(flow.kind, document.document_key, subject))
        had = {one.organ_id for one in document.deliveries}
        if flow.kind == "update":
            if strangers := [organ_id for organ_id in flow.removed if organ_id not in had]:
                at = Place(f"{BUSINESS}/BussinessDocumentInfo/ReceiverList/Receiver/OrganId")
                return Rejection(Reason.FLW_NOT_ADDRESSEE, " ".join(strangers), at)
            taken += take_back(document, frozenset(flow.removed), told="removed")
        else:
            ended.append(document.document_key)
            # Who has not fetched the old one yet gets the new one only; who has it and gets no new one is told.
            copies = take_back(document, had, told="replaced")
            taken += [one for one in copies if one.act != "replaced" or one.delivery.organ_id not in addressees]
    return FlowEffects(tuple(links), tuple(taken), tuple(ended))


def take_back(document: KnownDocument, wanted: Collection[str], told: str = "asked") -> tuple[Taken, ...]:
    """Say what becomes of the copies of these addressees; `told` is the act for those that were fetched already.

    Agencies behind one endpoint share a copy: it is taken back only when none of them is to have it any more.
    """
    shared: dict[tuple[str, str, int], list[KnownDelivery]] = {}
    for one in document.deliveries:
        shared.setdefault((one.endpoint, one.lane, one.sequence), []).append(one)
    asked = bit(StatusCode.RECALL_ASKED)
    taken = []
    for one in document.deliveries:
        others = shared[one.endpoint, one.lane, one.sequence]
        whole = all(other.organ_id in wanted or other.statuses & asked for other in others)
        # Who was asked before, when another still was to have the waiting copy, leaves the line together with that one.
        joins = whole and one.state == "waiting" and any(other.organ_id in wanted for other in others)
        if one.organ_id not in wanted and not joins:
            continue
        act, statuses, state = _fate(one, whole=whole, told=told)
        taken.append(Taken(document, one, act, statuses, state))
    return tuple(taken)


def _fate(one: KnownDelivery, *, whole: bool, told: str) -> tuple[str, int, str]:
    asked = one.statuses | bit(StatusCode.RECALL_ASKED)
    if one.state not in {"waiting", "dispatched"}:
        return one.state, one.statuses, one.state
    if is_taken_back(one.statuses):
        return "recorded", one.statuses, one.state
    if one.state == "waiting" and whole:
        return "withdrawn", asked, "withdrawn"
    # Whoever has told anything of it has it, acknowledged or not.
    if one.state == "dispatched" and not (one.is_fetched or is_answered(one.statuses)) and whole:
        return "withdrawing", asked, one.state
    # A replaced document may be kept by who has it: nobody asks for it back.
    return told, one.statuses if told == "replaced" else asked, one.state


def _owned(subject: Subject, document: KnownDocument | None, at: str) -> KnownDocument | Rejection:
    """Return a document that is the author's own."""
    if document is None:
        return _unknown(subject, at)
    if not document.is_authors:
        detail = f"{subject.author} {subject.document_id}"
        return Rejection(Reason.FLW_NOT_SENDER, detail, Place(f"{HEADER}/From/OrganId"))
    return document


def _is_party(document: KnownDocument) -> bool:
    return document.is_authors or bool(document.deliveries)


def _unknown(subject: Subject, at: str) -> Rejection:
    return Rejection(Reason.FLW_DOCUMENT_UNKNOWN, f"{subject.sender} {subject.document_id}", Place(at))
