"""The octets of one package as plain values for people: attachments with their digests, and the certificate; no I/O."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from docaxis.domain.envelope import Attachment, Envelope, StatusEnvelope
from docaxis.domain.verdict import Rejection
from docaxis.domain.wire import digest_of
from docaxis.edxml.attachments import UnpackedFile, safe_name, unpack
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.hub.views.package import AttachmentView, CertificateView, PackageView
from docaxis.trust import xmldsig
from docaxis.trust.certificate import fingerprint_of


def view_package(octets: bytes, digest: str) -> PackageView:
    """Return what a package says; one that cannot be read is told by the code of what is wrong with it.

    The certificate is that of a signature that holds; whether it was in force is the hub's decision, not asked again.
    """
    parsed = parse(octets)
    if isinstance(parsed, Rejection):
        return PackageView(digest, len(octets), trouble=parsed.code.value)
    envelope = read_envelope(parsed)
    if isinstance(envelope, Rejection):
        return PackageView(digest, len(octets), trouble=envelope.code.value)
    signed = xmldsig.verify(parsed)
    certificate = None if isinstance(signed, Rejection) else view_certificate(signed.certificate)
    if isinstance(envelope, StatusEnvelope):
        staff, sender = envelope.staff, envelope.sender
        return PackageView(
            digest,
            len(octets),
            content=envelope.description,
            certificate=certificate,
            staff=", ".join(part for part in (staff.staff, staff.department) if part) if staff else "",
            telephone=(staff.mobile if staff else "") or sender.telephone,
            email=(staff.email if staff else "") or sender.email,
        )
    header = envelope.header
    return PackageView(
        digest,
        len(octets),
        signer_name=header.signer_info.full_name,
        signer_position=header.signer_info.position,
        content=header.content,
        attachments=tuple(_view_attachment(one) for one in envelope.attachments),
        certificate=certificate,
        telephone=header.sender.telephone,
        email=header.sender.email,
    )


def take_attachment(octets: bytes, content_id: str) -> Attachment | UnpackedFile | None:
    """Return a file out of a package: unpacked where it lies in it, the bare attachment where it is a reference.

    None where there is no such file; a damaged one is given as it was sent.
    """
    parsed = parse(octets)
    envelope = None if isinstance(parsed, Rejection) else read_envelope(parsed)
    if not isinstance(envelope, Envelope):
        return None
    attachment = next((one for one in envelope.attachments if one.content_id == content_id), None)
    if attachment is None or attachment.blob is not None:
        return attachment
    file = unpack(attachment)
    return (
        UnpackedFile(safe_name(attachment.attachment_name), attachment.content) if isinstance(file, Rejection) else file
    )


def view_certificate(certificate: x509.Certificate) -> CertificateView:
    """Return a certificate as people compare it."""
    return CertificateView(
        subject=certificate.subject.rfc4514_string(),
        name=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer) or certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        fingerprint=fingerprint_of(certificate),
        not_before_at=certificate.not_valid_before_utc,
        not_after_at=certificate.not_valid_after_utc,
        algorithm=_algorithm(certificate),
    )


def _view_attachment(attachment: Attachment) -> AttachmentView:
    content, trouble = attachment.content, ""
    name = safe_name(attachment.attachment_name)
    if attachment.blob is None:
        file = unpack(attachment)
        if isinstance(file, Rejection):
            trouble = file.code.value
        else:
            name, content = file.name, file.content
    blob = attachment.blob
    return AttachmentView(
        content_id=attachment.content_id,
        name=name,
        content_type=attachment.content_type,
        description=attachment.description,
        size_bytes=blob.size_bytes if blob else len(content),
        digest=blob.digest if blob else digest_of(content),
        by_reference=blob is not None,
        trouble=trouble,
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _algorithm(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "ECDSA P-256", "secp384r1": "ECDSA P-384"}.get(key.curve.name, f"ECDSA {key.curve.name}")
    return f"RSA {key.key_size}" if isinstance(key, rsa.RSAPublicKey) else type(key).__name__
