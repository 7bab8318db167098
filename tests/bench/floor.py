"""The irreducible work alone, which gives the limit: `python -m tests.bench.floor OUTLINE`.

The same octets and rows as a hub's, in one process and as cheap as Python can: packages consumed from the same quorum
queue; parse, exclusive canonical form, digest and signature through lxml and cryptography; one ECDSA signature for the
receipt; one publication to all inboxes and one of the receipt, confirmed; transport acknowledgements consumed; COPY of
the rows, a hundred documents a commit. No schema, no routing, no check of the signer, no safety when it dies: never a
hub. It imports nothing of docaxis, so that it stays the same when docaxis changes.
"""

import asyncio
import json
import os
import sys
from base64 import b64decode, b64encode
from collections import deque
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from tests.bench import frames

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
BATCH, PREFETCH, UNDER_WAY_MAX = 100, 400, 2_000
NOTE_BYTES, EVENT_BYTES, RECEIPT_FILL_BYTES = 3_130, 1_016, 1_086
"""The sizes that docaxis' delivery note, event and receipt have for eight addressees, when the floor was written."""
TO_INBOXES, TO_SENDER, PACKAGES, FETCHED = 1, 1, 2, 3
SHA256, PKCS1, ECDSA = hashes.SHA256(), padding.PKCS1v15(), ec.ECDSA(hashes.SHA256())
SIGNED_INFO = (
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
    f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>'
)
SIGNED_INFO_END = "</ds:DigestValue></ds:Reference></ds:SignedInfo>"


