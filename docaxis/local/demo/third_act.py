"""The third act: what happens to documents after they were sent. Each step is a short story with an end that is looked for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from adapters.flows import (
    earlier_document,
    recalling,
    replaced_document,
    replacing,
    status_of,
    updating,
)
from docaxis.domain.envelope import Envelope, Organization, Priority
from docaxis.domain.receipt import Receipt
from docaxis.domain.status import StatusCode
from docaxis.edxml.status_writer import write_status
from docaxis.local.demo.cast import BY_BROWSER, player
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.papers import Desk, Paper
from docaxis.local.demo.stage import Stage
from docaxis.local.service import ServiceError

PATIENCE_S = 30.0
LOOK_S = 0.05
SURPRISES_S = 0.5


class StoryBroken(Exception):
    """What must come did not come in time; the text says what."""


@dataclass(slots=True)
class Flows:
    """The stories that ended as they must, by name, and the differences of those that did not."""

    played: dict[str, bool] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


class ThirdAct:
    """Plays on a stage whose first two acts are over."""

    def __init__(self, stage: Stage, ledger: Ledger, desk: Desk, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._ledger = ledger
        self._desk = desk
        self._say = say

    async def run(self) -> Flows:
        """Play every story; returns what came of each."""
        flows = Flows()
        stories: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
            ("statuses", "a province takes a document, works on it and finishes it", self._statuses),
            ("refused", "a province refuses a document, with its reason", self._refused),
            ("recalled_unread", "recalled before it was fetched: nobody ever sees it", self._recalled_unread),
            ("recalled_by_consent", "recalled after it was fetched: the province agrees", self._recalled_by_consent),
            ("updated", "an update adds a province", self._updated),
            ("replaced", "a replacement ends the old document", self._replaced),
            ("by_browser", "a commune that has but a browser gets a letter, and says so", self._by_browser),
            ("late_commune", "a commune is late: the hub says so to both sides", self._late_commune),
        )
        for name, title, story in stories:
            try:
                await story()
            except StoryBroken as error:
                flows.played[name] = False
                flows.differences.append(f"{name}: {error}")
            else:
                flows.played[name] = True
            self._say(f"{'✔' if flows.played[name] else '✘'} {title}")
        return flows

    async def _statuses(self) -> None:
        document = await self._send("G12", ("H41",), "1101/BTC-NSNN", "Hướng dẫn lập dự toán năm sau")
        await self._delivered(document, "h41")
        for code in (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED):
            await self._report("H41", document, code)
        await self._until(
            lambda: self._heard("g12", document) == ["01", "03", "06"], "the ministry did not hear 01, 03 and 06"
        )

    async def _refused(self) -> None:
        document = await self._send("G12", ("H53",), "1102/BTC-NSNN", "Văn bản gửi nhầm nơi nhận")
        await self._delivered(document, "h53")
        await self._report("H53", document, StatusCode.REFUSED, "Không thuộc thẩm quyền của tỉnh")
        await self._until(lambda: self._heard("g12", document) == ["02"], "the ministry did not hear the refusal")

    async def _recalled_unread(self) -> None:
        await self._stage.close_agency("h53")
        document = await self._send("G12", ("H53",), "1103/BTC-NSNN", "Văn bản có sai sót, gửi khi tỉnh chưa kết nối")
        receipt = await self._recall("G12", document)
        if [one.act for one in receipt.effects] != ["withdrawing"]:
            raise StoryBroken(f"the recall did {[one.act for one in receipt.effects]}")
        await self._stage.open_agency("h53")
        await self._until(lambda: self._reported("g12", document, "withdrawn"), "nobody said that it was withdrawn")
        await asyncio.sleep(SURPRISES_S)
        if self._ledger.arrivals_with(document.paper.digest):
            raise StoryBroken("the recalled document arrived")

    async def _recalled_by_consent(self) -> None:
        document = await self._send("G12", ("H41",), "1104/BTC-NSNN", "Văn bản có sai sót, tỉnh đã nhận")
        await self._delivered(document, "h41")
        await self._report("H41", document, StatusCode.ARRIVED)
        receipt = await self._recall("G12", document)
        if [one.act for one in receipt.effects] != ["asked"]:
            raise StoryBroken(f"the recall did {[one.act for one in receipt.effects]}")
        await self._until(lambda: self._asked_back("h41", document), "the province was not asked")
        await self._report("H41", document, StatusCode.AGREED)
        await self._until(lambda: "15" in self._heard("g12", document), "the ministry did not hear the consent")

    async def _updated(self) -> None:
        document = await self._send("G22", ("H41",), "201/VPCP-TH", "Lịch họp trực tuyến")
        await self._delivered(document, "h41")
        draft = self._desk.draft("G22", ("H41",), "202/VPCP-TH", "Lịch họp trực tuyến (bổ sung thành phần)")
        update = await self._send_envelope(
            updating(draft, document.envelope.header.document_id, added=("H53",), reason="Bổ sung thành phần")
        )
        await self._delivered(update, "h41")
        await self._delivered(update, "h53")

    async def _replaced(self) -> None:
        document = await self._send("G22", ("H41", "H53"), "203/VPCP-TH", "Quy chế phối hợp (bản cũ)")
        await self._delivered(document, "h41")
        await self._delivered(document, "h53")
        draft = self._desk.draft("G22", ("H41", "H53"), "204/VPCP-TH", "Quy chế phối hợp (bản thay thế)")
        old = replaced_document(document.envelope.header.document_id, document.envelope)
        new = await self._send_envelope(replacing(draft, (old,), reason="Thay thế"))
        await self._delivered(new, "h41")
        await self._delivered(new, "h53")
        again = self._desk.draft("G22", ("H41",), "205/VPCP-TH", "Thay thế lần nữa")
        _, receipt = await self._answered(replacing(again, (old,), reason="Thay thế"))
        if receipt.code != "FLW.NOT_ACTIVE":
            raise StoryBroken(f"a replaced document could be replaced again: {receipt.outcome} {receipt.code}")

    async def _by_browser(self) -> None:
        document = await self._send(
            "G12", (BY_BROWSER.organ_id,), "1106/BTC-NSNN", "Đề nghị báo cáo quyết toán năm trước"
        )
        await self._until(lambda: self._heard("g12", document) == ["01"], "the commune's web endpoint did not say 01")

    async def _late_commune(self) -> None:
        draft = self._desk.draft("G12", ("H41.001",), "1105/BTC-NSNN", "Báo cáo gấp số liệu", Priority.IMMEDIATE_TIMED)
        document = await self._send_envelope(draft)
        await self._delivered(document, "h41")
        await self._until(lambda: self._reported("g12", document, "overdue"), "the ministry did not hear of the delay")
        await self._until(lambda: self._reported("h41", document, "reminder"), "the commune was not reminded")

    async def _send(self, sender: str, to: tuple[str, ...], number: str, subject: str) -> "_Document":
        return await self._send_envelope(self._desk.draft(sender, to, number, subject))

    async def _send_envelope(self, envelope: Envelope) -> "_Document":
        document, receipt = await self._answered(envelope)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"{document.paper.document_id} was {receipt.outcome}: {receipt.code} {receipt.detail}")
        return document

    async def _answered(self, envelope: Envelope) -> "tuple[_Document, Receipt]":
        paper = await asyncio.to_thread(self._desk.seal, envelope)
        header = envelope.header
        receipt = await self._post(header.sender.organ_id, paper, header.other_info.priority)
        return _Document(envelope, paper), receipt

    async def _recall(self, sender: str, document: "_Document") -> Receipt:
        paper = await asyncio.to_thread(self._desk.seal, recalling(document.envelope, "Văn bản có sai sót"))
        receipt = await self._post(sender, paper, document.envelope.header.other_info.priority)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"the recall was {receipt.outcome}: {receipt.code} {receipt.detail}")
        return receipt

    async def _report(self, author: str, document: "_Document", code: StatusCode, reason: str = "") -> None:
        earlier = earlier_document(document.envelope.header.document_id, original=document.envelope)
        status = status_of(earlier, code, Organization(author), datetime.now(UTC), reason=reason)
        paper = await asyncio.to_thread(self._desk.sign_status, author, write_status(status))
        receipt = await self._post(author, paper, Priority.NORMAL)
        if receipt.outcome != "accepted":
            raise StoryBroken(f"status {code.written} was {receipt.outcome}: {receipt.code} {receipt.detail}")

    async def _post(self, sender: str, paper: Paper, priority: Priority) -> Receipt:
        message_id = uuid4().hex
        self._ledger.expect(message_id, paper)
        await self._stage.agencies[player(sender).endpoint].send(paper.octets, message_id, priority)
        await self._until(lambda: bool(self._ledger.answers.get(message_id)), f"no receipt for {paper.document_id}")
        return self._ledger.answers[message_id][-1].receipt

    async def _delivered(self, document: "_Document", endpoint: str) -> None:
        digest = document.paper.digest
        await self._until(
            lambda: any(one.endpoint == endpoint for one in self._ledger.arrivals_with(digest)),
            f"{endpoint} did not get {document.paper.document_id}",
        )

    def _heard(self, endpoint: str, document: "_Document") -> list[str]:
        own = document.envelope.header.document_id
        return [
            one.status.status_code
            for at, one in self._ledger.statuses
            if at == endpoint and one.status.response_for.document_id == own
        ]

    def _asked_back(self, endpoint: str, document: "_Document") -> bool:
        own = document.envelope.header.document_id
        return any(at == endpoint and one.document_id == own and one.written for at, one in self._ledger.recalls)

    def _reported(self, endpoint: str, document: "_Document", kind: str) -> bool:
        own = document.envelope.header.document_id
        return any(at == endpoint and (one.kind, one.document_id) == (kind, own) for at, one in self._ledger.reports)

    async def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    if not self._stage.hub.running:
                        raise ServiceError(f"the hub ended; its log is in {self._stage.folder / 'log'}")
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise StoryBroken(otherwise) from None


@dataclass(frozen=True, slots=True)
class _Document:
    envelope: Envelope
    paper: Paper
