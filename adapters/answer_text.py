"""The hub's answer for people: Vietnamese first, then English; times are those of Vietnam."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from adapters.job import Refusal
from docaxis.domain.receipt import Receipt
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason

_VIETNAM = timezone(timedelta(hours=7))
_OUTCOMES = {
    "accepted": ("ĐÃ CHẤP NHẬN", "ACCEPTED"),
    "rejected": ("BỊ TỪ CHỐI", "REJECTED"),
    "deferred": ("TẠM HOÃN, trục sẽ tự xét lại", "DEFERRED, the hub will decide again by itself"),
}


def receipt_text(receipt: Receipt) -> str:
    """Return a receipt as text; the signed XML beside it is what counts."""
    return "\n".join([*_in_vietnamese(receipt), "", *_in_english(receipt)]) + "\n"


def refusal_of_receipt(receipt: Receipt) -> Refusal:
    """Return why the hub refused or deferred, in both languages."""
    vi, en = (_sentence(receipt.code, language, receipt.detail) for language in ("vi", "en"))
    return Refusal(receipt.code, vi, en, receipt.place)


def reason_text(refusal: Refusal, *, by_hub: bool) -> str:
    """Return the reason of a refusal as text."""
    lines = [
        "Trục liên thông không nhận văn bản này." if by_hub else "Văn bản chưa được gửi đi.",
        refusal.vi,
        "",
        "The hub did not take this document." if by_hub else "The document was not sent.",
        refusal.en,
        "",
        f"Mã / code: {refusal.code}",
    ]
    if refusal.place:
        lines.append(f"Vị trí / place: {refusal.place}")
    return "\n".join(lines) + "\n"


def _in_vietnamese(receipt: Receipt) -> Iterator[str]:
    yield "BIÊN NHẬN CỦA TRỤC LIÊN THÔNG VĂN BẢN"
    yield f"Kết quả: {_OUTCOMES.get(receipt.outcome, (receipt.outcome, ''))[0]}"
    yield f"Văn bản: {receipt.document_id}"
    yield f"Cơ quan gửi: {receipt.sender}"
    yield f"Trục nhận lúc: {_moment(receipt.received_at)}"
    yield f"Quyết định lúc: {_moment(receipt.decided_at)}"
    if receipt.code:
        yield f"Lý do: {_sentence(receipt.code, 'vi', receipt.detail)} ({receipt.code})"
    if receipt.place:
        yield f"Vị trí: {receipt.place}"
    if receipt.retry_at:
        yield f"Xét lại lúc: {_moment(receipt.retry_at)}"
    if receipt.addressees:
        yield "Nơi nhận:"
        yield from _addressees(receipt, "ghi là", "qua")
    yield f"Số biên nhận: {receipt.receipt_id}"
    yield f"Mã băm gói tin: {receipt.digest}"


def _in_english(receipt: Receipt) -> Iterator[str]:
    yield "RECEIPT OF THE DOCUMENT AXIS"
    yield f"Outcome: {_OUTCOMES.get(receipt.outcome, ('', receipt.outcome))[1]}"
    yield f"Document: {receipt.document_id}"
    yield f"Sender: {receipt.sender}"
    yield f"Received by the hub at: {_moment(receipt.received_at)}"
    yield f"Decided at: {_moment(receipt.decided_at)}"
    if receipt.code:
        yield f"Reason: {_sentence(receipt.code, 'en', receipt.detail)} ({receipt.code})"
    if receipt.place:
        yield f"Place: {receipt.place}"
    if receipt.retry_at:
        yield f"Decided again at: {_moment(receipt.retry_at)}"
    if receipt.addressees:
        yield "Addressees:"
        yield from _addressees(receipt, "written as", "by")
    yield f"Receipt: {receipt.receipt_id}"
    yield f"Digest of the package: {receipt.digest}"


def _addressees(receipt: Receipt, written_as: str, by: str) -> Iterator[str]:
    for one in receipt.addressees:
        parts = [one.organ_id]
        if one.addressed_as and one.addressed_as != one.organ_id:
            parts.append(f"{written_as} {one.addressed_as}")
        if one.via:
            parts.append(f"{by} {one.via}")
        if one.note:
            parts.append(one.note)
        yield "  - " + "; ".join(parts)


def _sentence(code: str, language: str, detail: str) -> str:
    try:
        return sentence(Reason(code), language, detail)
    except ValueError:
        return detail  # a newer hub knows codes that we do not


def _moment(at: datetime) -> str:
    return f"{at.astimezone(_VIETNAM):%d/%m/%Y %H:%M:%S} (+07)"
