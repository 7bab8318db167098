"""Packages and receipts of the documents that are looked at in full: the made rows hold neither."""

from collections.abc import Iterable
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from docaxis.domain.receipt import Receipt, ReceiptAddressee
from docaxis.trust.receipts import write_receipt
from docaxis.trust.seal import Seal
from tests.bench.corpus import Corpus
from tests.bench.page_keys import Connection

ATTACHMENT = "tep-1"
"""Content id of the one attachment of the bench's packages."""


async def keep_octets(connection: Connection, corpus: Corpus, keys: Iterable[UUID]) -> None:
    """Keep a real package and a real receipt with all addressees for each document."""
    corpus.provide(1)
    (package,) = corpus.packages(0, 1)
    seal = _seal(corpus)
    rows = await connection.fetch("SELECT * FROM documents WHERE document_key = ANY($1)", list(keys))
    for row in rows:
        copies = await connection.fetch(
            "SELECT organ_id, endpoint, rule FROM deliveries WHERE document_key = $1 ORDER BY organ_id",
            row["document_key"],
        )
        leaf = await connection.fetchval(
            "SELECT leaf_hash FROM events WHERE document_key = $1 AND kind = 'document:accepted'", row["document_key"]
        )
        receipt = Receipt(
            receipt_id=row["document_key"].hex, hub="bench hub", endpoint=row["endpoint"], message_id=row["document_id"],
            digest=row["digest"], outcome="accepted", received_at=row["accepted_at"], decided_at=row["accepted_at"],
            event_hash=leaf.hex(), sender=row["sender"], document_id=row["document_id"],
            addressees=tuple(ReceiptAddressee(*copy) for copy in copies),
        )  # fmt: skip
        await connection.execute(
            "UPDATE submissions SET receipt = $2 WHERE submission_id = $1",
            row["document_key"],
            write_receipt(receipt, seal),
        )
        await connection.execute(
            "INSERT INTO packages (digest, size_bytes, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            row["digest"], len(package), package,
        )  # fmt: skip


def _seal(corpus: Corpus) -> Seal:
    key, certificate = corpus.hub
    chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    return Seal(serialization.load_pem_private_key(key.read_bytes(), None), chain)  # type: ignore[arg-type] # as it was made
