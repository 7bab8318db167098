"""From `sending/` to `sent/` or `refused/`: a job is sent until confirmed, and moved when its answer is written beside it."""

import asyncio
import filecmp
import time
from pathlib import Path

import structlog

from adapters.answer_text import reason_text, receipt_text, refusal_of_receipt
from adapters.blobs import BlobError
from adapters.client import Client
from adapters.durable import free_name, move, sync_folder, write_file
from adapters.failpoints import failpoint
from adapters.job import Job, Refusal, read_jobs
from adapters.publisher import SendError
from adapters.receipt_box import ReceivedReceipt
from docaxis.domain.envelope import BlobReference

log = structlog.get_logger(__name__)

SEND_DEADLINE_S = 120.0
SEND_AGAIN_S = 2.0


class SendingFolder:
    """Sends the jobs and follows their answers; every step may be repeated after a death."""

    def __init__(self, client: Client, sending: Path, sent: Path, refused: Path) -> None:
        self._client = client
        self._sending = sending
        self._sent = sent
        self._refused = refused
        self._confirmed: set[str] = set()
        self._resting_until = 0.0

    async def advance(self) -> None:
        """Bring every job one step further: finish the answered, send the unsent, urgent ones first."""
        jobs = await asyncio.to_thread(read_jobs, self._sending)
        for job in sorted(jobs, key=lambda job: job.plan.lane == "normal"):
            await self._advance(job)

    def waiting(self) -> int:
        """Return how many jobs have no final answer yet."""
        return len(read_jobs(self._sending))

    async def _advance(self, job: Job) -> None:
        plan = job.plan
        if plan.refusal:
            await asyncio.to_thread(self._finish_refused, job, plan.refusal)
            return
        if received := await self._client.known_receipt(plan.message_id, plan.digest, final=False):
            await asyncio.to_thread(self._finish_answered, job, received)
            return
        if plan.message_id in self._confirmed or time.monotonic() < self._resting_until:
            return
        try:
            await self._send(job)
        except BlobError as error:
            if error.temporary:
                log.warning("not sent yet", document=plan.stem, reason=str(error))
                return
            vi = f"Không gửi được tệp đính kèm lớn lên trục: {error}"
            refusal = Refusal("BLOB", vi, f"A large attachment could not be stored: {error}")
            await asyncio.to_thread(self._finish_refused, job, refusal)
        except SendError as error:
            # It stays in `sending/` and is tried again: nothing says that the hub has refused it. Not at once, with all
            # the others: a login that was refused would be refused as often.
            self._resting_until = time.monotonic() + SEND_AGAIN_S
            log.warning("not sent yet", document=plan.stem, reason=str(error))

    async def _send(self, job: Job) -> None:
        plan = job.plan
        for blob in plan.blobs:
            file = job.folder / blob.kept_as
            if not await asyncio.to_thread(file.exists):
                raise BlobError(f"{blob.kept_as}: changed while it was taken", temporary=False)
            await self._client.put_attachment(BlobReference(blob.digest, blob.size_bytes), file)
            failpoint("attachment-stored")
        package = await asyncio.to_thread(job.package_file.read_bytes)
        failpoint("before-send")
        await self._client.send(package, plan.message_id, plan.lane, SEND_DEADLINE_S)
        failpoint("after-send")
        self._confirmed.add(plan.message_id)

    def _finish_answered(self, job: Job, received: ReceivedReceipt) -> None:
        """Write the answer beside the document; a deferred one stays until it is decided."""
        receipt, stem = received.receipt, job.plan.stem
        file = job.folder / f"{stem}.receipt.xml"
        if not received.is_final and file.exists() and file.read_bytes() == received.octets:
            return
        write_file(file, received.octets)
        failpoint("receipt-written")
        write_file(job.folder / f"{stem}.receipt.txt", receipt_text(receipt).encode())
        if receipt.outcome == "accepted":
            self._move_out(job, self._sent)
        elif received.is_final:
            write_file(
                job.folder / f"{stem}.reason.txt", reason_text(refusal_of_receipt(receipt), by_hub=True).encode()
            )
            self._move_out(job, self._refused)

    def _finish_refused(self, job: Job, refusal: Refusal) -> None:
        write_file(job.folder / f"{job.plan.stem}.reason.txt", reason_text(refusal, by_hub=False).encode())
        failpoint("reason-written")
        self._move_out(job, self._refused)

    def _move_out(self, job: Job, target: Path) -> None:
        original = job.folder / f"{job.plan.stem}.original.edxml"
        if original.exists() and filecmp.cmp(original, job.package_file, shallow=False):
            original.unlink()
            sync_folder(job.folder)
        failpoint("before-move-out")
        move(job.folder, target / free_name(target, job.folder.name))
        failpoint("after-move-out")
        self._confirmed.discard(job.plan.message_id)
        log.info("finished", document=job.plan.stem, folder=target.name)
