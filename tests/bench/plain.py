"""The plain hub: what a good engineer writes in an afternoon from the same libraries. `python -m tests.bench.plain OUTLINE`.

It is the yardstick beside docaxis, written once and left alone since: neither crippled nor polished. It checks the schema,
the signature (signxml, the chain to the authority, the one expected place), revocation and signer, commits before it
publishes and publishes before it acknowledges, with durable quorum queues and confirms. A redelivery or a repeated
document finds its unique key taken, and what was recorded goes out again.
"""

import asyncio
import json
import signal
import sys
from base64 import b64decode
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier
from sqlalchemy import JSON, ForeignKey, UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

EDXML = "{http://www.mic.gov.vn/TBT/QCVN_102_2016}"
HEADER = f"./{EDXML}edXMLEnvelope/{EDXML}edXMLHeader/"
MESSAGE = f"{HEADER}{EDXML}MessageHeader/{EDXML}"
CERTIFICATE = ".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012


class Document(Base):
    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("sender", "document_id"), UniqueConstraint("endpoint", "message_id", "digest"))
    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str]
    document_id: Mapped[str]
    endpoint: Mapped[str]
    message_id: Mapped[str]
    digest: Mapped[str]
    subject: Mapped[str]
    body: Mapped[bytes]
    receipt: Mapped[bytes]
    deliveries: Mapped[list["Delivery"]] = relationship()


class Delivery(Base):
    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("endpoint", "lane", "sequence"),)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    organ_id: Mapped[str] = mapped_column(primary_key=True)
    endpoint: Mapped[str]
    lane: Mapped[str] = mapped_column(default="normal")
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(default="dispatched")


class Event(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str] = mapped_column(default=lambda: datetime.now(UTC).isoformat())
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]


class Refused(Exception):
    """A package that is not accepted; the text says why."""


@dataclass
class Letter:
    sender: str
    document_id: str
    subject: str
    addressees: list[str]