class Floor:
    """Works off packages until it is ended."""

    def __init__(self, outline: dict[str, Any]) -> None:
        self.outline = outline
        self.addressees = [(organ, one["endpoint"], one["queue"]) for organ, one in outline["inboxes"].items()]
        signer = x509.load_pem_x509_certificates(Path(outline["sender_certificate"]).read_bytes())[0].public_key()
        self.verify = _verifier(signer)
        key = serialization.load_pem_private_key(Path(outline["hub_key"]).read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key
        chain = x509.load_pem_x509_certificates(Path(outline["hub_certificate"]).read_bytes())
        ders = (b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in chain)
        shown = "".join(f"<ds:X509Certificate>{der}</ds:X509Certificate>" for der in ders)
        self.key_info = f"<ds:KeyInfo><ds:X509Data>{shown}</ds:X509Data></ds:KeyInfo></ds:Signature></Receipt>"
        self.note = b"n" * NOTE_BYTES
        self.waiting: list[frames.Delivery] = []
        self.fetched: list[frames.Delivery] = []
        self.news = asyncio.Event()
        self.sequence, self.leaf = count(1), count()
        self.ids = count(int.from_bytes(os.urandom(6)) << 80 | 7 << 76 | 2 << 62)
        self.published: deque[UUID] = deque()
        self.forgotten = 0
        queues = [queue for _, _, queue in self.addressees]
        self.to_inboxes = frames.publish_method(TO_INBOXES, "", queues[0])
        self.bcc = queues[1:]
        self.targets = json.dumps([endpoint for _, endpoint, _ in self.addressees], separators=(",", ":"))

    async def run(self) -> None:
        """Make the tables, then work until the process is ended."""
        self.database = await asyncpg.connect(self.outline["store_url"].replace("+asyncpg", ""))
        await self.database.execute(Path(__file__).with_name("floor_tables.sql").read_text())
        self.link = link = await frames.Link.open(self.outline["broker_url"], self.take, self.news.set)
        await link.channel(TO_INBOXES, confirms=True)
        await link.channel(PACKAGES, prefetch=PREFETCH)
        await link.channel(FETCHED, prefetch=PREFETCH)
        await link.consume(PACKAGES, self.outline["ingress"])
        await link.consume(FETCHED, self.outline["fetched"])
        print("ready", flush=True)
        while True:
            while (not self.waiting and not self.fetched and not self.settled) or self.crowded:
                self.news.clear()
                await self.news.wait()
            # A hub under load finds full batches; those at the end of a run may be smaller.
            if len(self.waiting) < BATCH:
                await asyncio.sleep(0.01)
            await self.work()

    @property
    def crowded(self) -> bool:
        """Whether the broker is behind; a message that came back or was refused ends the run."""
        if self.link.refused or self.link.returned:
            raise ConnectionError(f"{self.link.refused} refused, {self.link.returned} returned")
        return self.link.published - self.link.confirmed > UNDER_WAY_MAX

    @property
    def settled(self) -> int:
        """How many rows of the outbox have done their work: as many as pairs of publications are confirmed."""
        return self.link.confirmed // 2 - self.forgotten

    def take(self, delivery: frames.Delivery) -> None:
        """Take a message in."""
        (self.waiting if delivery.channel == PACKAGES else self.fetched).append(delivery)

    async def work(self) -> None:
        """Work off one batch: publish it, write its rows in one commit, acknowledge."""
        batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
        fetched, self.fetched = self.fetched, []
        done = [self.published.popleft() for _ in range(self.settled)]
        self.forgotten += len(done)
        now = datetime.now(UTC)
        rows: dict[str, list[tuple[Any, ...]]] = {
            "packages": [], "submissions": [], "documents": [], "deliveries": [], "events": [], "log_entries": [],
            "outbox": [], "fetch_ranges": [row for one in fetched for row in _ranges(one, now)],
        }  # fmt: skip
        octets = [part for one in batch for part in self.document(one, now, rows)]
        self.published.extend(row[0] for row in rows["outbox"])
        if batch:
            self.link.publish(b"".join(octets), 2 * len(batch))
        async with self.database.transaction():
            for table, records in rows.items():
                if records:
                    await self.database.copy_records_to_table(table, records=records)
            if done:
                await self.database.execute("DELETE FROM outbox WHERE outbox_id = ANY($1)", done)
        for channel, taken in ((PACKAGES, batch), (FETCHED, fetched)):
            if taken:
                self.link.acknowledge(channel, taken[-1].tag)

    def document(self, one: frames.Delivery, now: datetime, rows: dict[str, list[tuple[Any, ...]]]) -> list[bytes]:
        """Verify a package, sign its receipt and add its rows; returns the frames of its two publications."""
        digest, document_id, subject = self.verified(one.body)
        key, event = UUID(int=next(self.ids)), UUID(int=next(self.ids))
        name, message_id, size = "sha256:" + digest, frames.message_id(one.header).decode(), len(one.body)
        receipt = self.receipt(key.hex, message_id, name, document_id, now)
        canonical = b"e" * EVENT_BYTES
        sequence = next(self.sequence)
        rows["packages"].append((name, size, one.body))
        rows["submissions"].append(
            (key, self.outline["sender"], message_id, name, "normal", "accepted", "", "", "", "G22", document_id, now,
             now, None, event, receipt)
        )  # fmt: skip
        rows["documents"].append(
            (key, "G22", document_id, name, size, self.outline["sender"], "normal", 0, 0, "1", "QĐ-TTg",
             date(2026, 11, 20), "Quyết định", subject, subject, None, now, name, self.note[:16], self.note)
        )  # fmt: skip
        for organ_id, endpoint, _ in self.addressees:
            rows["deliveries"].append(
                (key, organ_id, organ_id, endpoint, "normal", sequence, "dispatched", size,
                 "centre-and-provinces-direct", "")
            )  # fmt: skip
        rows["events"].append((event, "document:accepted", now, key, canonical, sha256(b"\0" + canonical).digest()))
        rows["log_entries"].append((next(self.leaf), event))
        rows["outbox"].append(
            (UUID(int=next(self.ids)), key, self.targets, "[]", True, "floor", now, now, 1)
        )  # fmt: skip
        return [self.to_inboxes, self.copies(key.hex, name, one.body), *self.answer(key.hex, message_id, receipt)]

    def verified(self, body: bytes) -> tuple[str, str, str]:
        """Verify the one signature; returns the digest of the octets, the document id and the subject."""
        root: Any = etree.fromstring(body)
        header = root[0][0]
        message, signature = header[0], header[-1]
        signed_info = signature[0]
        canonical_info = etree.tostring(signed_info, method="c14n", exclusive=True)
        value, wanted = b64decode(signature[1].text), b64decode(signed_info[2][2].text)
        _cut(signature)
        if sha256(etree.tostring(root, method="c14n", exclusive=True)).digest() != wanted:
            raise ValueError("digest")
        self.verify(value, canonical_info)
        space = message.tag.rpartition("}")[0] + "}"
        return sha256(body).hexdigest(), message.findtext(space + "DocumentId"), message.findtext(space + "Subject")

    def receipt(self, key: str, message_id: str, digest: str, document_id: str, now: datetime) -> bytes:
        """Return a signed receipt, written in canonical form."""
        said = (
            f'<Receipt xmlns="urn:docaxis:receipt:1"><ReceiptId>{key}</ReceiptId><MessageId>{message_id}</MessageId>'
            f"<Digest>{digest}</Digest><DecidedAt>{now}</DecidedAt><DocumentId>{document_id}</DocumentId>"
            f"<Route>{'r' * RECEIPT_FILL_BYTES}</Route>"
        )
        whole = b64encode(sha256(f"{said}</Receipt>".encode()).digest()).decode()
        info = f"{SIGNED_INFO}{whole}{SIGNED_INFO_END}"
        r, s = utils.decode_dss_signature(self.key.sign(f'<ds:SignedInfo xmlns:ds="{DS}">{info}'.encode(), ECDSA))
        value = b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
        return (
            f'{said}<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}'
            f"<ds:SignatureValue>{value}</ds:SignatureValue>{self.key_info}"
        ).encode()

    def copies(self, key: str, digest: str, body: bytes) -> bytes:
        """Return header and body of the one publication to all inboxes: content type, headers, mode, id, type."""
        headers = frames.table({"x-docaxis-digest": digest.encode(), "x-docaxis-note": self.note, "BCC": self.bcc})
        properties = (
            frames.short("application/xml") + headers + frames.PERSISTENT + frames.short(key) + frames.short("package")
        )
        return frames.content(TO_INBOXES, 0b1011_0000_1010_0000, properties, body)

    def answer(self, key: str, message_id: str, receipt: bytes) -> tuple[bytes, bytes]:
        """Return the publication of the receipt: content type, mode, correlation id, id, type."""
        words = ("application/xml", message_id, f"receipt-{key}", "receipt")
        kind, correlation, name, sort = map(frames.short, words)
        properties = kind + frames.PERSISTENT + correlation + name + sort
        to_sender = frames.publish_method(TO_SENDER, "", self.outline["receipts"][self.outline["sender"]])
        return to_sender, frames.content(TO_SENDER, 0b1001_0100_1010_0000, properties, receipt)


def _verifier(key: Any) -> Any:
    if isinstance(key, rsa.RSAPublicKey):
        return lambda value, message: key.verify(value, message, PKCS1, SHA256)

    def verify(value: bytes, message: bytes) -> None:
        half = len(value) // 2
        r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        key.verify(utils.encode_dss_signature(r, s), message, ECDSA)

    return verify


def _cut(signature: Any) -> None:
    """Take the signature out and leave the blanks around it, as the enveloped transform does."""
    before, tail = signature.getprevious(), signature.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    signature.getparent().remove(signature)


def _ranges(one: frames.Delivery, now: datetime) -> list[tuple[Any, ...]]:
    endpoint = one.key.partition(b".")[0].decode()
    return [(endpoint, "normal", first, last, now) for first, last in json.loads(one.body)["normal"]]


if __name__ == "__main__":
    uvloop.run(Floor(json.loads(Path(sys.argv[1]).read_text())).run())
