"""What others say of documents, as `docaxis inbox` shows and keeps it: statuses, recalls, the hub's reports and notices."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.durable import write_folder
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from docaxis.cli.inbox_folder import PACKAGE_FILE
from docaxis.cli.output import language, print_json, print_line
from docaxis.cli.plain import to_plain
from docaxis.domain.receipt import Notice
from docaxis.domain.report import Report
from docaxis.domain.report_sentences import report_sentence
from docaxis.domain.status import NAMES, parse_status_code
from docaxis.edxml.attachments import safe_name

RECEIPT_FILE = "receipt.xml"
"""The hub's signed receipt of the package beside it: the proof that the hub took it, when, and what came of it."""
_DIGEST_DIGITS = 32
_UNREAD = ("đã lấy lại, chưa nhận về", "taken back, never fetched")
_ASKED = ("đã nhận về, hãy trả lời 15 hoặc 16", "it is here, answer 15 or 16")
_REPLACED = ("đã nhận về, nay được thay thế", "it is here, a newer document replaces it")


class Words:
    """Keeps each message as a folder of its own, durably, then prints it; one that comes again is left as it is."""

    def __init__(self, folder: Path, *, as_json: bool) -> None:
        """Take the folder, made with the first message."""
        self._folder = folder
        self._as_json = as_json

    async def status(self, received: ReceivedStatus) -> None:
        """Take a status of the other party."""
        said = received.status
        kept = await self._keep(f"status {received.receipt.receipt_id}", received.octets, received.receipt_octets)
        code = parse_status_code(said.status_code)
        called = NAMES[code][0 if language() == "vi" else 1] if code else ""
        self._show(
            {
                "kind": "status",
                "folder": str(kept),
                "document_id": said.response_for.document_id,
                "author": said.sender.organ_id,
                "status": said.status_code,
                "description": said.description,
                "reported_at": to_plain(said.timestamp),
            },
            f"{said.status_code} {called}  {said.sender.organ_id}  {said.response_for.document_id}  {said.description}",
        )

    async def recall(self, received: ReceivedRecall) -> None:
        """Take a recall, a request for return, or an update or replacement that concerns copies of ours."""
        receipt = received.receipt
        kept = await self._keep(f"recall {receipt.receipt_id}", received.octets, received.receipt_octets)
        act = _act(received)
        words = _UNREAD if not received.written else _REPLACED if act == "replaced" else _ASKED
        here = words[0 if language() == "vi" else 1]
        self._show(
            {
                "kind": "recall",
                "folder": str(kept),
                "document_id": received.document_id,
                "sender": receipt.sender,
                "reason": received.reason,
                "effects": [{"organ_id": one.organ_id, "act": one.act} for one in received.effects],
                "unread": list(received.unread),
                "written": list(received.written),
            },
            f"{act}  {receipt.sender}  {received.document_id}  {here}  {received.reason}",
        )

    async def report(self, report: Report, octets: bytes) -> None:
        """Take what the hub reports of itself."""
        name = f"report {report.report_id}"
        kept = await self._write(name, {"report.xml": octets})
        told = report_sentence(report, language())
        plain = to_plain(report) | {
            "kind": "report",
            "report": report.kind,
            "folder": str(kept),
            "addressees": [one._asdict() for one in report.addressees],
            "sentence": told,
        }
        self._show(plain, f"{report.kind}  {told}")

    async def notice(self, notice: Notice, octets: bytes) -> None:
        """Take the notice that a document passed one of our levels over."""
        kept = await self._write(f"notice {notice.notice_id}", {"notice.xml": octets})
        told = f"notice  {notice.organ_id}  {notice.sender}  {notice.document_id}"
        self._show({"kind": "notice", "folder": str(kept), **to_plain(notice)}, told)

    async def change(self, message: Mapping[str, Any], octets: bytes) -> None:
        """Take what a subscription tells of changes."""
        kept = await self._write(f"changes {sha256(octets).hexdigest()[:_DIGEST_DIGITS]}", {"changes.json": octets})
        self._show({"kind": "changes", "folder": str(kept), **message}, f"changes  {len(message['changes'])}  {kept}")

    async def _keep(self, name: str, package: bytes, receipt: bytes) -> Path:
        return await self._write(name, {**({PACKAGE_FILE: package} if package else {}), RECEIPT_FILE: receipt})

    async def _write(self, name: str, files: dict[str, bytes]) -> Path:
        folder = self._folder / safe_name(name)
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(write_folder, folder, files)
        return folder

    def _show(self, plain: dict[str, Any], line: str) -> None:
        print_json(plain) if self._as_json else print_line(line.rstrip())


def _act(received: ReceivedRecall) -> str:
    acts = {one.act for one in received.effects}
    return next((act for act in ("replaced", "removed") if act in acts), "recall")