class Hub:
    """One process: packages in, a copy for each addressee and a signed receipt out, everything recorded."""

    def __init__(self, outline: dict[str, Any]) -> None:
        self.outline = outline
        self.schema = etree.RelaxNG(file=outline["schema"])
        self.key: Any = load_pem_private_key(Path(outline["hub_key"]).read_bytes(), None)
        self.certificates = x509.load_pem_x509_certificates(Path(outline["hub_certificate"]).read_bytes())
        crls = [x509.load_der_x509_crl(path.read_bytes()) for path in Path(outline["crls"]).iterdir()]
        self.revoked = {revoked.serial_number for crl in crls for revoked in crl}
        self.engine = create_async_engine(outline["store_url"], pool_size=20)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.sequences: dict[str, count[int]] = defaultdict(lambda: count(1))
        self.exchange: aio_pika.abc.AbstractExchange

    async def run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            numbered = select(Delivery.endpoint, func.max(Delivery.sequence)).group_by(Delivery.endpoint)
            for endpoint, last in await connection.execute(numbered):
                self.sequences[endpoint] = count(last + 1)
        broker = await aio_pika.connect_robust(self.outline["broker_url"])
        async with broker:
            publishing = await broker.channel(publisher_confirms=True, on_return_raises=True)
            self.exchange = publishing.default_exchange
            consuming = await broker.channel()
            await consuming.set_qos(prefetch_count=100)
            await (await consuming.get_queue(self.outline["ingress"])).consume(self.on_package)
            await (await consuming.get_queue(self.outline["fetched"])).consume(self.on_fetched)
            print("ready", flush=True)
            await stop.wait()
        await self.engine.dispose()

    async def on_package(self, message: AbstractIncomingMessage) -> None:
        async with message.process(requeue=True):
            endpoint = str(message.routing_key).partition(".")[0]
            message_id = str(message.message_id)
            try:
                document = await self.record(message, endpoint, self.read(message.body))
            except Refused as refusal:
                receipt = self.sign_receipt({"MessageId": message_id, "Outcome": "rejected", "Detail": str(refusal)})
                async with self.sessions.begin() as session:
                    session.add(Event(kind="document:rejected", body={"from": endpoint, "detail": str(refusal)}))
                await self.send(self.outline["receipts"][endpoint], receipt, correlation_id=message_id)
                return
            for delivery in document.deliveries:
                queue = self.outline["inboxes"][delivery.organ_id]["queue"]
                await self.send(queue, document.body, headers={"sequence": delivery.sequence})
            await self.send(self.outline["receipts"][endpoint], document.receipt, correlation_id=message_id)

    def read(self, body: bytes) -> Letter:
        """Check a package and read what the hub must know of it; raises Refused."""
        try:
            root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
            self.schema.assertValid(root)
            config = SignatureConfiguration(location=HEADER)
            signed: Any = XMLVerifier().verify(root, ca_pem_file=self.outline["authority"], expect_config=config)
        except Exception as error:
            raise Refused(str(error)) from error
        found, der = signed.signed_xml, b64decode(signed.signature_xml.findtext(CERTIFICATE))
        signer = x509.load_der_x509_certificate(der)
        letter = Letter(
            sender=found.findtext(f"{MESSAGE}From/{EDXML}OrganId"),
            document_id=found.findtext(f"{MESSAGE}DocumentId"),
            subject=found.findtext(f"{MESSAGE}Subject"),
            addressees=[one.text for one in found.iterfind(f"{MESSAGE}To/{EDXML}OrganId")],
        )
        if signer.serial_number in self.revoked:
            raise Refused("the certificate is revoked")
        if letter.sender not in {name.value for name in signer.subject.get_attributes_for_oid(ORGANIZATION_IDENTIFIER)}:
            raise Refused("signed by another agency")
        if unknown := set(letter.addressees) - self.outline["inboxes"].keys():
            raise Refused(f"unknown addressees: {unknown}")
        return letter

    async def record(self, message: AbstractIncomingMessage, endpoint: str, letter: Letter) -> Document:
        """Commit the document, its deliveries and the event; returns what is recorded already for a repeated one."""
        digest, message_id = sha256(message.body).hexdigest(), str(message.message_id)
        said = {"MessageId": message_id, "Outcome": "accepted", "Digest": digest, "DocumentId": letter.document_id}
        receipt = self.sign_receipt(said | {f"To-{number}": one for number, one in enumerate(letter.addressees, 1)})
        names = {"sender": letter.sender, "document_id": letter.document_id, "subject": letter.subject}
        document = Document(**names, endpoint=endpoint, message_id=message_id, digest=digest, body=message.body)
        document.receipt = receipt
        for organ_id in letter.addressees:
            to = self.outline["inboxes"][organ_id]["endpoint"]
            document.deliveries.append(Delivery(organ_id=organ_id, endpoint=to, sequence=next(self.sequences[to])))
        try:
            async with self.sessions.begin() as session:
                session.add(document)
                session.add(Event(kind="document:accepted", body=names | {"digest": digest, "to": letter.addressees}))
        except IntegrityError:
            same = Document.sender == letter.sender, Document.document_id == letter.document_id
            async with self.sessions() as session:
                query = select(Document).where(*same).options(selectinload(Document.deliveries))
                document = (await session.execute(query)).scalar_one()
            if document.digest != digest:
                raise Refused("another document has this id") from None
        return document

    def sign_receipt(self, fields: dict[str, str]) -> bytes:
        root = etree.Element("Receipt")
        for name, text in {"At": datetime.now(UTC).isoformat(), **fields}.items():
            etree.SubElement(root, name).text = text
        method = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
        signer = XMLSigner(signature_algorithm="ecdsa-sha256", c14n_algorithm=method)
        return etree.tostring(signer.sign(root, key=self.key, cert=self.certificates))

    async def send(self, queue: str, body: bytes, **properties: Any) -> None:
        """Publish to one queue and return once the broker has it; raises when it does not."""
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, **properties)
        await self.exchange.publish(message, queue, mandatory=True)

    async def on_fetched(self, message: AbstractIncomingMessage) -> None:
        """Record what an endpoint says that it has: {lane: [[first sequence, last sequence], …]}."""
        async with message.process(requeue=True), self.sessions.begin() as session:
            endpoint = str(message.routing_key).partition(".")[0]
            ranges = json.loads(message.body)["normal"]
            for first, last in ranges:
                mine = Delivery.endpoint == endpoint, Delivery.sequence.between(first, last)
                await session.execute(update(Delivery).where(*mine).values(state="fetched"))
            session.add(Event(kind="copies:fetched", body={"endpoint": endpoint, "ranges": ranges}))


if __name__ == "__main__":
    uvloop.run(Hub(json.loads(Path(sys.argv[1]).read_text())).run())
