"""From a clerk's `NAME.status.toml` to a signed status: who has taken, refused or finished what, or wants it back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from adapters.draft_values import DraftError, day, needed_text, read_values, text
from adapters.flows import FlowError, earlier_document
from adapters.sender_key import SenderKey
from adapters.statuses import signed_status
from docaxis.domain.envelope import Organization
from docaxis.domain.status import StatusCode

ENDING = ".status.toml"
_KEYS = frozenset(
    {"document_id", "code", "sender", "to", "reason", "organ_id", "organ_name", "document_code", "document_date"}
)


def read_status_draft(octets: bytes) -> Mapping[str, object]:
    """Read `NAME.status.toml`; raises DraftError naming the key."""
    values = read_values(octets, _KEYS)
    needed_text(values, "document_id")
    needed_text(values, "code")
    return values


def status_of_draft(values: Mapping[str, object], key: SenderKey, at: datetime) -> bytes:
    """Return the signed status; raises DraftError, ValueError for a character that XML does not allow."""
    mine = Organization(text(values, "organ_id") or key.organ_id, text(values, "organ_name"))
    # 3 and "3" mean 03: TOML knows no number with a zero before it.
    code = needed_text(values, "code").zfill(2)
    asks_back = code == StatusCode.RECALL_ASKED.written
    sender = mine.organ_id if asks_back else text(values, "sender")
    try:
        earlier = earlier_document(needed_text(values, "document_id"), sender)
        named = replace(
            earlier,
            code=text(values, "document_code") or earlier.code,
            promulgation_date=day(values, "document_date") or earlier.promulgation_date,
        )
        reason, addressee = text(values, "reason"), text(values, "to")
        return signed_status(key, code, named, mine, at, reason=reason, addressee=addressee)
    except FlowError as error:
        raise DraftError("code", error.vi, error.en) from None
