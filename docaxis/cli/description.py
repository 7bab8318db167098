"""All that a package says, as plain values and as lines for people; the answer of `package show`."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from docaxis.cli.plain import to_plain
from docaxis.domain.envelope import Attachment, Envelope, StatusEnvelope
from docaxis.domain.sniff import sniff
from docaxis.domain.verdict import Place, Rejection
from docaxis.edxml import attachments, reader, safety
from docaxis.trust import xmldsig
from docaxis.trust.certificate import fingerprint_of


def describe(body: bytes) -> dict[str, Any] | Rejection:
    """Return a document or status package as plain values, or why it cannot be read; whether to believe it is not asked."""
    parsed = safety.parse(body)
    if isinstance(parsed, Rejection):
        return parsed
    envelope = reader.read_envelope(parsed)
    if isinstance(envelope, Rejection):
        return envelope
    about = {"digest": parsed.digest, "size_bytes": len(body), "signature": _describe_signature(parsed)}
    if isinstance(envelope, StatusEnvelope):
        return {"kind": "status", **about, "status": to_plain(envelope)}
    return {"kind": "document", **about, **_describe_document(envelope)}


def describe_refusal(refusal: Rejection) -> dict[str, Any]:
    """Return a refusal as plain values."""
    return {"code": refusal.code.value, "detail": refusal.detail, "at": describe_place(refusal.at)}


def describe_place(place: Place) -> dict[str, Any] | None:
    """Return a place as plain values, None for the package as a whole."""
    return {"path": place.path, "line": place.line} if place.path or place.line else None


def lines(about: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield names and values of a description for people, nested ones by their path."""
    for name, value in about.items():
        if name in {"attachments", "kind"}:
            continue
        yield from _flat(name if name != "header" else "", value)


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _flat(f"{name}.{key}" if name else key, held)
    elif isinstance(value, list):
        for position, held in enumerate(value, start=1):
            yield from _flat(f"{name}[{position}]", held)
    else:
        yield name, value


def _describe_document(envelope: Envelope) -> dict[str, Any]:
    return {
        "header": to_plain(envelope.header),
        "trace_headers": to_plain(envelope.trace_headers),
        "business": to_plain(envelope.business),
        "attachments": [_describe_attachment(one) for one in envelope.attachments],
    }


def _describe_signature(parsed: safety.ParsedXml) -> dict[str, Any]:
    signed = xmldsig.verify(parsed)
    if isinstance(signed, Rejection):
        return {"holds": False, **describe_refusal(signed), "certificate": None}
    certificate = signed.certificate
    named = {
        "fingerprint": fingerprint_of(certificate),
        "serial": f"{certificate.serial_number:x}",
        "subject": certificate.subject.rfc4514_string(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }
    return {"holds": True, "code": None, "detail": signed.signature_algorithm, "at": None, "certificate": named}


def _describe_attachment(attachment: Attachment) -> dict[str, Any]:
    about: dict[str, Any] = {
        "content_id": attachment.content_id,
        "attachment_name": attachment.attachment_name,
        "content_type": attachment.content_type,
        "description": attachment.description,
        "by_reference": attachment.blob is not None,
    }
    if attachment.blob is not None:
        digest = attachment.blob.digest.removeprefix("sha256:")
        return about | {"size_bytes": attachment.blob.size_bytes, "sniffed_type": None, "sha256": digest, "file": None}
    file = attachments.unpack(attachment)
    if isinstance(file, Rejection):
        return about | _describe_octets(attachment.content) | {"file": describe_refusal(file)}
    return about | _describe_octets(attachment.content) | {"file": {"name": file.name} | _describe_octets(file.content)}


def _describe_octets(octets: bytes) -> dict[str, Any]:
    return {"size_bytes": len(octets), "sniffed_type": sniff(octets), "sha256": sha256(octets).hexdigest()}
