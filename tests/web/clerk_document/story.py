"""A document and what became of it, written down in a few lines: `Story().to("H21", "01", "02")…timeline()`."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from docaxis.domain.deadline import Duty
from docaxis.domain.status import BUSINESS, StatusCode, business, mask_of, recall
from docaxis.hub.acts import act
from docaxis.hub.rows import EventRow
from docaxis.hub.views.documents import DocumentView, EventView, SubmissionView
from docaxis.hub.views.package import AttachedFile, AttachmentView, CheckReport, PackageView, SealView
from docaxis.hub.views.timeline import DeliveryView, LinkView, MissView, StatusView, Timeline
from docaxis.web.desk import DeskError, Letter

NOW = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
"""14:32 in Vietnam."""
ACCEPTED_AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
DUE_AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""10:00 in Vietnam: 4 hours 32 minutes ago."""
LATER = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""17:00 in Vietnam: 2 hours 28 minutes to go."""
KEY = UUID(int=0x0192_0000_0000_7000_8000_0000_0000_0001)
SENDER = "G10"
MINUTE = timedelta(minutes=1)


class Story:
    """Collects the parts; every copy is dispatched a minute after acceptance and fetched five minutes later."""

    def __init__(self, state: str = "active", sender: str = SENDER, due_on: date | None = None) -> None:
        self.document = DocumentView(
            KEY, sender, "G10,2026/11/20,8712/CĐ-BNNMT", "sha256:" + "9f" * 32, 1_200_000, "e-g10", "urgent", 3, 0, "8712",
            "CĐ-BNNMT", date(2026, 11, 20), "Công điện", "V/v tập trung ứng phó mưa lũ", due_on, ACCEPTED_AT,
            "sha256:" + "54" * 32, False, state, None,
        )  # fmt: skip
        self.copies: list[DeliveryView] = []
        self.statuses: list[StatusView] = []
        self.misses: list[MissView] = []
        self.links: list[LinkView] = []
        self.events: list[EventView] = []
        self.event("document:accepted", ACCEPTED_AT, {"sender": sender}, KEY)

    def to(
        self, organ_id: str, *codes: StatusCode, transport: str = "fetched", words: str = "", at: datetime | None = None
    ) -> "Story":
        """Address an agency that has said these codes, a minute apart; 13 is the sender's."""
        first = at or ACCEPTED_AT + 10 * MINUTE
        asked: datetime | None = None
        for number, code in enumerate(codes):
            moment = first + number * MINUTE
            asked = moment if code is StatusCode.RECALL_ASKED else asked
            author = self.document.sender if code is StatusCode.RECALL_ASKED else organ_id
            digest = f"sha256:{organ_id.encode().hex():0<60}{code.written}"
            self.event("status:accepted", moment, {"organ": organ_id, "package": digest}, KEY)
            said = words if code in {StatusCode.REFUSED, StatusCode.RECALL_ASKED, StatusCode.DECLINED} else ""
            self.statuses.append(
                StatusView(
                    UUID(int=len(self.statuses) + 10), organ_id, author, self.document.sender, code, True, code, said, moment,
                    moment, digest,
                )
            )  # fmt: skip
        mask = mask_of(codes)
        left = transport != "waiting"
        self.copies.append(
            DeliveryView(
                document_key=KEY,
                organ_id=organ_id,
                addressed_as=organ_id,
                endpoint=f"e-{organ_id.lower()}",
                lane="urgent",
                sequence=len(self.copies) + 1,
                transport=transport,
                dispatched_at=ACCEPTED_AT + MINUTE if left else None,
                fetched_at=ACCEPTED_AT + 5 * MINUTE if transport == "fetched" else None,
                ended_at=(asked or ACCEPTED_AT) + 2 * MINUTE if transport == "withdrawn" else None,
                rule="direct",
                via="",
                status=business(mask) if any(code in BUSINESS for code in codes) else None,
                recall=recall(mask),
                recall_asked_at=asked,
            )
        )
        return self

    def missed(self, organ_id: str, *, kind: str = "receipt", attributable: bool = True, done: bool = False) -> "Story":
        """Note a missed duty."""
        noticed = DUE_AT + MINUTE
        body = {
            "document": KEY.hex,
            "kind": kind,
            "addressees": [[organ_id, f"e-{organ_id.lower()}", "addressee", True]],
        }
        self.event("deadline:missed", noticed, body, KEY)
        self.misses.append(
            MissView(organ_id, kind, DUE_AT, noticed, "addressee", attributable, noticed if done else None)
        )
        return self

    def event(self, kind: str, at: datetime, body: Mapping[str, Any], key: UUID | None = None) -> EventView:
        """Write an act into the log."""
        row = act(kind, at, body, key)
        one = EventView(row.event_id, kind, at, key, row.canonical, row.leaf_hash, 4_817_201 + len(self.events))
        self.events.append(one)
        return one

    def timeline(self) -> Timeline:
        """Return the document's story."""
        return Timeline(
            self.document, (submission(self.document),), tuple(self.copies), tuple(self.statuses), tuple(self.links),
            tuple(self.misses), (), tuple(self.events),
        )  # fmt: skip


