"""Receipts, delivery notes and notices as sealed XML: written in exclusive-canonical form, read only after verification.

The text is built directly in the form that is signed, so no tree is made on the hot path. Namespaces:
`urn:docaxis:receipt:1`, `urn:docaxis:delivery-note:1`, `urn:docaxis:notice:1`.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from cryptography import x509
from lxml import etree

from docaxis.domain.receipt import DeliveryNote, Effect, NoteAddressee, NoteEndpoint, Notice, Receipt, ReceiptAddressee
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason
from docaxis.trust.seal import Seal, escape_text, escape_texts
from docaxis.trust.sealed import LANGUAGES, attribute, element, opened, texts

RECEIPT_NAMESPACE = "urn:docaxis:receipt:1"
NOTE_NAMESPACE = "urn:docaxis:delivery-note:1"
NOTICE_NAMESPACE = "urn:docaxis:notice:1"

# The start that all answers of a kind share, as they are written.
_RECEIPT = (
    f'<Receipt xmlns="{RECEIPT_NAMESPACE}"><ReceiptId>%s</ReceiptId><Hub>%s</Hub><Endpoint>%s</Endpoint>'
    "<MessageId>%s</MessageId><Digest>%s</Digest><Outcome>%s</Outcome><ReceivedAt>%s</ReceivedAt>"
    "<DecidedAt>%s</DecidedAt><EventHash>%s</EventHash>"
)
_NOTE = (
    f'<DeliveryNote xmlns="{NOTE_NAMESPACE}"><NoteId>%s</NoteId><Hub>%s</Hub><Digest>%s</Digest>'
    "<SizeBytes>%s</SizeBytes><Sender>%s</Sender><DocumentId>%s</DocumentId><Lane>%s</Lane>"
    "<AcceptedAt>%s</AcceptedAt>"
)
_NOTICE = (
    f'<Notice xmlns="{NOTICE_NAMESPACE}"><NoticeId>%s</NoticeId><Hub>%s</Hub><OrganId>%s</OrganId>'
    "<DocumentId>%s</DocumentId><Code>%s</Code><Sender>%s</Sender>"
)
_ROUTE_OF = attrgetter("endpoint", "rule", "state")


def write_receipt(receipt: Receipt, seal: Seal) -> bytes:
    """Return a receipt as signed XML."""
    return seal.sign("".join(_receipt_parts(receipt)))


def write_note(note: DeliveryNote, seal: Seal) -> bytes:
    """Return a delivery note as signed XML."""
    return seal.sign("".join(_note_parts(note)))


def write_notice(notice: Notice, seal: Seal) -> bytes:
    """Return a notice as signed XML."""
    return seal.sign("".join(_notice_parts(notice)))


def read_receipt(octets: bytes, signer: x509.Certificate) -> Receipt:
    """Verify a receipt against the hub's certificate and read it; raises NotSealed."""
    root = opened(octets, signer, f"{{{RECEIPT_NAMESPACE}}}Receipt")
    text = texts(root, RECEIPT_NAMESPACE)
    refusal = root.find(f"{{{RECEIPT_NAMESPACE}}}Refusal")
    refused = texts(refusal, RECEIPT_NAMESPACE) if refusal is not None else {}
    return Receipt(
        receipt_id=text["ReceiptId"],
        hub=text["Hub"],
        endpoint=text["Endpoint"],
        message_id=text["MessageId"],
        digest=text["Digest"],
        outcome=text["Outcome"],
        received_at=datetime.fromisoformat(text["ReceivedAt"]),
        decided_at=datetime.fromisoformat(text["DecidedAt"]),
        event_hash=text["EventHash"],
        sender=text.get("Sender", ""),
        document_id=text.get("DocumentId", ""),
        code=refused.get("Code", ""),
        detail=refused.get("Detail", ""),
        place=refused.get("Place", ""),
        retry_at=datetime.fromisoformat(text["RetryAt"]) if "RetryAt" in text else None,
        addressees=tuple(_receipt_addressees(root)),
        notified=tuple(e.text or "" for e in root.iterfind(f"{{{RECEIPT_NAMESPACE}}}Notified")),
        reason=text.get("Reason", ""),
        effects=tuple(_read_effect(e) for e in root.iterfind(f"{{{RECEIPT_NAMESPACE}}}Effect")),
    )


def read_note(octets: bytes, signer: x509.Certificate) -> DeliveryNote:
    """Verify a delivery note against the hub's certificate and read it; raises NotSealed."""
    root = opened(octets, signer, f"{{{NOTE_NAMESPACE}}}DeliveryNote")
    text = texts(root, NOTE_NAMESPACE)
    return DeliveryNote(
        note_id=text["NoteId"],
        hub=text["Hub"],
        digest=text["Digest"],
        size_bytes=int(text["SizeBytes"]),
        sender=text["Sender"],
        document_id=text["DocumentId"],
        lane=text["Lane"],
        accepted_at=datetime.fromisoformat(text["AcceptedAt"]),
        endpoints=tuple(
            NoteEndpoint(
                str(element.get("id")),
                int(element.get("sequence", "0")),
                tuple(
                    NoteAddressee(organ.text or "", organ.get("as", ""), organ.get("via", ""), organ.get("note", ""))
                    for organ in element
                ),
            )
            for element in root.iterfind(f"{{{NOTE_NAMESPACE}}}Endpoint")
        ),
    )


