"""What the agencies say of documents: statuses as they work, recalls as they change their minds, answers to recalls.

Who says what is diced by document and agency, not by the order in which things happen, so that a seed tells the same story.
"""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.delivery import Delivery
from adapters.flows import earlier_document, recalling
from adapters.passed_on import ReceivedRecall
from adapters.sender_key import SenderKey
from adapters.statuses import reported, signed_status
from docaxis.domain import wire
from docaxis.domain.envelope import Envelope, Organization
from docaxis.domain.status import StatusCode
from tests.faults.book import Book, Kind, Sent
from tests.simulator import Country, endpoint_of
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.faults.agencies import Agency

SPOKEN_OF = 0.25
"""The share of documents that anybody says anything of."""
PATIENCE_S = 600.0
TAKEN_BACK = 0.5
"""Of those, the share that their senders take back."""
ACCEPTANCE = frozenset({"accepted"})


@dataclass
class Talk:
    """Everything said in a run; each package is sent by a task of its own, `pending` counts those that are not."""

    country: Country
    book: Book
    seed: int
    share: float = SPOKEN_OF
    pending: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def delivered(self, agency: "Agency", delivery: Delivery) -> None:
        """Say 01 of what has arrived, perhaps 03 and 06 too."""
        document_id = delivery.note.document_id
        dice = self._dice(document_id)
        if dice.random() >= self.share:
            return
        own = self._dice(document_id, agency.organ_id)
        codes = [
            StatusCode.ARRIVED,
            *(code for code in (StatusCode.ACCEPTED, StatusCode.FINISHED) if own.random() < 0.5),
        ]
        own.shuffle(codes)
        for code in codes:
            package = reported(delivery, code.written, "", agency.organ_id, self._key(agency.organ_id), _now())
            sent = self._sent(agency, package, "status", document_id, agency.organ_id, code, {delivery.note.sender})
            self._start(agency.say(package, sent))

    def recalled(self, agency: "Agency", received: ReceivedRecall) -> None:
        """Answer for a copy that is here: 15 or 16."""
        if not received.written:
            return
        sender = received.receipt.sender
        document_id = received.document_id
        agrees = self._dice(document_id, agency.organ_id, "answer").random() < 0.5
        code = StatusCode.AGREED if agrees else StatusCode.DECLINED
        earlier = earlier_document(document_id, sender)
        package = signed_status(
            self._key(agency.organ_id), code.written, earlier, Organization(agency.organ_id), _now()
        )
        sent = self._sent(agency, package, "status", document_id, agency.organ_id, code, {sender})
        self._start(agency.say(package, sent))

    def perhaps_take_back(self, agency: "Agency", message_id: str, envelope: Envelope) -> None:
        """Take a document back once it is accepted: from all by an order, or from one addressee by 13."""
        dice = self._dice(envelope.header.document_id)
        if dice.random() < self.share and dice.random() < TAKEN_BACK:
            self._start(self._take_back(agency, message_id, envelope, by_order=dice.random() < 0.5))

    def take_back(self, agency: "Agency", message_id: str, envelope: Envelope, *, by_order: bool) -> None:
        """Take a document back once it is accepted."""
        self._start(self._take_back(agency, message_id, envelope, by_order=by_order))

    async def end(self) -> None:
        """Say no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raise what ended a task otherwise than well."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def _take_back(self, agency: "Agency", message_id: str, envelope: Envelope, *, by_order: bool) -> None:
        async def answered() -> str:
            return self.book.outcome(message_id)

        if await eventually(f"an answer to {message_id}", answered, PATIENCE_S) != "accepted":
            return
        document_id, reason = envelope.header.document_id, "Gửi nhầm"
        if by_order:
            package = self.country.signed(recalling(envelope, reason))
            sent = self._sent(agency, package, "recall", document_id, "", StatusCode.RECALL_ASKED, set())
        else:
            to = envelope.header.to[-1].organ_id
            earlier = earlier_document(document_id, original=envelope)
            mine = Organization(agency.organ_id)
            package = signed_status(
                self._key(agency.organ_id), "13", earlier, mine, _now(), reason=reason, addressee=to
            )
            sent = self._sent(agency, package, "recall", document_id, to, StatusCode.RECALL_ASKED, set())
        await agency.say(package, sent)

    def _sent(
        self,
        agency: "Agency",
        package: bytes,
        kind: Kind,
        document_id: str,
        organ_id: str,
        code: StatusCode,
        to: set[str],
    ) -> Sent:
        digest = wire.digest_of(package)
        return Sent(
            digest.removeprefix("sha256:"),
            digest,
            agency.endpoint,
            frozenset(endpoint_of(one) for one in to),
            ACCEPTANCE,
            kind=kind,
            document_id=document_id,
            organ_id=organ_id,
            code=int(code),
        )

    def _key(self, organ_id: str) -> SenderKey:
        issued = self.country.issued(organ_id)
        return SenderKey(organ_id, issued.key, issued.chain)

    def _dice(self, *words: str) -> random.Random:
        return random.Random(" ".join((str(self.seed), *words)))

    def _start(self, saying: Coroutine[Any, Any, None]) -> None:
        self.pending += 1
        task = asyncio.create_task(saying)
        self._tasks.add(task)
        task.add_done_callback(self._said)

    def _said(self, task: asyncio.Task[None]) -> None:
        self.pending -= 1
        # One that failed stays, for `check` to find.
        if not task.cancelled() and not task.exception():
            self._tasks.discard(task)


def _now() -> datetime:
    return datetime.now(UTC)
