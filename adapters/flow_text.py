"""What came by the control queue, for people: Vietnamese first, then English; times are those of Vietnam."""

from collections.abc import Iterator
from datetime import datetime

from adapters.effect_text import act_text
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from docaxis.domain.calendar import VIETNAM
from docaxis.domain.envelope import BusinessDocType, Envelope, StatusEnvelope
from docaxis.domain.receipt import Receipt
from docaxis.domain.report import Report
from docaxis.domain.report_sentences import report_sentence
from docaxis.domain.status import NAMES, parse_status_code

_TITLES = {
    None: ("YÊU CẦU LẤY LẠI VĂN BẢN", "THE SENDER ASKS FOR THIS DOCUMENT BACK"),
    BusinessDocType.RECALL: ("VĂN BẢN BỊ THU HỒI", "THIS DOCUMENT IS RECALLED"),
    BusinessDocType.UPDATE: ("VĂN BẢN ĐƯỢC CẬP NHẬT", "THIS DOCUMENT IS UPDATED"),
    BusinessDocType.REPLACE: ("VĂN BẢN ĐƯỢC THAY THẾ", "THIS DOCUMENT IS REPLACED"),
}
_LEFT_OUT = ("VĂN BẢN KHÔNG CÒN GỬI CHO CƠ QUAN", "THIS DOCUMENT IS NOT FOR YOU ANY MORE")
_OTHER = ("VỀ MỘT VĂN BẢN ĐÃ GỬI", "ABOUT A DOCUMENT THAT WAS SENT")


def timeline_line(received: ReceivedStatus) -> str:
    """Return one line of `timeline.txt`: time at the hub, code, its name, who says it, in which words."""
    status = received.status
    code = parse_status_code(status.status_code)
    name = " / ".join(NAMES[code]) if code else ""
    said = f"“{_line(status.description)}”" if status.description else ""
    author = f"{status.sender.organ_id} {_line(status.sender.organ_name)}".rstrip()
    parts = (moment(received.receipt.decided_at), f"{status.status_code} {name}".rstrip(), author, said)
    return "  ".join(part for part in parts if part) + f"  [{received.receipt.receipt_id}]\n"


def withdrawn_line(received: ReceivedRecall) -> str:
    """Return one line of `withdrawn.txt`: a document that was taken back before it was written here."""
    parts = (
        moment(received.receipt.decided_at),
        _line(received.document_id),
        _line(received.receipt.sender),
        "đã được lấy lại khi chưa nhận / taken back before it was received",
        f"“{_line(received.reason)}”" if received.reason else "",
    )
    return "  ".join(part for part in parts if part) + f"  [{received.receipt.receipt_id}]\n"


def recall_text(received: ReceivedRecall, *, wants_answer: bool) -> str:
    """Return what happened and what a clerk has to do."""
    return "\n".join([*_in_vietnamese(received, wants_answer), "", *_in_english(received, wants_answer)]) + "\n"


def report_text(report: Report) -> str:
    """Return a report as text; the signed XML beside it is what counts."""
    lines = [
        report_sentence(report, "vi"),
        f"Trục ghi nhận lúc: {moment(report.noticed_at)}",
        *(f"  - {_line(f'{one.organ_id} {one.state} {one.cause}')}" for one in report.addressees),
        "",
        report_sentence(report, "en"),
        f"Noticed by the hub at: {moment(report.noticed_at)}",
        f"Report: {report.report_id}",
    ]
    return "\n".join(lines) + "\n"


def moment(at: datetime) -> str:
    """Return a moment as people in Vietnam write it, to the second."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} (+07)"


def _titles(received: ReceivedRecall) -> tuple[str, str]:
    package = received.package
    if package is None:
        replaced = any(one.act == "replaced" for one in received.effects)
        return _TITLES[BusinessDocType.REPLACE] if replaced else _LEFT_OUT
    if isinstance(package, StatusEnvelope):
        return _TITLES[None]
    return _TITLES.get(package.business.doc_type if package.business else None, _OTHER) if package.business else _OTHER


def _in_vietnamese(received: ReceivedRecall, wants_answer: bool) -> Iterator[str]:
    receipt = received.receipt
    yield _titles(received)[0]
    yield f"Văn bản: {_line(received.document_id)}"
    yield from (f"Thay thế văn bản: {_line(one)}" for one in _replaced(received))
    yield f"Cơ quan gửi: {_line(receipt.sender)}"
    if received.reason:
        yield f"Lý do: {_line(received.reason)}"
    yield f"Trục chấp nhận lúc: {moment(receipt.decided_at)}"
    yield from (f"  - {one.organ_id}: {act_text(one, 'vi')}" for one in received.effects)
    if wants_answer:
        yield "Việc cần làm: tìm văn bản trong inbox/ theo mã ở trên, rồi chuyển MỘT trong hai tệp sau vào outbox/:"
        yield "  - agree….status.toml: đồng ý (trạng thái 15); sau đó hủy văn bản trên hệ thống của cơ quan."
        yield "  - decline….status.toml: từ chối (trạng thái 16); ghi lý do vào mục reason trước khi chuyển."
    elif received.effects:
        yield "Chỉ để biết, không cần trả lời."
    yield f"Số biên nhận của trục: {receipt.receipt_id}"


def _in_english(received: ReceivedRecall, wants_answer: bool) -> Iterator[str]:
    receipt: Receipt = received.receipt
    yield _titles(received)[1]
    yield f"Document: {_line(received.document_id)}"
    yield from (f"Takes the place of: {_line(one)}" for one in _replaced(received))
    yield f"Sender: {_line(receipt.sender)}"
    if received.reason:
        yield f"Reason: {_line(received.reason)}"
    yield f"Accepted by the hub at: {moment(receipt.decided_at)}"
    yield from (f"  - {one.organ_id}: {act_text(one, 'en')}" for one in received.effects)
    if wants_answer:
        yield "To do: find the document in inbox/ by the id above, then move ONE of these two files into outbox/:"
        yield "  - agree….status.toml: you agree (status 15); then destroy the document on your system."
        yield "  - decline….status.toml: you decline (status 16); write the reason into it first."
    elif received.effects:
        yield "For your information, no answer is needed."
    yield f"Receipt of the hub: {receipt.receipt_id}"


def _replaced(received: ReceivedRecall) -> list[str]:
    package = received.package
    if not isinstance(package, Envelope) or package.business is None:
        return []
    return [one.document_id for one in package.business.replacements]


def _line(text: str) -> str:
    return " ".join(text.split())
