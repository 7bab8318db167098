"""Certificates that somebody has to renew in time: the hub's, its authorities', those that agencies sign with."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.directory_tables import agencies
from docaxis.backends.package_certificate import certificate_in
from docaxis.backends.reading import Reading
from docaxis.backends.tables import documents, packages
from docaxis.hub.views.operating import CertificateEnd, CertificateKind
from docaxis.trust.certificate import TrustStore, fingerprint_of, load_trust, read_certificates

PACKAGES_AT_ONCE = 20
"""Packages that are opened at one look for the certificate in them."""


class Signers(Reading):
    """The certificates that agencies signed their last document with; only the certificate is taken out of a package."""

    def __init__(self, url: str) -> None:
        """Open an engine that cannot write."""
        super().__init__(url, pool_size=1)
        self._digests: dict[str, tuple[str, str]] = {}
        self._ends: dict[str, CertificateEnd | None] = {}

    @property
    def ends(self) -> Sequence[CertificateEnd]:
        """Return the certificates in use that were read so far."""
        return [end for fingerprint in self._digests if (end := self._ends.get(fingerprint))]

    async def find(self) -> None:
        """Find out who signs for each agency now; raises StoreUnavailable."""
        last = (
            select(documents.c.document_key)
            .where(documents.c.sender == agencies.c.organ_id)
            .order_by(documents.c.accepted_at.desc(), documents.c.document_key.desc())
            .limit(1)
            .correlate(agencies)
            .scalar_subquery()
        )
        newest = select(agencies.c.organ_id, last.label("document_key")).subquery()
        query = select(documents.c.signer, documents.c.sender, documents.c.digest).join(
            newest, newest.c.document_key == documents.c.document_key
        )

        async def work(connection: AsyncConnection) -> dict[str, tuple[str, str]]:
            return {row.signer: (row.sender, row.digest) for row in await connection.execute(query)}

        self._digests = await self._run(work)
        self._ends = {fingerprint: end for fingerprint, end in self._ends.items() if fingerprint in self._digests}

    async def read(self) -> None:
        """Read some of the certificates that are not known yet; raises StoreUnavailable."""
        unknown = [one for one in self._digests if one not in self._ends][:PACKAGES_AT_ONCE]
        for fingerprint in unknown:
            organ_id, digest = self._digests[fingerprint]

            async def work(connection: AsyncConnection, digest: str = digest) -> bytes | None:
                # Where no certificate could be in it, the octets are not even read.
                body: bytes | None = (
                    await connection.execute(
                        select(packages.c.body).where(packages.c.digest == digest, func.length(packages.c.body) > 0)
                    )
                ).scalar_one_or_none()
                return body

            body = await self._run(work)
            certificate = await asyncio.to_thread(certificate_in, body or b"", fingerprint)
            self._ends[fingerprint] = end_of(certificate, "signer", organ_id) if certificate else None


class CertificateEnds:
    """What stands in files of the hub, read anew at each look; problems with them are others' to tell."""

    def __init__(self, seal_file: Path, anchors: Path, intermediates: Path | None, crls: Path) -> None:
        self._seal_file = seal_file
        self._folders = anchors, intermediates, crls
        self._trust: TrustStore | None = None

    async def look(self) -> Sequence[CertificateEnd]:
        """Return when the seal, the anchors, the intermediates and the revocation lists run out."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> list[CertificateEnd]:
        anchors, intermediates, crls = self._folders
        trust = self._trust = load_trust(anchors, intermediates, crls, previous=self._trust)
        found = [end_of(one, "anchor") for group in trust.anchors.values() for one in group]
        found += [end_of(one, "intermediate") for group in trust.intermediates.values() for one in group]
        # The newest list of an authority is the one that counts.
        newest = [group[0] for group in trust.lists.values() if group]
        found += [CertificateEnd("crl", name_of(one.crl.issuer), one.next_update_at, one.digest) for one in newest]
        try:
            found += [end_of(one, "seal") for one in read_certificates(self._seal_file.read_bytes())[:1]]
        except (OSError, ValueError):
            return found
        return found


def end_of(certificate: x509.Certificate, kind: CertificateKind, organ_id: str = "") -> CertificateEnd:
    """Return when a certificate runs out."""
    subject = name_of(certificate.subject)
    return CertificateEnd(kind, subject, certificate.not_valid_after_utc, fingerprint_of(certificate), organ_id)


def name_of(name: x509.Name) -> str:
    """Return the common name in a name, the whole name where it has none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def client_end(octets: bytes) -> datetime | None:
    """Return when a client certificate (DER or PEM) runs out; None where the octets are none."""
    try:
        return min(one.not_valid_after_utc for one in read_certificates(octets)[:1])
    except ValueError:
        return None
