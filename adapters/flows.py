"""What an agency says about a document that was sent before: status, reply, recall, update, replacement.

Every function is pure: values in, the values of a package out, unsigned; `write_status` and `write_envelope` make octets of
them, the sender's key signs. What the hub does with each package stands in docs/flows.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from docaxis.domain.envelope import (
    Business,
    BusinessDocType,
    Envelope,
    Organization,
    Receiver,
    ReplacementInfo,
    ResponseFor,
    StaffInfo,
    StatusEnvelope,
)
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.status import NAMES, StatusCode
from docaxis.edxml.fields import parse_day

RECALL_SUFFIX = "/TH"
"""Behind the recalled document's id: a recall is a document of its own (TH: thu hồi) and needs an id of its own."""
NEEDS_REASON = frozenset({StatusCode.REFUSED, StatusCode.RECALL_ASKED})
_AXIS_ID = re.compile(r"([^,]+),([0-9]{4}/[0-9]{2}/[0-9]{2}),([^,]+/[^,]+)")
_REMOVED, _ADDED = "0", "1"
_YES, _NO = "1", "0"


class FlowError(ValueError):
    """A package that the hub would refuse, or nobody could understand; vi and en say what to change."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


def earlier_document(document_id: str, sender: str = "", original: Envelope | None = None) -> ResponseFor:
    """Return how an earlier document is named: its sender, number, day and id.

    Of the original package where there is one, else as far as an id of the form `G22,2026/01/05,12/QĐ-TTg` tells them.
    Raises FlowError when the package is another one, or the sender cannot be told.
    """
    if original is not None:
        return _of_original(original, document_id, sender)
    found = _AXIS_ID.fullmatch(document_id)
    organ_id = parse_organ_id(sender or (found[1] if found else ""))
    if organ_id is None:
        raise FlowError(
            f"không biết cơ quan gửi của văn bản “{document_id}”: hãy ghi mã cơ quan",
            f"the sender of document “{document_id}” cannot be told from its id: name the agency",
        )
    return ResponseFor(organ_id, found[3] if found else "", parse_day(found[2]) if found else None, document_id)


def status_of(
    earlier: ResponseFor,
    code: StatusCode,
    mine: Organization,
    at: datetime,
    *,
    reason: str = "",
    addressee: str = "",
    staff: StaffInfo | None = None,
) -> StatusEnvelope:
    """Return the status that `mine` reports: to the document's sender, or with code 13 the sender's to one addressee.

    Without a reason the description is what the code is called. Raises FlowError where a reason or the addressee is missing,
    and for a code that this side of the exchange does not say.
    """
    asks_back = code is StatusCode.RECALL_ASKED
    if asks_back != bool(addressee):
        raise FlowError(
            "trạng thái 13 cần và chỉ trạng thái 13 có nơi nhận", "status 13, and no other, names an addressee"
        )
    if asks_back != (mine.organ_id == earlier.organ_id):
        raise FlowError(
            f"trạng thái {code.written}: cơ quan {mine.organ_id} không ở phía gửi trạng thái này",
            f"status {code.written} is said by {'the sender' if asks_back else 'an addressee'} of the document, "
            f"which {mine.organ_id} is not",
        )
    if code in NEEDS_REASON and not reason:
        raise FlowError(f"trạng thái {code.written} phải kèm lý do", f"status {code.written} needs a reason")
    called = NAMES[code][0]
    return StatusEnvelope(
        sender=mine,
        response_for=replace(earlier, organ_id=addressee) if asks_back else earlier,
        status_code=code.written,
        description=reason or called[0].upper() + called[1:],
        timestamp=at.replace(microsecond=0),
        staff=staff,
    )


def replying(reply: Envelope, earlier: ResponseFor) -> Envelope:
    """Return a document as the answer to an earlier one, whose sender is added to the addressees where it is missing."""
    header = reply.header
    others = tuple(one for one in header.response_for if one.document_id != earlier.document_id)
    to = _with(header.to, (earlier.organ_id,))
    return replace(reply, header=replace(header, to=to, response_for=(*others, earlier)))


def recalling(original: Envelope, reason: str, *, document_id: str = "", staff: StaffInfo | None = None) -> Envelope:
    """Return the recall of a document from all who had it: its header again, without files and without a day to answer by.

    The recall's own id is the document's with `/TH` behind it, unless another is given. Raises FlowError.
    """
    earlier = earlier_document(original.header.document_id, original=original)
    own_id = document_id or earlier.document_id + RECALL_SUFFIX
    _check_own_id(own_id, earlier.document_id)
    if not reason:
        raise FlowError("thu hồi phải kèm lý do", "a recall needs a reason")
    header = replace(original.header, document_id=own_id, due_date=None, response_for=(earlier,))
    business = Business(BusinessDocType.RECALL, earlier.document_id, reason, staff=staff)
    return Envelope(header, business=business)


def updating(
    new: Envelope,
    updated: str,
    *,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
    reason: str = "",
    staff: StaffInfo | None = None,
) -> Envelope:
    """Return a document as the update of the one with id `updated`.

    Added agencies stand among the addressees too, since the hub routes by them; removed ones only in the list of changes.
    Raises FlowError for an id that is the updated document's, and when nobody is left to send it to.
    """
    _check_own_id(new.header.document_id, updated)
    both = set(added) & set(removed)
    if both:
        raise FlowError(f"{min(both)} vừa thêm vừa bỏ", f"{min(both)} is both added and removed")
    to = tuple(one for one in _with(new.header.to, added) if one.organ_id not in removed)
    if not to:
        raise FlowError("không còn nơi nhận nào", "no addressee is left")
    changes = (*(Receiver(one, _REMOVED) for one in removed), *(Receiver(one, _ADDED) for one in added))
    business = replace(
        new.business or Business(),
        doc_type=BusinessDocType.UPDATE,
        document_id=updated,
        reason=reason,
        document_info=_YES if new.attachments else _NO,
        document_receiver=_YES if changes else _NO,
        receivers=changes,
        staff=staff or (new.business.staff if new.business else None),
    )
    return replace(new, header=replace(new.header, to=to), business=business)


def replacing(
    new: Envelope, replaced: Sequence[ReplacementInfo], *, reason: str = "", staff: StaffInfo | None = None
) -> Envelope:
    """Return a document that takes the place of earlier ones, each with those who had received it; raises FlowError."""
    if not replaced:
        raise FlowError("chưa nêu văn bản được thay thế", "no replaced document is named")
    for one in replaced:
        _check_own_id(new.header.document_id, one.document_id)
    business = replace(
        new.business or Business(),
        doc_type=BusinessDocType.REPLACE,
        reason=reason,
        replacements=tuple(replaced),
        staff=staff or (new.business.staff if new.business else None),
    )
    return replace(new, business=business)


def replaced_document(document_id: str, original: Envelope | None = None) -> ReplacementInfo:
    """Return how a replaced document is named, its addressees too where its package is at hand; raises FlowError."""
    if original is None:
        return ReplacementInfo(document_id)
    earlier_document(document_id, original=original)
    return ReplacementInfo(document_id, tuple(one.organ_id for one in original.header.to))


def _of_original(original: Envelope, document_id: str, sender: str) -> ResponseFor:
    header = original.header
    if header.document_id != document_id or (sender and parse_organ_id(sender) != header.sender.organ_id):
        raise FlowError(
            f"gói tin gốc là văn bản “{header.document_id}” của {header.sender.organ_id}",
            f"the original package is document “{header.document_id}” of {header.sender.organ_id}",
        )
    code = "/".join(part for part in (header.code.code_number, header.code.code_notation) if part)
    return ResponseFor(header.sender.organ_id, code, header.promulgation_info.promulgation_date, document_id)


def _with(to: tuple[Organization, ...], organ_ids: Sequence[str]) -> tuple[Organization, ...]:
    there = {one.organ_id for one in to}
    return (*to, *(Organization(one) for one in dict.fromkeys(organ_ids) if one not in there))


def _check_own_id(own: str, earlier: str) -> None:
    if own == earlier:
        raise FlowError(
            f"văn bản mới phải có mã định danh riêng, khác “{earlier}”",
            f"the new package needs a document id of its own, other than “{earlier}”",
        )
