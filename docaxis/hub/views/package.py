"""What the octets of one package say, as plain values: its attachments by name and digest, and who signed it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file of a package; digest is `sha256:<hex>` of its octets as they are downloaded.

    trouble is the code of what is wrong with it (a damaged zip), empty for none.
    """

    content_id: str
    name: str
    content_type: str
    description: str
    size_bytes: int
    digest: str
    by_reference: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate as people compare it: names as RFC 4514 writes them, serial and fingerprint in hexadecimal digits."""

    subject: str
    name: str
    issuer: str
    serial: str
    fingerprint: str
    not_before_at: datetime
    not_after_at: datetime
    algorithm: str


@dataclass(frozen=True, slots=True)
class PackageView:
    """A document or status package that was read; staff is who reported a status, in the package's words.

    trouble is the code of a package that cannot be read: then nothing but digest and size is known.
    """

    digest: str
    size_bytes: int
    signer_name: str = ""
    signer_position: str = ""
    content: str = ""
    attachments: tuple[AttachmentView, ...] = ()
    certificate: CertificateView | None = None
    staff: str = ""
    telephone: str = ""
    email: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file on its way to a reader: a name that can do no harm, its octets in chunks."""

    name: str
    content_type: str
    size_bytes: int
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class SealView:
    """A receipt that the hub has signed: its digest, and the certificate that belongs to the seal."""

    digest: str
    certificate: CertificateView


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of a verification: outcome is `held`, `failed`, `open` (cannot be told yet) or `not-checked`."""

    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A file that was verified: what it is (`package`, `receipt`, `unknown`), verdict, steps, and the facts it gives.

    verdict is accepted, rejected or deferred; code, detail and place tell why not accepted. known: the hub has recorded it.
    """

    kind: str
    digest: str
    size_bytes: int
    verdict: str
    steps: tuple[CheckStep, ...]
    code: str = ""
    detail: str = ""
    place: str = ""
    signer: CertificateView | None = None
    sender: str = ""
    document_id: str = ""
    decided_at: datetime | None = None
    event_hash: str = ""
    receipt_id: str = ""
    leaf_index: int | None = None
    known: bool = False
