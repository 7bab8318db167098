"""From a letter that was typed in to the envelope that is sealed: pure, apart from the octets of its files."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.flows import FlowError, replacing, replying, updating
from adapters.planning import large_files
from docaxis.domain.envelope import (
    Attachment,
    BlobReference,
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    OtherInfo,
    PromulgationInfo,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
)
from docaxis.hub.views.documents import DocumentView
from docaxis.web.desk import DeskError, Letter, LetterFile


@dataclass(frozen=True, slots=True)
class Earlier:
    """A document that a letter speaks of, and the agencies that were sent it."""

    document: DocumentView
    addressees: tuple[str, ...]


def by_reference(files: Sequence[LetterFile]) -> frozenset[int]:
    """Return the positions of the files that do not fit into the package."""
    sizes = {str(position): file.size_bytes for position, file in enumerate(files)}
    return frozenset(int(position) for position in large_files(tuple(sizes), sizes))


def attachment(position: int, file: LetterFile, unique: str, content: bytes | None) -> Attachment:
    """Return a file as the package names it; without content it goes by reference."""
    return Attachment(
        content_id=f"{unique}-{position + 1}",
        attachment_name=unicodedata.normalize("NFC", file.name),
        content_type=file.content_type,
        content=content or b"",
        blob=BlobReference(file.digest, file.size_bytes) if content is None else None,
    )


def envelope_of(letter: Letter, name: str, attachments: Sequence[Attachment], earlier: Sequence[Earlier]) -> Envelope:
    """Return the envelope of a letter of the agency called `name`; raises DeskError for a flow that makes no sense."""
    plain = Envelope(
        MessageHeader(
            sender=Organization(letter.sender, name),
            to=tuple(Organization(one) for one in letter.to),
            document_id=_document_id(letter),
            subject=letter.subject,
            code=Code(letter.number, letter.notation),
            promulgation_info=PromulgationInfo(letter.place, letter.promulgated_on),
            document_type=DocumentType(letter.type_code, "", letter.type_name),
            content=letter.content,
            signer_info=SignerInfo("", letter.signer_position, letter.signer_name),
            due_date=letter.due_on,
            other_info=OtherInfo(letter.priority),
        ),
        attachments=tuple(attachments),
    )
    try:
        return _with_flow(plain, letter, earlier)
    except FlowError as error:
        raise DeskError(error.vi, error.en) from None


def response_to(document: DocumentView) -> ResponseFor:
    """Return how an accepted document is named by those that speak of it."""
    code = "/".join(part for part in (document.code_number, document.code_notation) if part)
    return ResponseFor(document.sender, code, document.promulgated_on, document.document_id)


def _document_id(letter: Letter) -> str:
    """Return an id in the field's own form, so that a document sent twice by mistake is recognised.

    The letter's own word stands in for a missing number. An update repeats the number of the document that it changes and
    needs an id of its own (CN: cập nhật). Nothing here depends on the moment: a second try must make the same id.
    """
    if not letter.number:
        return letter.unique
    plain = f"{letter.sender},{letter.promulgated_on:%Y/%m/%d},{letter.number}/{letter.notation}"
    return f"{plain}/CN-{letter.unique[:16]}" if letter.kind == "update" else plain


def _with_flow(plain: Envelope, letter: Letter, earlier: Sequence[Earlier]) -> Envelope:
    if letter.kind == "new":
        return plain
    if not earlier:
        raise DeskError("chưa chọn văn bản trước đó", "no earlier document is chosen")
    if letter.kind == "reply":
        for one in earlier:
            plain = replying(plain, response_to(one.document))
        return plain
    if any(one.document.sender != letter.sender for one in earlier):
        raise DeskError("chỉ cơ quan gửi mới cập nhật, thay thế được văn bản", "only the sender may change a document")
    if letter.kind == "update":
        held = earlier[0]
        added = [one for one in letter.to if one not in held.addressees]
        document_id = held.document.document_id
        return updating(plain, document_id, added=added, removed=letter.removed, reason=letter.reason)
    replaced = [ReplacementInfo(one.document.document_id, one.addressees) for one in earlier]
    return replacing(plain, replaced, reason=letter.reason)
