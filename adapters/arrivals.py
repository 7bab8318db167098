"""Status 01, đã đến: told by the program itself for every addressee of a delivery, once the delivery lies in `inbox/`.

The signed status is journalled with the intent to show the delivery, and sent when the delivery is recorded as written: so
it goes out with the same octets under the same id however often the program dies, and the hub counts it once.
"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

from adapters.answer_text import reason_text, refusal_of_receipt
from adapters.client import Client
from adapters.delivery import Delivery
from adapters.durable import write_folder
from adapters.failpoints import failpoint
from adapters.flows import FlowError
from adapters.journal import Outgoing
from adapters.publisher import SendError
from adapters.receipt_box import ReceivedReceipt
from adapters.sender_key import SenderKey
from adapters.statuses import named, signed_status
from docaxis.domain import wire
from docaxis.domain.envelope import Organization
from docaxis.domain.status import StatusCode

log = structlog.get_logger(__name__)

SEND_DEADLINE_S = 120.0
SEND_AGAIN_S = 2.0
_ARRIVED = StatusCode.ARRIVED.written


class Arrivals:
    """Owes, sends and follows the statuses 01; without a key it owes none."""

    def __init__(self, client: Client, key: SenderKey | None, refused: Path) -> None:
        self._client = client
        self._key = key
        self._refused = refused
        self._confirmed: set[str] = set()
        self._resting_until = 0.0

    def owed(self, delivery: Delivery) -> list[Outgoing]:
        """Return the signed statuses for a delivery's addressees here, to be journalled before it is shown."""
        if self._key is None:
            return []
        now = datetime.now(UTC)
        statuses: list[Outgoing] = []
        try:
            earlier = named(delivery)
        except FlowError as error:
            log.warning("no status 01", document=delivery.note.document_id, reason=str(error))
            return statuses
        for organ_id in dict.fromkeys(one.organ_id for one in delivery.addressees):
            try:
                octets = signed_status(self._key, _ARRIVED, earlier, Organization(organ_id), now)
            except ValueError as error:
                log.warning("no status 01", document=delivery.note.document_id, organ_id=organ_id, reason=str(error))
                continue
            message_id = f"{_ARRIVED}-{delivery.document_key}-{organ_id}"
            statuses.append(Outgoing(message_id, delivery.document_key, organ_id, octets))
        return statuses

    async def advance(self) -> None:
        """Send what is owed and not sent, and take note of the answers."""
        for status in await asyncio.to_thread(self._client.journal.outgoing):
            digest = wire.digest_of(status.octets)
            if received := await self._client.known_receipt(status.message_id, digest):
                await asyncio.to_thread(self._finish, status, received)
            elif status.message_id not in self._confirmed and time.monotonic() >= self._resting_until:
                await self._send(status)

    def waiting(self) -> int:
        """Return how many statuses have no final answer yet."""
        return len(self._client.journal.outgoing())

    async def _send(self, status: Outgoing) -> None:
        failpoint("before-arrived")
        try:
            await self._client.send(status.octets, status.message_id, deadline_s=SEND_DEADLINE_S)
        except SendError as error:
            # Nothing is lost: it is in the journal, and with all the others it is tried again, not at once.
            self._resting_until = time.monotonic() + SEND_AGAIN_S
            log.warning("status 01 not sent yet", message_id=status.message_id, reason=str(error))
            return
        failpoint("after-arrived")
        self._confirmed.add(status.message_id)

    def _finish(self, status: Outgoing, received: ReceivedReceipt) -> None:
        receipt = received.receipt
        if receipt.outcome != "accepted":
            refusal = refusal_of_receipt(receipt)
            log.warning("status 01 refused", message_id=status.message_id, code=refusal.code)
            files = {
                "status.edxml": status.octets,
                "status.receipt.xml": received.octets,
                "status.reason.txt": reason_text(refusal, by_hub=True).encode(),
            }
            write_folder(self._refused / status.message_id, files)
        self._client.journal.put_outcome(status.message_id, receipt.outcome)
        self._confirmed.discard(status.message_id)
