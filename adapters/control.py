"""The control queue: notices and reports of the hub, statuses and recalls of the other party; a withdrawal comes first."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from adapters.blobs import BlobError, Blobs
from adapters.changes import read_changes
from adapters.consumer import Delivered, acknowledge
from adapters.delivery import NOTE_BYTES_MAX, Parcel, UntrustedError, read_parcel, verify_sealed
from adapters.failpoints import failpoint
from adapters.journal import Journal, Withdrawn
from adapters.passed_on import (
    TAKEN_BACK,
    WITHDRAWING,
    ReceivedRecall,
    ReceivedStatus,
    check_named,
    read_package,
    verify_receipt,
)
from adapters.receiver import Receiver
from adapters.set_aside import aside_of, set_aside_once
from adapters.settings import EndpointSettings
from adapters.telling import Telling
from docaxis.domain import wire
from docaxis.domain.envelope import StatusEnvelope
from docaxis.domain.receipt import Effect, Receipt
from docaxis.domain.verdict import Rejection
from docaxis.edxml.safety import parse
from docaxis.trust.receipts import RECEIPT_NAMESPACE, read_notice, read_receipt
from docaxis.trust.reports import REPORT_NAMESPACE, read_report

MISSING_TRIES = 5


class Control:
    """Takes the messages of the control queue in their order; the journal makes each of them count once."""

    def __init__(self, settings: EndpointSettings, telling: Telling, blobs: Blobs, journal: Journal) -> None:
        self._endpoint = settings.id
        self._hub = settings.hub.certificates
        self._telling = telling
        self._blobs = blobs
        self._journal = journal
        self._missing: dict[str, int] = {}
        self._fresh: set[str] = set()

    async def take(self, left: deque[Delivered], receiver: Receiver) -> None:
        """Handle and acknowledge messages; what is not provably the hub's is set aside.

        Raises BlobError or SendError when the first of those that stay in `left` cannot be handled now: nothing may
        overtake it.
        """
        done: list[Delivered] = []
        try:
            while left:
                await self._take(left[0], receiver)
                done.append(left.popleft())
        finally:
            await self._settle(done, left)

    async def _settle(self, done: list[Delivered], left: deque[Delivered]) -> None:
        """Journal what was handed over, in one commit, then tell the broker."""
        try:
            if self._fresh:
                await asyncio.to_thread(self._journal.put_heard, list(self._fresh))
                failpoint("control-journalled")
        except BaseException:
            left.extendleft(reversed(done))
            raise
        finally:
            self._fresh.clear()
        await acknowledge(done)

    async def _take(self, delivered: Delivered, receiver: Receiver) -> None:
        kind = delivered.message.header.properties.message_type
        try:
            if kind in {wire.PACKAGE_TYPE, wire.CLAIM_TYPE}:
                await self._take_package(read_parcel(delivered.message), receiver)
            elif kind == wire.CHANGE_TYPE:
                octets = bytes(delivered.message.body)
                message = read_changes(delivered.message, self._hub, self._endpoint)
                await self._once(f"changes {wire.digest_of(octets)}", lambda: receiver.change(message, octets))
            else:
                await self._take_words(bytes(delivered.message.body), receiver)
        except UntrustedError as error:
            await set_aside_once(aside_of(delivered, str(error)), self._journal, receiver.refuse)

    async def _take_words(self, octets: bytes, receiver: Receiver) -> None:
        """Take what the hub says of itself: a report, the receipt of what concerns us, a notice of a level passed over."""
        parsed = parse(octets)
        # Only a hint which of the three to verify.
        tag = "" if isinstance(parsed, Rejection) else parsed.root.tag
        if tag == f"{{{REPORT_NAMESPACE}}}Report":
            report = verify_sealed(read_report, octets, self._hub)
            await self._once(f"report {report.report_id}", lambda: receiver.report(report, octets))
            return
        if tag == f"{{{RECEIPT_NAMESPACE}}}Receipt":
            receipt = verify_sealed(read_receipt, octets, self._hub)
            check_named(receipt, self._endpoint)
            message = _message_of(receipt)
            if not await self._is_heard(message):
                effects = self._effects_of(receipt)
                recall = ReceivedRecall(None, b"", receipt, octets, effects, *await self._apart(effects, receiver))
                await self._hand_over(message, receiver.recall(recall))
            return
        notice = verify_sealed(read_notice, octets, self._hub)
        await self._once(f"notice {notice.notice_id}", lambda: receiver.notice(notice, octets))
        await asyncio.to_thread(self._journal.put_notice, notice.notice_id, octets)

    async def _take_package(self, parcel: Parcel, receiver: Receiver) -> None:
        """Take what the other party says, by the hub's receipt of it; copies are taken back before anybody is told."""
        proof = parcel.note or await self._fetch(parcel.note_digest, NOTE_BYTES_MAX)
        receipt = verify_receipt(parcel, proof, self._hub, self._endpoint)
        message = _message_of(receipt)
        if await self._is_heard(message):
            return
        effects = self._effects_of(receipt)
        unread, written = await self._apart(effects, receiver)
        octets = await self._fetch(parcel.claim.digest, parcel.claim.size_bytes) if parcel.claim else parcel.body
        package = read_package(octets)
        if isinstance(package, StatusEnvelope) and not effects:
            status = ReceivedStatus(package, octets, receipt, proof)
            await self._hand_over(message, receiver.status(status))
            return
        recall = ReceivedRecall(package, octets, receipt, proof, effects, unread, written)
        await self._hand_over(message, receiver.recall(recall))

    def _effects_of(self, receipt: Receipt) -> tuple[Effect, ...]:
        return tuple(one for one in receipt.effects if one.endpoint == self._endpoint and one.act in TAKEN_BACK)

    async def _apart(self, effects: Sequence[Effect], receiver: Receiver) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take back what can be, and return the documents of these effects apart: unread, and those that are here."""
        unread = await self._withdraw([one for one in effects if one.act == WITHDRAWING], receiver)
        return unread, tuple(key for key in dict.fromkeys(one.document for one in effects) if key not in unread)

    async def _withdraw(self, effects: list[Effect], receiver: Receiver) -> tuple[str, ...]:
        """Take back the copies that nobody has here, for good, and tell the hub; return their documents' keys."""
        wanted = {one.document: Withdrawn(one.document, one.lane, one.sequence) for one in effects}
        written = await asyncio.to_thread(self._journal.written, list(wanted))
        unread = [one for key, one in wanted.items() if key not in written and not await self._is_seen(key, receiver)]
        if unread:
            await asyncio.to_thread(self._journal.put_withdrawn, unread)
            failpoint("withdrawal-marked")
            await self._telling.withdrawn(unread)
            failpoint("withdrawal-told")
        return tuple(one.document_key for one in unread)

    async def _is_seen(self, document_key: str, receiver: Receiver) -> bool:
        """Whether somebody may have a copy that is not recorded as written."""
        if await asyncio.to_thread(self._journal.withdrawn, [document_key]):
            return False
        if receiver.seen:
            return await receiver.seen(document_key)
        return await asyncio.to_thread(self._journal.intended, document_key)

    async def _once(self, message: str, hand_over: Callable[[], Awaitable[None]]) -> None:
        if not await self._is_heard(message):
            await self._hand_over(message, hand_over())

    async def _hand_over(self, message: str, handing: Awaitable[None]) -> None:
        await handing
        failpoint("control-handed-over")
        self._fresh.add(message)

    async def _is_heard(self, message: str) -> bool:
        return message in self._fresh or await asyncio.to_thread(self._journal.heard, message)

    async def _fetch(self, digest: str, size_bytes: int) -> bytes:
        """Fetch what is too large for a message; what stays missing is given up: UntrustedError."""
        try:
            octets = await self._blobs.get(digest, size_bytes)
        except BlobError as error:
            self._missing[digest] = self._missing.get(digest, 0) + (not error.temporary)
            if self._missing[digest] >= MISSING_TRIES:
                raise UntrustedError(str(error)) from error
            raise
        self._missing.pop(digest, None)
        return octets


def _message_of(receipt: Receipt) -> str:
    return f"package {receipt.receipt_id}"
