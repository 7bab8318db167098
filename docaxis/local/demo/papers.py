"""The packages of the scenes: an edXML envelope with a PDF, signed by the agency that sends, or spoilt on purpose."""

import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from docaxis.domain import wire
from docaxis.domain.directory import Directory
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
    TraceHeader,
)
from docaxis.domain.verdict import Rejection
from docaxis.edxml.writer import write_envelope
from docaxis.local.demo import vandals
from docaxis.local.demo.certificates import EXPIRED, REVOKED, Certificates
from docaxis.local.demo.scenario import Expected, Making, Outcome, Scene
from docaxis.trust.signing import sign_package

NUMBERS_A_SERIES: Final = 10_000
_NUMBER: Final = re.compile(r"([0-9]+)[/-](.+)")
_SPOILT: Final[Mapping[Making, Callable[[bytes], bytes]]] = {
    Making.BODY_CHANGED: vandals.change_body,
    Making.WRAPPED: vandals.wrap,
    Making.DOCTYPE_BOMB: vandals.plant_bomb,
}
_REFERENCED: Final = (Making.BY_REFERENCE, Making.BLOB_LATE)


@dataclass(frozen=True, slots=True)
class Paper:
    """A package ready to send: octets, digest and document id, and the attachment that goes by reference, if one does."""

    octets: bytes
    digest: str
    document_id: str
    blob: bytes = b""


class Desk:
    """Writes the papers of one run; document ids carry the run's own letters, so that a kept store knows none.

    Numbers begin anew in each series, of ten thousand: a number is given once in a year.
    """

    def __init__(self, certificates: Certificates, directory: Directory, series: int = 0) -> None:
        self.run = secrets.token_hex(3)
        self._series = series
        self._certificates = certificates
        self._directory = directory
        self._today = datetime.now(UTC)

    def write(self, scene: Scene, original: Paper | None = None) -> Paper:
        """Make the package of a scene; `original` is the paper that a repeat or a conflict refers to."""
        if original is not None and scene.making in {Making.SAME_MESSAGE, Making.SAME_BYTES}:
            return original
        attachment, blob = self._attachment(scene)
        envelope = self._envelope(scene, attachment)
        if original is not None and scene.making is Making.SAME_ID:
            envelope = replace(envelope, header=replace(envelope.header, document_id=original.document_id))
        unsigned = write_envelope(envelope)
        octets = vandals.sign_as_today(unsigned) if scene.making is Making.LEGACY else self._sign(scene, unsigned)
        octets = _SPOILT.get(scene.making, bytes)(octets)
        return Paper(octets, wire.digest_of(octets), envelope.header.document_id, blob)

    def draft(
        self, sender: str, to: Sequence[str], number: str, subject: str, priority: Priority = Priority.NORMAL
    ) -> Envelope:
        """Return a plain letter with a PDF, not signed yet."""
        name = re.sub(r"[^0-9a-z]+", "-", number.lower())
        scene = Scene(name, "", sender, tuple(to), number, subject, Expected(Outcome.ACCEPTED), priority=priority)
        return self._envelope(scene, self._attachment(scene)[0])

    def seal(self, envelope: Envelope) -> Paper:
        """Return a document signed by its sender."""
        octets = self._signed(envelope.header.sender.organ_id, write_envelope(envelope))
        return Paper(octets, wire.digest_of(octets), envelope.header.document_id)

    def sign_status(self, author: str, unsigned: bytes) -> Paper:
        """Return a status signed by its author."""
        octets = self._signed(author, unsigned)
        return Paper(octets, wire.digest_of(octets), "")

    def _sign(self, scene: Scene, unsigned: bytes) -> bytes:
        signer = {Making.REVOKED: REVOKED, Making.EXPIRED: EXPIRED, Making.FOREIGN: scene.of}.get(
            scene.making, scene.sender
        )
        return self._signed(signer, unsigned)

    def _signed(self, signer: str, unsigned: bytes) -> bytes:
        identity = self._certificates.identity(signer)
        signed = sign_package(unsigned, identity.key, identity.chain)
        if isinstance(signed, Rejection):
            raise ValueError(f"cannot be signed by {signer}: {signed.code}")  # noqa: TRY004 - a value is at fault
        return signed

    def _envelope(self, scene: Scene, attachment: Attachment) -> Envelope:
        found = _NUMBER.fullmatch(scene.number)
        number, notation = (found[1], found[2]) if found else (scene.number, "")
        if self._series and number.isdecimal():
            number = str(int(number) + NUMBERS_A_SERIES * self._series)
        header = MessageHeader(
            sender=self._organization(scene.sender),
            to=tuple(self._organization(organ_id) for organ_id in scene.to),
            document_id=f"{scene.sender},{self._today:%Y/%m/%d},{scene.number},{self.run}-{scene.name}",
            subject=scene.subject,
            code=Code(number, notation),
            promulgation_info=PromulgationInfo("Hà Nội", self._today.date()),
            document_type=DocumentType(type_name=scene.type_name),
            other_info=OtherInfo(priority=scene.priority, page_amount=1),
        )
        return Envelope(header, (TraceHeader(scene.sender, self._today),), None, (attachment,))

    def _organization(self, organ_id: str) -> Organization:
        agency = self._directory.find(organ_id)
        return Organization(organ_id, agency.name if agency else organ_id)

    def _attachment(self, scene: Scene) -> tuple[Attachment, bytes]:
        octets = make_pdf(f"{scene.number} ({self.run})", scene.attachment_bytes)
        name = f"{scene.number.replace('/', '-')} {scene.type_name}.pdf"
        attachment = Attachment(f"{self.run}-{scene.name}", name, "application/pdf", content=octets)
        if scene.making not in _REFERENCED:
            return attachment, b""
        blob = BlobReference(wire.digest_of(octets), len(octets))
        return replace(attachment, content=b"", blob=blob), octets


def make_pdf(text: str, size_bytes: int) -> bytes:
    """Return a PDF of one page with a line of ASCII text, filled up with random octets to exactly so many bytes."""
    line = "".join(letter if letter.isascii() and letter not in "()\\" else " " for letter in text)
    page = f"BT /F1 24 Tf 72 720 Td ({line}) Tj ET".encode()
    bare = _pdf(page, b"")
    # The length of the filling is written in decimals, so one correction follows the first guess.
    filling = max(0, size_bytes - len(bare))
    filling = max(0, filling - (len(_pdf(page, bytes(filling))) - max(size_bytes, len(bare))))
    return _pdf(page, os.urandom(filling))


def _pdf(page: bytes, filling: bytes) -> bytes:
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(filling), filling),
    )
    written = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    return written + b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        len(written),
    )
