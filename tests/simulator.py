"""A small country to test with: an authority, agencies that sign, endpoints that serve them; one thing altered at a time."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from docaxis.backends.directory_files import shipped
from docaxis.domain import wire
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import (
    Attachment,
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    ResponseFor,
    StatusEnvelope,
)
from docaxis.domain.verdict import Rejection
from docaxis.edxml.limits import Limits
from docaxis.edxml.status_writer import write_status
from docaxis.edxml.writer import write_envelope
from docaxis.hub.decide import Arrival
from docaxis.hub.judged import Settings
from docaxis.hub.snapshot import Snapshot
from docaxis.local.pki import DevelopmentAuthority, Issued
from docaxis.trust.certificate import ChainCache, load_trust
from docaxis.trust.seal import Seal
from docaxis.trust.signing import sign_package

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SENDER = "G22"
PROVINCES = ("H01", "H05", "H12", "H13", "H14", "H15", "H17", "H18")


def endpoint_of(organ_id: str) -> str:
    """Return the id of the endpoint that serves an agency here."""
    return f"e-{organ_id.lower().replace('.', '-')}"


def passing_folder(prefix: str) -> Path:
    """Make a folder that goes when this process ends, and not when one that was forked from it does."""
    folder, maker = Path(tempfile.mkdtemp(prefix=prefix)), os.getpid()

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


@dataclass
class Country:
    """Everything that a decision needs, made once and kept."""

    connected: Sequence[str] = (SENDER, "G12", *PROVINCES)
    now: datetime = NOW
    folder: Path = field(default_factory=lambda: passing_folder("docaxis-country-"))

    def __post_init__(self) -> None:
        self.authority = DevelopmentAuthority(self.folder, lambda: self.now)
        self.authority.create()
        self._issued: dict[str, Issued] = {}
        directory, self.policy = shipped()
        self.directory = Directory.build(
            directory.agencies.values(),
            directory.levels,
            {organ_id: endpoint_of(organ_id) for organ_id in self.connected},
            directory.branches,
        )

    def issued(self, organ_id: str) -> Issued:
        """Return the agency's key and certificate."""
        if organ_id not in self._issued:
            self._issued[organ_id] = self.authority.issue(organ_id)
        return self._issued[organ_id]

    def renew(self, organ_id: str) -> tuple[Issued, Issued]:
        """Give an agency a new key and certificate, with which it signs from now on; returns (the old, the new)."""
        old = self.issued(organ_id)
        self._issued[organ_id] = self.authority.issue(organ_id)
        return old, self._issued[organ_id]

    @cached_property
    def hub(self) -> Issued:
        """Return the hub's own key and certificate."""
        return self.authority.issue(kind="hub")

    @cached_property
    def seal(self) -> Seal:
        """Return the hub's seal."""
        return Seal(self.hub.key, self.hub.chain)

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot as the authority's folders are now."""
        trust = load_trust(self.folder / "anchors", self.folder / "intermediates", self.folder / "crls")
        tokens = {endpoint_of(organ_id): "0" * 32 for organ_id in self.connected}
        return Snapshot(self.directory, self.policy, trust, ChainCache(), {}, tokens, Limits())

    def settings(self, holder: str = "here") -> Settings:
        """Return what composing needs."""
        return Settings(
            hub="test hub",
            seal=self.seal,
            holder=holder,
            lease=timedelta(seconds=30),
            retry=timedelta(seconds=60),
            defer_limit=timedelta(hours=24),
            inline_limit_bytes=256 * 1024,
        )

    def envelope(
        self,
        number: int = 1,
        to: Sequence[str] = PROVINCES,
        sender: str = SENDER,
        priority: Priority = Priority.NORMAL,
        attachments: Sequence[Attachment] | None = None,
        subject: str = "Về việc thử nghiệm liên thông",
    ) -> Envelope:
        """Return a decision of an agency to some addressees."""
        if attachments is None:
            attachments = [Attachment("tep-1", "Quyết định.pdf", "application/pdf", content=b"%PDF-1.7 " + b"x" * 64)]
        return Envelope(
            header=MessageHeader(
                sender=Organization(sender, "Cơ quan gửi"),
                to=tuple(Organization(one, f"Cơ quan {one}") for one in to),
                document_id=f"{sender},2026/11/20,{number}/QĐ-TTg",
                subject=subject,
                code=Code(str(number), "QĐ-TTg"),
                promulgation_info=PromulgationInfo("Hà Nội", date(2026, 11, 20)),
                document_type=DocumentType("2", "0", "Quyết định"),
                other_info=OtherInfo(priority=priority),
            ),
            attachments=tuple(attachments),
        )

    def signed(self, envelope: Envelope, signer: str = "") -> bytes:
        """Return a package signed by its sender's agency, or by another one."""
        issued = self.issued(signer or envelope.header.sender.organ_id)
        package = sign_package(write_envelope(envelope), issued.key, issued.chain)
        if isinstance(package, Rejection):
            raise AssertionError(package)  # noqa: TRY004
        return package

    def signed_status(self, code: str, author: str, other: str, document_id: str) -> bytes:
        """Return a status of an agency about a document; other is the addressee for 13, else the document's sender."""
        said = StatusEnvelope(Organization(author), ResponseFor(other, document_id=document_id), code, "lời", self.now)
        issued = self.issued(author)
        package = sign_package(write_status(said), issued.key, issued.chain)
        if isinstance(package, Rejection):
            raise AssertionError(package)  # noqa: TRY004
        return package

    def arrival(self, body: bytes, endpoint: str = "", message_id: str = "m-1", lane: str = "normal") -> Arrival:
        """Return a package as it comes in from the sender's endpoint."""
        return Arrival(body, endpoint or endpoint_of(SENDER), message_id, lane, wire.digest_of(body), self.now)