def read_notice(octets: bytes, signer: x509.Certificate) -> Notice:
    """Verify a notice against the hub's certificate and read it; raises NotSealed."""
    root = opened(octets, signer, f"{{{NOTICE_NAMESPACE}}}Notice")
    text = texts(root, NOTICE_NAMESPACE)
    return Notice(
        notice_id=text["NoticeId"],
        hub=text["Hub"],
        organ_id=text["OrganId"],
        document_id=text["DocumentId"],
        code=text["Code"],
        sender=text["Sender"],
        addressees=tuple(e.text or "" for e in root.iterfind(f"{{{NOTICE_NAMESPACE}}}Addressee")),
        accepted_at=datetime.fromisoformat(text["AcceptedAt"]),
        rule=text["Rule"],
        digest=text.get("Digest", ""),
    )


def _receipt_parts(receipt: Receipt) -> Iterator[str]:
    yield _RECEIPT % escape_texts(
        receipt.receipt_id,
        receipt.hub,
        receipt.endpoint,
        receipt.message_id,
        receipt.digest,
        receipt.outcome,
        receipt.received_at.isoformat(),
        receipt.decided_at.isoformat(),
        receipt.event_hash,
    )
    if receipt.sender:
        yield element("Sender", receipt.sender)
    if receipt.document_id:
        yield element("DocumentId", receipt.document_id)
    if receipt.code:
        yield "<Refusal>"
        yield element("Code", receipt.code)
        yield element("Detail", receipt.detail)
        yield element("Place", receipt.place)
        for language in LANGUAGES:
            text = escape_text(sentence(Reason(receipt.code), language, receipt.detail))
            yield f'<Sentence lang="{language}">{text}</Sentence>'
        yield "</Refusal>"
    if receipt.retry_at:
        yield element("RetryAt", receipt.retry_at.isoformat())
    for (endpoint, rule, state), group in groupby(receipt.addressees, _ROUTE_OF):
        yield _route(endpoint, rule, state)
        for one in group:
            yield _addressee(one.organ_id, one.addressed_as, one.via, one.note)
        yield "</Route>"
    for organ_id in receipt.notified:
        yield element("Notified", organ_id)
    yield from _effect_parts(receipt)
    yield "</Receipt>"


def _effect_parts(receipt: Receipt) -> Iterator[str]:
    if receipt.reason:
        yield element("Reason", receipt.reason)
    for effect in receipt.effects:
        yield _effect(effect)


def _receipt_addressees(root: etree._Element) -> Iterator[ReceiptAddressee]:
    for route in root.iterfind(f"{{{RECEIPT_NAMESPACE}}}Route"):
        for organ in route:
            yield ReceiptAddressee(
                organ_id=organ.text or "",
                endpoint=route.get("endpoint", ""),
                rule=route.get("rule", ""),
                state=route.get("state", ""),
                addressed_as=organ.get("as", ""),
                via=organ.get("via", ""),
                note=organ.get("note", ""),
            )


def _read_effect(element: etree._Element) -> Effect:
    return Effect(
        organ_id=element.text or "",
        act=element.get("act", ""),
        endpoint=element.get("endpoint", ""),
        document=element.get("document", ""),
        lane=element.get("lane", ""),
        sequence=int(element.get("sequence", "0")),
        code=element.get("code", ""),
        document_id=element.get("document-id", ""),
    )


def _note_parts(note: DeliveryNote) -> Iterator[str]:
    yield _NOTE % escape_texts(
        note.note_id,
        note.hub,
        note.digest,
        str(note.size_bytes),
        note.sender,
        note.document_id,
        note.lane,
        note.accepted_at.isoformat(),
    )
    for endpoint, sequence, addressees in note.endpoints:
        yield f'{_endpoint(endpoint)} sequence="{sequence}">'
        for one in addressees:
            yield _addressee(*one)
        yield "</Endpoint>"
    yield "</DeliveryNote>"


def _notice_parts(notice: Notice) -> Iterator[str]:
    yield _NOTICE % escape_texts(
        notice.notice_id, notice.hub, notice.organ_id, notice.document_id, notice.code, notice.sender
    )
    for organ_id in notice.addressees:
        yield element("Addressee", organ_id)
    yield element("AcceptedAt", notice.accepted_at.isoformat())
    yield element("Rule", notice.rule)
    if notice.digest:
        yield element("Digest", notice.digest)
    yield "</Notice>"


# The same agencies and routes stand in document after document.
@lru_cache(maxsize=8192)
def _addressee(organ_id: str, addressed_as: str, via: str, note: str) -> str:
    said = f"{attribute('as', addressed_as)}{attribute('note', note)}{attribute('via', via)}"
    return f"<OrganId{said}>{escape_text(organ_id)}</OrganId>"


@lru_cache(maxsize=8192)
def _route(endpoint: str, rule: str, state: str) -> str:
    return f"<Route{attribute('endpoint', endpoint)}{attribute('rule', rule)}{attribute('state', state)}>"


def _effect(effect: Effect) -> str:
    said = (
        f"{attribute('act', effect.act)}{attribute('code', effect.code)}{attribute('document', effect.document)}"
        # Not `id`: the same document's id stands in several effects, and an ID that repeats is refused in signed octets.
        f"{attribute('document-id', effect.document_id)}{attribute('endpoint', effect.endpoint)}"
        f"{attribute('lane', effect.lane)}"
    )
    return f'<Effect{said} sequence="{effect.sequence}">{escape_text(effect.organ_id)}</Effect>'


@lru_cache(maxsize=8192)
def _endpoint(endpoint: str) -> str:
    return f"<Endpoint{attribute('id', endpoint)}"
