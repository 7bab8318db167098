"""The columns of an exported list: what every file of it holds, with values and not with words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from docaxis.domain.envelope import Priority
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.lists import ReceivedRow, SentRow
from docaxis.web.words import mark as _

ROWS_MOST = 10_000
"""Rows of one file; the page says so."""

Value = str | int | date | datetime | None
Row = TypeVar("Row", SentRow, ReceivedRow)


@dataclass(frozen=True, slots=True)
class ExportColumn(Generic[Row]):
    """A column: its key in JSON, its head (a text of the catalogues), a row's value, its width in millimetres (0: no PDF)."""

    key: str
    head: str
    value: Callable[[Row], Value]
    width_mm: float = 0


def _number(document: DocumentView) -> str:
    return "/".join(filter(None, (document.code_number, document.code_notation))) or document.document_id


def _standing(row: ReceivedRow) -> str:
    return row.status.written if row.status is not None else ""


def _recall(row: ReceivedRow) -> str:
    return row.recall.written if row.recall is not None else ""


SENT_COLUMNS: Sequence[ExportColumn[SentRow]] = (
    ExportColumn("number", _("Số, ký hiệu"), lambda row: _number(row.document), 40),
    ExportColumn("subject", _("Trích yếu"), lambda row: row.document.subject, 107),
    ExportColumn("urgency", _("Độ khẩn (0 đến 4)"), lambda row: int(Priority(row.document.priority)), 18),
    ExportColumn("sent_at", _("Đã gửi lúc"), lambda row: row.document.accepted_at, 30),
    ExportColumn("addressees", _("Nơi nhận"), lambda row: row.standing.addressees, 18),
    ExportColumn("accepted", _("Đã tiếp nhận"), lambda row: row.standing.accepted, 18),
    ExportColumn("overdue", _("Quá hạn"), lambda row: row.standing.overdue, 18),
    ExportColumn("refused", _("Từ chối"), lambda row: row.standing.refused, 18),
    ExportColumn("waiting", _("Chờ đường truyền"), lambda row: row.standing.waiting),
    ExportColumn("due_at", _("Hạn tiếp nhận"), lambda row: row.standing.due_at),
    ExportColumn("type", _("Loại"), lambda row: row.document.type_name),
    ExportColumn("promulgated_on", _("Ngày ban hành"), lambda row: row.document.promulgated_on),
    ExportColumn("reply_by", _("Hạn trả lời"), lambda row: row.document.due_on),
    ExportColumn("document_id", _("Mã văn bản"), lambda row: row.document.document_id),
)
RECEIVED_COLUMNS: Sequence[ExportColumn[ReceivedRow]] = (
    ExportColumn("number", _("Số, ký hiệu"), lambda row: _number(row.document), 40),
    ExportColumn("subject", _("Trích yếu"), lambda row: row.document.subject, 113),
    ExportColumn("urgency", _("Độ khẩn (0 đến 4)"), lambda row: int(Priority(row.document.priority)), 18),
    ExportColumn("sender", _("Nơi gửi (mã)"), lambda row: row.document.sender, 30),
    ExportColumn("received_at", _("Đến lúc"), lambda row: row.document.accepted_at, 30),
    ExportColumn("status", _("Trạng thái"), _standing, 18),
    ExportColumn("recall", _("Thu hồi"), _recall),
    ExportColumn("due_at", _("Hạn tiếp nhận"), lambda row: row.due_at),
    ExportColumn("late", _("Quá hạn"), lambda row: int(row.is_late), 18),
    ExportColumn("type", _("Loại"), lambda row: row.document.type_name),
    ExportColumn("promulgated_on", _("Ngày ban hành"), lambda row: row.document.promulgated_on),
    ExportColumn("reply_by", _("Hạn trả lời"), lambda row: row.document.due_on),
    ExportColumn("document_id", _("Mã văn bản"), lambda row: row.document.document_id),
)
