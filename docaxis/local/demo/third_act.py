"""The third act: what happens to documents after they were sent. Each step is a short story with an end that is looked for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.flows import replaced_document, replacing, updating
from docaxis.domain.envelope import Priority
from docaxis.domain.status import StatusCode
from docaxis.local.demo.cast import BY_BROWSER
from docaxis.local.demo.countrywide import countrywide
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.papers import Desk
from docaxis.local.demo.stage import Stage
from docaxis.local.demo.troupe import StoryBroken, Troupe

SURPRISES_S = 0.5
LETTERS = (
    ("1106/BTC-NSNN", "Đề nghị báo cáo quyết toán năm trước"),
    ("1109/BTC-QLCS", "V/v kiểm kê tài sản công"),
    ("1110/BTC-QLCS", "V/v đối chiếu công nợ của dự án liên xã"),
    ("1111/BTC-QLCS", "V/v tài sản ngoài địa bàn"),
)
"""They lie before the commune's clerk, whoever that is: to be taken, refused, entered in the register."""


@dataclass(slots=True)
class Flows:
    """The stories that ended as they must, by name, and the differences of those that did not."""

    played: dict[str, bool] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


class ThirdAct(Troupe):
    """Plays on a stage whose first two acts are over."""

    def __init__(self, stage: Stage, ledger: Ledger, desk: Desk, say: Callable[[str], None]) -> None:
        super().__init__(stage, ledger, desk)
        self._say = say

    async def run(self) -> Flows:
        """Play every story; returns what came of each. Raises ServiceError where the pages did not start."""
        await self.stage.web.ready()
        flows = Flows()
        stories: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
            ("statuses", "a province takes a document, works on it and finishes it", self._statuses),
            ("refused", "a province refuses a document, with its reason", self._refused),
            ("recalled_unread", "recalled before it was fetched: nobody ever sees it", self._recalled_unread),
            ("recalled_by_consent", "recalled after it was fetched: the province agrees", self._recalled_by_consent),
            ("updated", "an update adds a province", self._updated),
            ("replaced", "a replacement ends the old document", self._replaced),
            ("by_browser", "a commune that has but a browser gets letters, and says so", self._by_browser),
            (
                "countrywide",
                "a dispatch to all provinces: most take it, one refuses it, some are late",
                self._countrywide,
            ),
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
        document = await self.send("G12", ("H41",), "1101/BTC-NSNN", "Hướng dẫn lập dự toán năm sau")
        await self.delivered(document, "h41")
        for code in (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED):
            await self.report("H41", document, code)
        await self.until(
            lambda: self.heard("g12", document) == ["01", "03", "06"], "the ministry did not hear 01, 03 and 06"
        )

    async def _refused(self) -> None:
        document = await self.send("G12", ("H53",), "1102/BTC-NSNN", "Văn bản gửi nhầm nơi nhận")
        await self.delivered(document, "h53")
        await self.report("H53", document, StatusCode.REFUSED, "Không thuộc thẩm quyền của tỉnh")
        await self.until(lambda: self.heard("g12", document) == ["02"], "the ministry did not hear the refusal")

    async def _recalled_unread(self) -> None:
        await self.stage.close_agency("h53")
        document = await self.send("G12", ("H53",), "1103/BTC-NSNN", "Văn bản có sai sót, gửi khi tỉnh chưa kết nối")
        receipt = await self.recall("G12", document)
        if [one.act for one in receipt.effects] != ["withdrawing"]:
            raise StoryBroken(f"the recall did {[one.act for one in receipt.effects]}")
        await self.stage.open_agency("h53")
        await self.until(lambda: self.reported("g12", document, "withdrawn"), "nobody said that it was withdrawn")
        await asyncio.sleep(SURPRISES_S)
        if self.ledger.arrivals_with(document.paper.digest):
            raise StoryBroken("the recalled document arrived")

    async def _recalled_by_consent(self) -> None:
        document = await self.send("G12", ("H41",), "1104/BTC-NSNN", "Văn bản có sai sót, tỉnh đã nhận")
        await self.delivered(document, "h41")
        await self.report("H41", document, StatusCode.ARRIVED)
        receipt = await self.recall("G12", document)
        if [one.act for one in receipt.effects] != ["asked"]:
            raise StoryBroken(f"the recall did {[one.act for one in receipt.effects]}")
        await self.until(lambda: self.asked_back("h41", document), "the province was not asked")
        await self.report("H41", document, StatusCode.AGREED)
        await self.until(lambda: "15" in self.heard("g12", document), "the ministry did not hear the consent")

    async def _updated(self) -> None:
        document = await self.send("G22", ("H41",), "201/VPCP-TH", "Lịch họp trực tuyến")
        await self.delivered(document, "h41")
        draft = self.desk.draft("G22", ("H41",), "202/VPCP-TH", "Lịch họp trực tuyến (bổ sung thành phần)")
        update = await self.send_envelope(
            updating(draft, document.envelope.header.document_id, added=("H53",), reason="Bổ sung thành phần")
        )
        await self.delivered(update, "h41")
        await self.delivered(update, "h53")

    async def _replaced(self) -> None:
        document = await self.send("G22", ("H41", "H53"), "203/VPCP-TH", "Quy chế phối hợp (bản cũ)")
        await self.delivered(document, "h41")
        await self.delivered(document, "h53")
        draft = self.desk.draft("G22", ("H41", "H53"), "204/VPCP-TH", "Quy chế phối hợp (bản thay thế)")
        old = replaced_document(document.envelope.header.document_id, document.envelope)
        new = await self.send_envelope(replacing(draft, (old,), reason="Thay thế"))
        await self.delivered(new, "h41")
        await self.delivered(new, "h53")
        again = self.desk.draft("G22", ("H41",), "205/VPCP-TH", "Thay thế lần nữa")
        _, receipt = await self.answered(replacing(again, (old,), reason="Thay thế"))
        if receipt.code != "FLW.NOT_ACTIVE":
            raise StoryBroken(f"a replaced document could be replaced again: {receipt.outcome} {receipt.code}")

    async def _by_browser(self) -> None:
        commune = (BY_BROWSER.organ_id,)
        letters = [await self.send("G12", commune, number, subject) for number, subject in LETTERS]
        for letter in letters:
            await self.until(
                lambda sent=letter: self.heard("g12", sent) == ["01"],  # type: ignore[misc]
                "the commune's web endpoint did not say 01",
            )

    async def _countrywide(self) -> None:
        await countrywide(self)

    async def _late_commune(self) -> None:
        draft = self.desk.draft("G12", ("H41.001",), "1105/BTC-NSNN", "Báo cáo gấp số liệu", Priority.IMMEDIATE_TIMED)
        document = await self.send_envelope(draft)
        await self.delivered(document, "h41")
        await self.until(lambda: self.reported("g12", document, "overdue"), "the ministry did not hear of the delay")
        await self.until(lambda: self.reported("h41", document, "reminder"), "the commune was not reminded")
