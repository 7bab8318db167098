"""What a receiver does with all that arrives: deliveries, what cannot be trusted, and what the control queue says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.delivery import Refuse, Write
from adapters.passed_on import ReceivedRecall, ReceivedStatus
from docaxis.domain.receipt import Notice
from docaxis.domain.report import Report

log = structlog.get_logger(__name__)

TakeNotice = Callable[[Notice, bytes], Awaitable[None]]
TakeStatus = Callable[[ReceivedStatus], Awaitable[None]]
TakeRecall = Callable[[ReceivedRecall], Awaitable[None]]
TakeReport = Callable[[Report, bytes], Awaitable[None]]
TakeChanges = Callable[[Mapping[str, Any], bytes], Awaitable[None]]
IsSeen = Callable[[str], Awaitable[bool]]


async def log_notice(notice: Notice, _octets: bytes) -> None:
    """Log that something was sent past one of our levels."""
    log.info("notice", notice_id=notice.notice_id, document=notice.code)


async def log_status(received: ReceivedStatus) -> None:
    """Log what the other party says of a document."""
    status = received.status
    log.info("status", document=status.response_for.document_id, author=status.sender.organ_id, code=status.status_code)


async def log_recall(received: ReceivedRecall) -> None:
    """Log that a document was taken back, or that consent is asked."""
    log.info("recall", sender=received.receipt.sender, unread=received.unread, written=received.written)


async def log_report(report: Report, _octets: bytes) -> None:
    """Log what the hub says of a document."""
    log.info("report", kind=report.kind, document=report.document_id)


async def log_changes(message: Mapping[str, Any], _octets: bytes) -> None:
    """Log how many changes the hub tells of."""
    log.info("changes", first=message.get("first"), next=message.get("next"), changes=len(message["changes"]))


@dataclass(frozen=True, slots=True)
class Receiver:
    """What is done with what arrives; each returns only when its effect is durable.

    Each may be called again for the same thing when the process died right after it, and not otherwise. `seen` is asked
    about a copy that its sender takes back and that is not recorded as written: whether somebody may have it all the
    same, because the process died between the writing and the record. None: where the journal holds an intent.
    """

    write: Write
    refuse: Refuse
    notice: TakeNotice = log_notice
    status: TakeStatus = log_status
    recall: TakeRecall = log_recall
    report: TakeReport = log_report
    seen: IsSeen | None = None
    change: TakeChanges = log_changes