def submission(document: DocumentView, **changed: Any) -> SubmissionView:
    """Return the arrival that brought a document."""
    made = SubmissionView(
        document.document_key, document.endpoint, "m-1", document.digest, document.lane, "accepted", "", "", "",
        document.sender, document.document_id, ACCEPTED_AT - MINUTE, ACCEPTED_AT, None, UUID(int=7), b"<Receipt/>",
    )  # fmt: skip
    return replace(made, **changed)


class FakeDocuments:
    """The port with one story; what is recorded is kept."""

    def __init__(self, story: Story, dues: Mapping[Duty, datetime] | None = None) -> None:
        self.story = story
        self.due: Mapping[Duty, datetime] = dues if dues is not None else {"receipt": DUE_AT}
        self.recorded: list[EventRow] = []
        self.submissions: dict[UUID, SubmissionView] = {KEY: submission(story.document)}
        self.answers: dict[str, SubmissionView] = {}
        self.report: CheckReport | None = None
        self.files = {"c1": b"%PDF-1.7 noi dung"}

    async def document(
        self, document_key: UUID, with_events: Callable[[DocumentView], bool] | None = None
    ) -> Timeline | None:
        if document_key != KEY:
            return None
        found = self.story.timeline()
        return found if with_events is None or with_events(found.document) else replace(found, events=())

    async def named(self, document_key: UUID) -> DocumentView | None:
        return self.story.document if document_key == KEY else None

    async def submission(self, submission_id: UUID) -> SubmissionView | None:
        return self.submissions.get(submission_id)

    async def answer(self, message_id: str, sender: str) -> SubmissionView | None:
        found = self.answers.get(message_id)
        return found if found and found.sender in {"", sender} else None

    async def event_of(self, submission_id: UUID) -> EventView | None:
        return self.story.events[0] if submission_id in self.submissions else None

    async def ahead(self, endpoint: str, lane: str, sequence: int) -> int:
        return 380

    async def octets(self, digest: str) -> bytes | None:
        return b"<edXML/>"

    async def package(self, digest: str) -> PackageView | None:
        if digest != self.story.document.digest:
            return PackageView(digest, 900, staff="Phạm Thị Hương Giang", telephone="0269 0000 000")
        file = AttachmentView("c1", "8712_CD-BNNMT.pdf", "application/pdf", "", 1_200_000, "sha256:" + "ab" * 32, False)
        return PackageView(digest, 1_300_000, "Trần Minh An", "Thứ trưởng", attachments=(file,))

    async def attachment(self, digest: str, content_id: str) -> AttachedFile | None:
        content = self.files.get(content_id)
        if content is None:
            return None

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return AttachedFile("phụ lục II.pdf", "application/pdf", len(content), chunks())

    async def seal(self, receipt: bytes) -> SealView | None:
        return None

    async def check(self, octets: bytes, at: datetime) -> CheckReport:
        assert self.report is not None
        return self.report

    async def record(self, event: EventRow) -> None:
        self.recorded.append(event)
        self.story.events.append(EventView(*event, None))

    def dues(self, document: DocumentView) -> Mapping[Duty, datetime]:
        return self.due

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """Return what was recorded of a kind."""
        return [json.loads(one.canonical)["body"] for one in self.recorded if one.kind == kind]


class FakeDesk:
    """A web endpoint that keeps what it was asked to send."""

    def __init__(self, *organ_ids: str) -> None:
        self.organ_ids = organ_ids
        self.reported: list[tuple[str, StatusCode, str]] = []
        self.recalled: list[tuple[tuple[str, ...], str]] = []
        self.trouble: DeskError | None = None

    def serves(self, organ_id: str) -> bool:
        return organ_id in self.organ_ids

    async def send(self, letter: Letter) -> str:
        raise NotImplementedError

    async def report(self, organ_id: str, document: DocumentView, code: StatusCode, reason: str = "") -> str:
        if self.trouble:
            raise self.trouble
        self.reported.append((organ_id, code, reason))
        return "m-report"

    async def recall(self, document: DocumentView, addressees: Sequence[str], reason: str) -> Sequence[str]:
        if self.trouble:
            raise self.trouble
        self.recalled.append((tuple(addressees), reason))
        return [f"m-recall-{n}" for n in range(max(1, len(addressees)))]
