"""The nine status codes and what they make of one addressee's copy: any order of arrival ends in the same state.

The state is the set of codes seen, as a bit mask; what people call *the* status is derived from it. So a status that comes
late, twice or before its time never spoils the state: it is recorded, and applied only where it changes what is derived.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple


class StatusCode(IntEnum):
    """Trạng thái (QCVN 102:2016, `StatusCode`): 01 to 06 and 15, 16 by the addressee, 13 by the document's sender."""

    ARRIVED = 1
    REFUSED = 2
    ACCEPTED = 3
    ASSIGNED = 4
    PROCESSING = 5
    FINISHED = 6
    RECALL_ASKED = 13
    AGREED = 15
    DECLINED = 16

    @property
    def written(self) -> str:
        """Return the two digits of the wire."""
        return f"{self:02d}"


BUSINESS = (
    StatusCode.ARRIVED,
    StatusCode.REFUSED,
    StatusCode.ACCEPTED,
    StatusCode.ASSIGNED,
    StatusCode.PROCESSING,
    StatusCode.FINISHED,
)
"""The band of work, each outweighing those before it: a skip forward is allowed, and who refused may still accept."""

RECALL = (StatusCode.RECALL_ASKED, StatusCode.DECLINED, StatusCode.AGREED)
"""The band of taking back, in the same order: consent cannot be taken back, since the document is destroyed by then."""

NAMES = {
    StatusCode.ARRIVED: ("đã đến", "arrived"),
    StatusCode.REFUSED: ("từ chối tiếp nhận", "refused"),
    StatusCode.ACCEPTED: ("đã tiếp nhận", "accepted"),
    StatusCode.ASSIGNED: ("phân công xử lý", "assigned"),
    StatusCode.PROCESSING: ("đang xử lý", "in work"),
    StatusCode.FINISHED: ("hoàn thành", "finished"),
    StatusCode.RECALL_ASKED: ("yêu cầu lấy lại", "recall asked"),
    StatusCode.AGREED: ("đồng ý cập nhật, lấy lại", "agreed"),
    StatusCode.DECLINED: ("từ chối cập nhật, lấy lại", "declined"),
}
"""What each code is called, in Vietnamese and in English."""


_MASKS_KEPT = 4096
"""There are 512 masks, and the same few come again and again."""


def bit(code: StatusCode) -> int:
    """Return the code's bit in a mask."""
    return 1 << (code - 1)


def mask_of(codes: Iterable[StatusCode]) -> int:
    """Return the mask of some codes."""
    mask = 0
    for code in codes:
        mask |= bit(code)
    return mask


ANSWERED = mask_of(BUSINESS)
"""Any of these fulfils the duty to tell the sender on the same day."""


class Step(NamedTuple):
    """The state after a status, and whether that status changed what is derived from it."""

    statuses: int
    applied: bool


def parse_status_code(text: str) -> StatusCode | None:
    """Return the code that two digits mean, None for those that mean nothing."""
    return _WRITTEN.get(text)


@lru_cache(_MASKS_KEPT)
def advance(statuses: int, code: StatusCode) -> Step:
    """Return the state after a status; a repeat or a regression leaves the derived state as it was."""
    after = statuses | bit(code)
    band = BUSINESS if code in BUSINESS else RECALL
    return Step(after, applied=_furthest(after, band) is not _furthest(statuses, band))


@lru_cache(_MASKS_KEPT)
def business(statuses: int) -> StatusCode | None:
    """Return the furthest status of the work, None before the first."""
    return _furthest(statuses, BUSINESS)


@lru_cache(_MASKS_KEPT)
def recall(statuses: int) -> StatusCode | None:
    """Return how far taking it back (or an update) has come, None where nobody asked or answered."""
    return _furthest(statuses, RECALL)


def is_recall_asked(statuses: int) -> bool:
    """Whether the sender has asked for it back."""
    return bool(statuses & _ASKED)


def is_taken_back(statuses: int) -> bool:
    """Whether the sender has asked for it back and the addressee has agreed."""
    return is_recall_asked(statuses) and bool(statuses & bit(StatusCode.AGREED))


def is_answered(statuses: int) -> bool:
    """Whether the addressee has told the sender anything of it."""
    return bool(statuses & ANSWERED)


def is_finished(statuses: int) -> bool:
    """Whether nothing more is to be expected of the addressee: done, refused, or given back."""
    return business(statuses) in {StatusCode.REFUSED, StatusCode.FINISHED} or is_taken_back(statuses)


def _furthest(statuses: int, band: tuple[StatusCode, ...]) -> StatusCode | None:
    return next((code for code in reversed(band) if statuses & bit(code)), None)


_ASKED = bit(StatusCode.RECALL_ASKED)
_WRITTEN = {code.written: code for code in StatusCode}
