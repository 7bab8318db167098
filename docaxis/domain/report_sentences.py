"""The hub's own words about a document, as a sentence for people: Vietnamese and English."""

import re
from collections.abc import Mapping
from datetime import datetime

from docaxis.domain.calendar import VIETNAM
from docaxis.domain.report import Report

_VIETNAMESE: Mapping[tuple[str, str], str] = {
    ("overdue", "receipt"): "Chưa nhận được phản hồi từ {organs} trước {due} đối với văn bản {document}.",
    ("overdue", "reply"): "Chưa nhận được văn bản trả lời hoặc trạng thái hoàn thành từ {organs} trước {due} "
    "đối với văn bản {document}.",
    (
        "reminder",
        "receipt",
    ): "Văn bản {document} của {sender} đã quá hạn phản hồi lúc {due}; đề nghị {organs} tiếp nhận "
    "và phản hồi trạng thái.",
    ("reminder", "reply"): "Văn bản {document} của {sender} có hạn trả lời lúc {due}; đề nghị {organs} trả lời "
    "hoặc cập nhật trạng thái hoàn thành.",
    ("expired", ""): "Văn bản {document} đã hết thời hạn lúc {due} khi {organs} chưa nhận về.",
    ("withdrawn", ""): "Văn bản {document} đã được lấy lại khi {organs} chưa đọc.",
    ("conflict", ""): "Văn bản {document} trùng mã hoặc số, ký hiệu với một văn bản khác của {sender}.",
}
_ENGLISH: Mapping[tuple[str, str], str] = {
    ("overdue", "receipt"): "No answer about document {document} was received from {organs} before {due}.",
    ("overdue", "reply"): "Neither a reply to document {document} nor the status finished was received from {organs} "
    "before {due}.",
    (
        "reminder",
        "receipt",
    ): "The answer about document {document} of {sender} was due at {due}; {organs} should take it in "
    "and report its status.",
    (
        "reminder",
        "reply",
    ): "The reply to document {document} of {sender} is due at {due}; {organs} should reply or report it as finished.",
    ("expired", ""): "Document {document} ended at {due} before {organs} had fetched it.",
    ("withdrawn", ""): "Document {document} was taken back before {organs} had read it.",
    ("conflict", ""): "Document {document} has the id or the number and notation of another document of {sender}.",
}
_GAP = re.compile(r"\{(\w+)\}")
_NOT_ATTRIBUTABLE = {
    "vi": "Trục liên thông không hoạt động trong phần lớn thời hạn nên không quy trách nhiệm cho cơ quan nhận.",
    "en": "The hub was away for a large part of the time, so this is not attributable to the addressees.",
}
_ORGANS_NAMED = 20
_AND_MORE = {"vi": "và {count} cơ quan khác", "en": "and {count} more"}


def report_sentence(report: Report, language: str) -> str:
    """Return what the report says; any language but `en` is answered in Vietnamese."""
    language = "en" if language == "en" else "vi"
    table = _ENGLISH if language == "en" else _VIETNAMESE
    text = table.get((report.kind, report.duty)) or table.get((report.kind, "")) or table[report.kind, "receipt"]
    facts = {
        "organs": _organs(report, language),
        "due": _moment(report.due_at or report.noticed_at, language),
        "sender": report.sender,
        "document": report.document_id,
    }
    # In one pass: a sender's id may hold braces, which a second one would take for a gap.
    text = _GAP.sub(lambda gap: facts[gap[1]], text)
    if any(not one.attributable for one in report.addressees):
        text = f"{text} {_NOT_ATTRIBUTABLE[language]}"
    return f"{text} {report.detail}" if report.detail else text


def _organs(report: Report, language: str) -> str:
    names = [one.organ_id for one in report.addressees]
    shown = ", ".join(names[:_ORGANS_NAMED])
    more = len(names) - _ORGANS_NAMED
    return f"{shown} {_AND_MORE[language].replace('{count}', str(more))}" if more > 0 else shown


def _moment(at: datetime, language: str) -> str:
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}" if language == "vi" else f"{local:%H:%M on %d %B %Y}"
