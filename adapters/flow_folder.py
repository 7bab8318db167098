"""Into the folder, from the control queue: `statuses/`, `recalls/` and `reports/`; and what is taken back leaves no trace.

Every name is made of what the hub has signed, so that the same thing a second time finds its files there.
"""

import asyncio
import json
import shutil
from datetime import datetime
from pathlib import Path

import structlog

from adapters.durable import append_line, sync_folder, write_file, write_folder
from adapters.failpoints import failpoint
from adapters.flow_text import recall_text, report_text, timeline_line, withdrawn_line
from adapters.journal import Journal
from adapters.passed_on import TAKEN_BACK, ReceivedRecall, ReceivedStatus
from docaxis.domain.calendar import VIETNAM
from docaxis.domain.folding import fold
from docaxis.domain.receipt import Effect
from docaxis.domain.report import Report
from docaxis.domain.status import StatusCode
from docaxis.edxml.attachments import safe_name

log = structlog.get_logger(__name__)

TIMELINE_FILE = "timeline.txt"
WITHDRAWN_FILE = "withdrawn.txt"
TO_DO_FILE = "what-to-do.txt"
_ASKED = TAKEN_BACK - {"replaced"}
"""Whose answer is awaited: a replaced document may be kept by who has it."""
_ID_LENGTH = 100
_TAIL = 8
"""So many of the last letters of an id tell two things of one second apart; the first ones are a time."""


class FlowFolder:
    """The receiver's side of what happens to a document after it was sent."""

    def __init__(self, journal: Journal, root: Path, arriving: Path) -> None:
        self._journal = journal
        self._arriving = arriving
        self._statuses = root / "statuses"
        self._recalls = root / "recalls"
        self._reports = root / "reports"
        for folder in (self._statuses, self._recalls, self._reports):
            folder.mkdir(parents=True, exist_ok=True)

    async def status(self, received: ReceivedStatus) -> None:
        """Keep a status with the hub's receipt, under the document that it is about, and add a line to its timeline."""
        await asyncio.to_thread(self._write_status, received)
        status = received.status
        log.info("status", document=status.response_for.document_id, code=status.status_code)

    async def recall(self, received: ReceivedRecall) -> None:
        """Throw away what had begun to arrive; say what a clerk has to do about what lies in the inbox."""
        for key in received.unread:
            await asyncio.to_thread(self._discard, key)
        if received.unread:
            await asyncio.to_thread(append_line, self._recalls / WITHDRAWN_FILE, withdrawn_line(received))
            failpoint("withdrawal-noted")
        if received.written or not received.unread:
            await asyncio.to_thread(self._write_recall, received)

    async def report(self, report: Report, octets: bytes) -> None:
        """Keep what the hub says of a document."""
        at = _stamp(report.noticed_at)
        name = safe_name(f"{at} {report.kind} {_folded(report.document_id)} {_tail(report.report_id)}")
        await asyncio.to_thread(write_file, self._reports / f"{name}.txt", report_text(report).encode())
        failpoint("report-half-written")
        await asyncio.to_thread(write_file, self._reports / f"{name}.xml", octets)

    async def seen(self, document_key: str) -> bool:
        """Whether a delivery that is not recorded as written lies in the inbox all the same: shown, then a crash."""
        intended = await asyncio.to_thread(self._journal.intended, document_key)
        return intended and not await asyncio.to_thread((self._arriving / document_key).exists)

    def _write_status(self, received: ReceivedStatus) -> None:
        status, receipt = received.status, received.receipt
        folder = self._statuses / _folded(status.response_for.document_id)
        folder.mkdir(exist_ok=True)
        sync_folder(self._statuses)
        name = safe_name(f"{_stamp(receipt.decided_at)}-{status.sender.organ_id}-{status.status_code}")
        name = f"{name}-{_tail(receipt.receipt_id)}"
        again = (folder / f"{name}.edxml").exists()
        write_file(folder / f"{name}.receipt.xml", received.receipt_octets)
        write_file(folder / f"{name}.edxml", received.octets)
        failpoint("status-half-written")
        append_line(folder / TIMELINE_FILE, timeline_line(received), once=again)

    def _discard(self, document_key: str) -> None:
        """Remove an unfinished delivery, and parts of attachments that nobody can tell whose they are: they come again."""
        shutil.rmtree(self._arriving / document_key, ignore_errors=True)
        for partial in self._arriving.glob("blob-*"):
            partial.unlink()
        sync_folder(self._arriving)

    def _write_recall(self, received: ReceivedRecall) -> None:
        receipt = received.receipt
        asked = [one for one in received.effects if one.document in received.written and one.act in _ASKED]
        files = {
            **({"package.edxml": received.octets} if received.package else {}),
            "receipt.xml": received.receipt_octets,
            TO_DO_FILE: recall_text(received, wants_answer=bool(asked)).encode(),
        }
        for one in asked:
            part = f"-{safe_name(one.organ_id)}" if len(asked) > 1 else ""
            files[f"agree{part}.status.toml"] = _answer(StatusCode.AGREED, received, one)
            files[f"decline{part}.status.toml"] = _answer(StatusCode.DECLINED, received, one)
        name = safe_name(f"{_stamp(receipt.decided_at)} {_folded(received.document_id)} {_tail(receipt.receipt_id)}")
        write_folder(self._recalls / name, files)


def _answer(code: StatusCode, received: ReceivedRecall, effect: Effect) -> bytes:
    """Return the TOML that answers for one addressee."""
    values = {
        "document_id": received.document_id,
        "sender": received.receipt.sender,
        "organ_id": effect.organ_id,
        "code": code.written,
        "reason": "",
    }
    # A JSON text is a TOML text too, but for one sign.
    texts = {key: json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") for key, value in values.items()}
    lines = [f"{key} = {text}" for key, text in texts.items()]
    return ("\n".join(lines) + "\n").encode()


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y%m%dT%H%M%S}"


def _folded(document_id: str) -> str:
    return safe_name(fold(document_id)[:_ID_LENGTH])


def _tail(id_text: str) -> str:
    return safe_name(id_text[-_TAIL:])
