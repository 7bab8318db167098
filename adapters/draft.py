"""From a small TOML beside some files to an envelope: what a clerk must say about a document, and nothing else."""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

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
_KEYS = frozenset({*_TEXTS, "to", "files", "priority", "date", "due_date"})


class DraftError(ValueError):
    """A draft that cannot be sent; vi and en say what to change, key names the place in the TOML."""

    def __init__(self, key: str, vi: str, en: str) -> None:
        super().__init__(f"{key}: {en}")
        self.key, self.vi, self.en = key, vi, en


@dataclass(frozen=True, slots=True)
class Draft:
    """What the TOML says; files are plain names in the same folder."""

    to: tuple[str, ...]
    files: tuple[str, ...]
    texts: Mapping[str, str]
    priority: Priority
    issued_on: date | None
    due_date: date | None


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file to attach: its octets, or where they lie."""

    name: str
    content: bytes = b""
    blob: BlobReference | None = None


def read_draft(octets: bytes) -> Draft:
    """Read `name.toml`; raises DraftError naming the key."""
    try:
        values = tomllib.loads(octets.decode("utf-8-sig"))
    except ValueError as error:
        raise DraftError("TOML", f"tệp không đọc được: {error}", f"cannot be read: {error}") from None
    for key in values:
        if key not in _KEYS:
            known = ", ".join(sorted(_KEYS))
            raise DraftError(key, f"mục không có trong mẫu; các mục có: {known}", f"unknown; known are {known}")
    texts = {key: _text(values, key) for key in _TEXTS if key in values}
    if not texts.get("subject"):
        raise DraftError("subject", "thiếu trích yếu", "missing")
    files = _names(values, "files")
    for name in files:
        if PurePath(name).name != name or "\\" in name or name in {".", ".."}:
            raise DraftError(
                "files", f"“{name}” không phải là tên tệp trong cùng thư mục", f"“{name}” is not a plain name"
            )
    return Draft(
        to=_names(values, "to"),
        files=files,
        texts=texts,
        priority=_priority(values.get("priority", 0)),
        issued_on=_day(values, "date"),
        due_date=_day(values, "due_date"),
    )


def envelope_of(draft: Draft, files: tuple[DraftFile, ...], organ_id: str, today: date, unique: str) -> Envelope:
    """Return the envelope of a draft; today stands in for a missing date, unique for a missing number."""
    texts = draft.texts
    issued_on = draft.issued_on or today
    number, notation = texts.get("number", ""), texts.get("notation", "")
    # The field's own form of a document id; it makes a document that is sent twice by mistake recognisable.
    by_number = f"{organ_id},{issued_on:%Y/%m/%d},{number}/{notation}" if number else unique
    return Envelope(
        MessageHeader(
            sender=Organization(organ_id, texts.get("organ_name", "")),
            to=tuple(Organization(one) for one in draft.to),
            document_id=texts.get("document_id", by_number),
            subject=texts["subject"],
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


def _text(values: Mapping[str, object], key: str) -> str:
    value = values[key]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise DraftError(key, "phải là chữ trong ngoặc kép", "a text expected")
    return unicodedata.normalize("NFC", value.strip())


def _names(values: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = values.get(key, [])
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise DraftError(key, 'phải là danh sách, ví dụ ["…"]', 'a list of texts expected, like ["…"]')
    return tuple(value)


def _priority(value: object) -> Priority:
    if isinstance(value, str) and (name := unicodedata.normalize("NFC", value).casefold()) in PRIORITIES:
        return PRIORITIES[name]
    if type(value) is int and value in set(Priority):
        return Priority(value)
    names = ", ".join(PRIORITIES)
    raise DraftError("priority", f"phải là 0 đến 4, hoặc {names}", f"0 to 4 expected, or {names}")


def _day(values: Mapping[str, object], key: str) -> date | None:
    value = values.get(key)
    if value is None or type(value) is date:
        return value
    raise DraftError(key, "phải là ngày, ví dụ 2026-11-22 (không có ngoặc kép)", "a date expected, like 2026-11-22")
