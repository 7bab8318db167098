"""What the hub says of itself as sealed XML, `urn:docaxis:report:1`; written and read as `trust.receipts` does."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast, get_args

from cryptography import x509

from docaxis.domain.report import Cause, Report, ReportAddressee, ReportKind
from docaxis.domain.report_sentences import report_sentence
from docaxis.trust.seal import Seal, escape_text
from docaxis.trust.sealed import LANGUAGES, NotSealed, attribute, element, opened, texts

REPORT_NAMESPACE = "urn:docaxis:report:1"
_UNATTRIBUTED = "false"


def write_report(report: Report, seal: Seal) -> bytes:
    """Return a report as signed XML."""
    return seal.sign("".join(_parts(report)))


def read_report(octets: bytes, signer: x509.Certificate) -> Report:
    """Verify a report against the hub's certificate and read it; raises NotSealed."""
    root = opened(octets, signer, f"{{{REPORT_NAMESPACE}}}Report")
    text = texts(root, REPORT_NAMESPACE)
    return Report(
        report_id=text["ReportId"],
        hub=text["Hub"],
        kind=_kind(text["Kind"]),
        sender=text["Sender"],
        document_id=text["DocumentId"],
        document=text["Document"],
        noticed_at=datetime.fromisoformat(text["NoticedAt"]),
        event_hash=text["EventHash"],
        addressees=tuple(
            ReportAddressee(
                organ_id=element.text or "",
                endpoint=element.get("endpoint", ""),
                state=element.get("state", ""),
                cause=_cause(element.get("cause", "")),
                attributable=element.get("attributable") != _UNATTRIBUTED,
            )
            for element in root.iterfind(f"{{{REPORT_NAMESPACE}}}Addressee")
        ),
        duty=text.get("Duty", ""),
        due_at=datetime.fromisoformat(text["DueAt"]) if "DueAt" in text else None,
        detail=text.get("Detail", ""),
    )


def _parts(report: Report) -> Iterator[str]:
    yield f'<Report xmlns="{REPORT_NAMESPACE}">'
    yield element("ReportId", report.report_id)
    yield element("Hub", report.hub)
    yield element("Kind", report.kind)
    yield element("Sender", report.sender)
    yield element("DocumentId", report.document_id)
    yield element("Document", report.document)
    if report.duty:
        yield element("Duty", report.duty)
    if report.due_at:
        yield element("DueAt", report.due_at.isoformat())
    yield element("NoticedAt", report.noticed_at.isoformat())
    yield element("EventHash", report.event_hash)
    for one in report.addressees:
        yield _addressee(one)
    if report.detail:
        yield element("Detail", report.detail)
    for language in LANGUAGES:
        yield f'<Sentence lang="{language}">{escape_text(report_sentence(report, language))}</Sentence>'
    yield "</Report>"


def _addressee(one: ReportAddressee) -> str:
    said = (
        f"{attribute('attributable', '' if one.attributable else _UNATTRIBUTED)}{attribute('cause', one.cause)}"
        f"{attribute('endpoint', one.endpoint)}{attribute('state', one.state)}"
    )
    return f"<Addressee{said}>{escape_text(one.organ_id)}</Addressee>"


def _kind(text: str) -> ReportKind:
    if text not in get_args(ReportKind):
        raise NotSealed(f"Kind: {text!r} is none that this version knows")
    return cast("ReportKind", text)


def _cause(text: str) -> Cause:
    if text not in get_args(Cause):
        raise NotSealed(f"cause: {text!r} is none that this version knows")
    return cast("Cause", text)
