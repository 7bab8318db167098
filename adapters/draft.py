"""From a small TOML beside some files to an envelope: what a clerk must say about a document, and nothing else."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from adapters.draft_flow import KEYS as FLOW_KEYS
from adapters.draft_flow import FlowDraft, read_flow, with_flow
from adapters.draft_values import DraftError, day, names, read_values, text
from docaxis.domain.envelope import (
    Attachment,
    BlobReference,
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    SignerInfo,
)

PRIORITIES = {
    "thường": Priority.NORMAL,
    "khẩn": Priority.URGENT,
    "thượng khẩn": Priority.VERY_URGENT,
    "hỏa tốc": Priority.IMMEDIATE,
    "hỏa tốc hẹn giờ": Priority.IMMEDIATE_TIMED,
}
_TEXTS = (
    "number", "notation", "subject", "type_name", "type", "content", "place", "signer", "position", "competence",
    "document_id", "organ_name",
)  # fmt: skip
_KEYS = frozenset({*_TEXTS, "to", "files", "priority", "date", "due_date", *FLOW_KEYS})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the TOML says; files are plain names in the same folder, flow is what it does to an earlier document."""

    to: tuple[str, ...]
    files: tuple[str, ...]
    texts: Mapping[str, str]
    priority: Priority
    issued_on: date | None
    due_date: date | None
    flow: FlowDraft | None = None


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file to attach: its octets, or where they lie."""

    name: str
    content: bytes = b""
    blob: BlobReference | None = None


def read_draft(octets: bytes) -> Draft:
    """Read `name.toml`; raises DraftError naming the key."""
    values = read_values(octets, _KEYS)
    flow = read_flow(values)
    texts = {key: text(values, key) for key in _TEXTS if key in values}
    if not texts.get("subject") and not (flow and flow.subject):
        raise DraftError("subject", "thiếu trích yếu", "missing")
    files = names(values, "files", needed=flow is None or flow.needs_files)
    for name in files:
        if PurePath(name).name != name or "\\" in name or name in {".", ".."}:
            raise DraftError(
                "files", f"“{name}” không phải là tên tệp trong cùng thư mục", f"“{name}” is not a plain name"
            )
    return Draft(
        to=names(values, "to", needed=not (flow and flow.added)),
        files=files,
        texts=texts,
        priority=_priority(values.get("priority", 0)),
        issued_on=day(values, "date"),
        due_date=day(values, "due_date"),
        flow=flow,
    )


def envelope_of(draft: Draft, files: tuple[DraftFile, ...], organ_id: str, today: date, unique: str) -> Envelope:
    """Return the envelope of a draft; today stands in for a missing date, unique for a missing number.

    Raises DraftError for a flow that makes no sense.
    """
    texts, flow = draft.texts, draft.flow
    issued_on = draft.issued_on or today
    number, notation = texts.get("number", ""), texts.get("notation", "")
    # The field's own form of a document id; it makes a document that is sent twice by mistake recognisable.
    by_number = f"{organ_id},{issued_on:%Y/%m/%d},{number}/{notation}" if number else unique
    envelope = Envelope(
        MessageHeader(
            sender=Organization(organ_id, texts.get("organ_name", "")),
            to=tuple(Organization(one) for one in draft.to),
            document_id=texts.get("document_id") or (flow.own_id if flow else "") or by_number,
            subject=texts.get("subject") or (flow.subject if flow else ""),
            code=Code(number, notation),
            promulgation_info=PromulgationInfo(texts.get("place", ""), issued_on),
            document_type=DocumentType(texts.get("type", ""), "", texts.get("type_name", "")),
            content=texts.get("content", ""),
            signer_info=SignerInfo(texts.get("competence", ""), texts.get("position", ""), texts.get("signer", "")),
            due_date=draft.due_date,
            other_info=OtherInfo(draft.priority),
        ),
        attachments=tuple(
            Attachment(
                content_id=f"{unique}-{position}",
                attachment_name=unicodedata.normalize("NFC", file.name),
                content_type="application/pdf" if file.name.casefold().endswith(".pdf") else "application/octet-stream",
                content=file.content,
                blob=file.blob,
            )
            for position, file in enumerate(files, 1)
        ),
    )
    return with_flow(envelope, flow) if flow else envelope


def _priority(value: object) -> Priority:
    if isinstance(value, str) and (name := unicodedata.normalize("NFC", value).casefold()) in PRIORITIES:
        return PRIORITIES[name]
    if type(value) is int and value in set(Priority):
        return Priority(value)
    names = ", ".join(PRIORITIES)
    raise DraftError("priority", f"phải là 0 đến 4, hoặc {names}", f"0 to 4 expected, or {names}")
