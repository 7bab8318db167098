"""Earlier documents as the store would tell of them, and what agencies say about them, without keys and databases."""

from datetime import date
from typing import cast
from uuid import UUID

from docaxis.backends.directory_files import shipped
from docaxis.domain.envelope import (
    Business,
    Code,
    Envelope,
    MessageHeader,
    Organization,
    ResponseFor,
    StatusEnvelope,
)
from docaxis.domain.status import StatusCode, mask_of
from docaxis.hub.flows import Recalling, Reported, read_order, read_report
from docaxis.hub.ports import KnownDelivery, KnownDocument
from docaxis.trust.certificate import Signer

TODAY = date(2026, 11, 20)
DIRECTORY, POLICY = shipped()
SIGNER = cast(Signer, None)
AUTHOR, DOCUMENT = "G22", "G22,2026/11/20,7/QĐ-TTg"
KEY = UUID(int=7)


def mask(*codes: int) -> int:
    """Return the mask of codes."""
    return mask_of(map(StatusCode, codes))


def copy_of(
    organ_id: str, state: str = "dispatched", *codes: int, fetched: bool = False, endpoint: str = "", sequence: int = 1
) -> KnownDelivery:
    """Return an addressee's copy; each has an endpoint of its own where none is named."""
    return KnownDelivery(
        organ_id, endpoint or f"e-{organ_id.lower()}", "normal", sequence, state, mask(*codes), is_fetched=fetched
    )


def document(*copies: KnownDelivery, state: str = "active", key: UUID = KEY, **options: bool) -> KnownDocument:
    """Return an earlier document of the author; the options are by_order and is_authors."""
    return KnownDocument(key, AUTHOR, DOCUMENT, "e-g22", state, 0, copies, **options)


def status(code: str, author: str = "H01", other: str = AUTHOR, document_id: str = DOCUMENT) -> Reported | Recalling:
    """Return a proven status, read as the hub reads it."""
    said = StatusEnvelope(Organization(author), ResponseFor(other, document_id=document_id), code, "vì thế")
    read = read_report(said, SIGNER, DIRECTORY, TODAY)
    assert isinstance(read, Reported | Recalling)
    return read


def paper(
    business: Business | None = None,
    *to: str,
    document_id: str = "G22,2026/11/21,8/QĐ-TTg",
    answers: tuple[ResponseFor, ...] = (),
    code: Code = Code("8", "QĐ-TTg"),  # noqa: B008 - frozen
) -> Envelope:
    """Return a later package of the author."""
    addressees = tuple(Organization(one) for one in to)
    header = MessageHeader(Organization(AUTHOR), addressees, document_id, "Về việc", code, response_for=answers)
    return Envelope(header, business=business)


def order(envelope: Envelope) -> Recalling:
    """Return a proven recall order, read as the hub reads it."""
    read = read_order(envelope, SIGNER, DIRECTORY, POLICY)
    assert isinstance(read, Recalling)
    return read
