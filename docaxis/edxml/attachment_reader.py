"""The attachments of a package: manifest and encoded part must tell the same; inline octets or a blob reference."""

import re

from lxml import etree

from docaxis.domain.envelope import Attachment, BlobReference
from docaxis.domain.verdict import Reason
from docaxis.edxml import base64_text
from docaxis.edxml.fields import Fields, read_text, refuse, show
from docaxis.edxml.limits import Limits
from docaxis.edxml.names import BLOB

BLOB_REFERENCE = f"{{{BLOB}}}BlobReference"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SIZE = re.compile(r"[1-9][0-9]{0,14}")


def read_attachments(package: Fields, limits: Limits) -> tuple[Attachment, ...]:
    """Read all attachments in the order of the manifest, from the fields of the root; raises RefusedError.

    Errors: PKG.MANIFEST_MISMATCH, ATTACHMENT_DAMAGED, ATTACHMENT_TOO_LARGE_INLINE, LIMIT_EXCEEDED, VALUE.
    """
    body = package.must("edXMLEnvelope").group("edXMLBody")
    manifest = body.group("edXMLManifest") if body is not None else None
    encoded = package.group("AttachmentEncoded")
    references = manifest.all("Reference") if manifest is not None else []
    inline = encoded.all("Attachment") if encoded is not None else []
    if max(len(references), len(inline)) > limits.attachments:
        raise refuse(Reason.PKG_LIMIT_EXCEEDED, f"attachments > {limits.attachments}", package.element)
    contents = _index(inline)
    read = tuple(
        _read_one(content_id, reference, contents.pop(content_id, None), limits)
        for content_id, reference in _index(references).items()
    )
    for content_id, attachment in contents.items():
        detail = f"“{show(content_id)}”: Attachment, no Reference"
        raise refuse(Reason.PKG_MANIFEST_MISMATCH, detail, attachment.element)
    return read


def _index(elements: list[etree._Element]) -> dict[str, Fields]:
    """Return elements by ContentId without `cid:`: one builder of the field writes it in the manifest only."""
    found: dict[str, Fields] = {}
    for element in elements:
        fields = Fields(element)
        content_id = fields.required("ContentId", 255).removeprefix("cid:")
        if content_id in found or not content_id:
            raise refuse(Reason.PKG_MANIFEST_MISMATCH, f"ContentId “{show(content_id)}”: 2 > 1", element)
        found[content_id] = fields
    return found


def _read_one(content_id: str, reference: Fields, inline: Fields | None, limits: Limits) -> Attachment:
    blob = next(reference.element.iterchildren(BLOB_REFERENCE), None)
    if blob is not None and inline is not None:
        detail = f"“{show(content_id)}”: BlobReference, Attachment"
        raise refuse(Reason.PKG_MANIFEST_MISMATCH, detail, inline.element)
    if blob is None and inline is None:
        detail = f"“{show(content_id)}”: Reference, no Attachment"
        raise refuse(Reason.PKG_MANIFEST_MISMATCH, detail, reference.element)
    own = inline if inline is not None else reference
    name = own.text("AttachmentName", 500) or reference.text("AttachmentName", 500)
    if not name:
        raise refuse(Reason.PKG_VALUE, "AttachmentName: empty", own.element)
    return Attachment(
        content_id=content_id,
        attachment_name=name,
        content_type=own.text("ContentType", 255) or reference.text("ContentType", 255),
        description=own.text("Description") or reference.text("Description"),
        content=_read_content(inline, name, limits) if inline is not None else b"",
        blob=_read_blob(blob) if blob is not None else None,
    )


def _read_content(attachment: Fields, name: str, limits: Limits) -> bytes:
    element = attachment.must("ContentTransferEncoded").element
    content = base64_text.decode(read_text(element, limits.text_bytes))
    if not content:
        raise refuse(Reason.PKG_ATTACHMENT_DAMAGED, f"“{show(name)}”: base64", element)
    if len(content) > limits.inline_attachment_bytes:
        detail = f"“{show(name)}”: {len(content)} > {limits.inline_attachment_bytes} bytes"
        raise refuse(Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE, detail, element)
    return content


def _read_blob(element: etree._Element) -> BlobReference:
    digest, size = element.get("digest", ""), element.get("sizeBytes", "")
    if not _DIGEST.fullmatch(digest):
        raise refuse(Reason.PKG_VALUE, f"digest “{show(digest)}”: sha256:<64 hex>", element)
    if not _SIZE.fullmatch(size):
        raise refuse(Reason.PKG_VALUE, f"sizeBytes “{show(size)}”: 1…", element)
    return BlobReference(digest, int(size))
