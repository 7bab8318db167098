"""What a story is told with: sending, reporting, recalling, and waiting for what must come of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from adapters.flows import earlier_document, recalling, status_of
from docaxis.domain.envelope import Envelope, Organization, Priority
from docaxis.domain.receipt import Receipt
from docaxis.domain.status import StatusCode
from docaxis.edxml.status_writer import write_status
from docaxis.local.demo.cast import player
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.papers import Desk, Paper
from docaxis.local.demo.stage import Stage
from docaxis.local.service import ServiceError

PATIENCE_S = 30.0
LOOK_S = 0.05


class StoryBroken(Exception):
    """What must come did not come in time; the text says what."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was sent, with the package that carried it."""

    envelope: Envelope
    paper: Paper


class Troupe:
    """Plays between the systems of a stage; the ledger holds what they saw."""

    def __init__(self, stage: Stage, ledger: Ledger, desk: Desk) -> None:
        self.stage = stage
        self.ledger = ledger
        self.desk = desk

    async def send(self, sender: str, to: tuple[str, ...], number: str, subject: str) -> Document:
        """Send a plain letter with a PDF; raises StoryBroken where it is not accepted."""
        return await self.send_envelope(self.desk.draft(sender, to, number, subject))

    async def send_envelope(self, envelope: Envelope) -> Document:
        """Sign and send a document; raises StoryBroken where it is not accepted."""
        document, receipt = await self.answered(envelope)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"{document.paper.document_id} was {receipt.outcome}: {receipt.code} {receipt.detail}")
        return document

    async def answered(self, envelope: Envelope) -> tuple[Document, Receipt]:
        """Sign and send a document; returns it with its receipt, whatever that says."""
        paper = await asyncio.to_thread(self.desk.seal, envelope)
        header = envelope.header
        receipt = await self.post(header.sender.organ_id, paper, header.other_info.priority)
        return Document(envelope, paper), receipt

    async def recall(self, sender: str, document: Document) -> Receipt:
        """Ask a document back from everybody; raises StoryBroken where that is refused."""
        paper = await asyncio.to_thread(self.desk.seal, recalling(document.envelope, "Văn bản có sai sót"))
        receipt = await self.post(sender, paper, document.envelope.header.other_info.priority)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"the recall was {receipt.outcome}: {receipt.code} {receipt.detail}")
        return receipt

    async def report(self, author: str, document: Document, code: StatusCode, reason: str = "") -> None:
        """Report a status of a document; raises StoryBroken where that is refused."""
        earlier = earlier_document(document.envelope.header.document_id, original=document.envelope)
        status = status_of(earlier, code, Organization(author), datetime.now(UTC), reason=reason)
        paper = await asyncio.to_thread(self.desk.sign_status, author, write_status(status))
        receipt = await self.post(author, paper, Priority.NORMAL)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"status {code.written} was {receipt.outcome}: {receipt.code} {receipt.detail}")

    async def post(self, sender: str, paper: Paper, priority: Priority) -> Receipt:
        """Send a paper and return its receipt."""
        message_id = uuid4().hex
        self.ledger.expect(message_id, paper)
        await self.stage.agencies[player(sender).endpoint].send(paper.octets, message_id, priority)
        await self.until(lambda: bool(self.ledger.answers.get(message_id)), f"no receipt for {paper.document_id}")
        return self.ledger.answers[message_id][-1].receipt

    async def delivered(self, document: Document, endpoint: str) -> None:
        """Return when an endpoint has received a document."""
        digest = document.paper.digest
        await self.until(
            lambda: any(one.endpoint == endpoint for one in self.ledger.arrivals_with(digest)),
            f"{endpoint} did not get {document.paper.document_id}",
        )

    def heard(self, endpoint: str, document: Document) -> list[str]:
        """Return the codes that an endpoint was told about a document, in their order."""
        own = document.envelope.header.document_id
        return [
            one.status.status_code
            for at, one in self.ledger.statuses
            if at == endpoint and one.status.response_for.document_id == own
        ]

    def asked_back(self, endpoint: str, document: Document) -> bool:
        """Whether an endpoint was asked to give a document back."""
        own = document.envelope.header.document_id
        return any(at == endpoint and one.document_id == own and one.written for at, one in self.ledger.recalls)

    def reported(self, endpoint: str, document: Document, kind: str) -> bool:
        """Whether the hub has sent an endpoint its own report about a document."""
        own = document.envelope.header.document_id
        return any(at == endpoint and (one.kind, one.document_id) == (kind, own) for at, one in self.ledger.reports)

    async def until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Return when something holds; raises StoryBroken with the text after half a minute."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    if not self.stage.hub.running:
                        raise ServiceError(f"the hub ended; its log is in {self.stage.folder / 'log'}")
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise StoryBroken(otherwise) from None
