"""Into the folder: every delivery becomes one folder of `inbox/`, complete or not there, once and only once."""

import asyncio
import unicodedata
from pathlib import Path

import structlog

from adapters.arrivals import Arrivals
from adapters.blobs import BlobError
from adapters.client import Client
from adapters.delivery import Delivery, SetAside, TryLaterError
from adapters.durable import begin_folder, free_name, move, sync_file, sync_folder, write_file, write_new_file
from adapters.failpoints import failpoint
from adapters.set_aside import keep_in
from docaxis.domain.calendar import day_of
from docaxis.domain.envelope import Attachment, Envelope
from docaxis.domain.receipt import Notice
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Rejection
from docaxis.edxml.attachments import safe_name, unpack
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse

log = structlog.get_logger(__name__)

ARRIVING = ".arriving"
PACKAGE_FILE = "package.edxml"
NOTE_FILE = "delivery-note.xml"
SUMMARY_FILE = "delivery-note.txt"
_TITLE_LENGTH = 80


class InboxFolder:
    """The receiver's side of `inbox/`, `notices/` and `set-aside/`; arrivals are told when a delivery is shown."""

    def __init__(self, client: Client, inbox: Path, notices: Path, aside: Path, arrivals: Arrivals) -> None:
        self._client = client
        self._arrivals = arrivals
        self._inbox = inbox
        self._arriving = inbox / ARRIVING
        self._notices = notices
        self._aside = aside

    async def write(self, delivery: Delivery) -> None:
        """Write a delivery; raises TryLaterError while an attachment by reference cannot be had.

        The journal learns of the last step before it is done: a delivery that comes again with that intent, and whose
        folder is no longer among the arriving ones, has been renamed into place, wherever a clerk has put it since.
        """
        journal, folder = self._client.journal, self._arriving / delivery.document_key
        read = await asyncio.to_thread(_read, delivery.body)
        if not await asyncio.to_thread(journal.intended, delivery.document_key):
            await self._build(folder, delivery, read)
            owed = await asyncio.to_thread(self._arrivals.owed, delivery)
            await asyncio.to_thread(journal.put_intent, delivery.document_key, owed)
            failpoint("folder-intended")
        elif not await asyncio.to_thread(folder.exists):
            return
        # From here on the folder is complete and is only renamed: building it again could lose what was there.
        name = await asyncio.to_thread(free_name, self._inbox, title_of(delivery, read))
        await asyncio.to_thread(move, folder, self._inbox / name)
        failpoint("folder-renamed")
        log.info("received", folder=name, lane=delivery.lane)

    async def refuse(self, aside: SetAside) -> None:
        """Keep what cannot be trusted, for people to look at."""
        await asyncio.to_thread(keep_in, self._aside, aside)

    async def notice(self, notice: Notice, octets: bytes) -> None:
        """Keep a notice."""
        file = self._notices / f"{safe_name(notice.notice_id)}.xml"
        await asyncio.to_thread(write_file, file, octets)

    async def _build(self, folder: Path, delivery: Delivery, read: Envelope | None) -> None:
        await asyncio.to_thread(self._begin, folder, delivery, read)
        failpoint("folder-begun")
        for attachment in read.attachments if read else ():
            await self._write_attachment(folder, attachment)
        await asyncio.to_thread(sync_folder, folder)
        await asyncio.to_thread(sync_folder, self._arriving)
        failpoint("folder-built")

    def _begin(self, folder: Path, delivery: Delivery, read: Envelope | None) -> None:
        begin_folder(folder)
        write_new_file(folder / PACKAGE_FILE, delivery.body)
        write_new_file(folder / NOTE_FILE, delivery.note_bytes)
        write_new_file(folder / SUMMARY_FILE, summary_of(delivery, read).encode())

    async def _write_attachment(self, folder: Path, attachment: Attachment) -> None:
        name = safe_name(attachment.attachment_name)
        if attachment.blob:
            # Kept apart from the folder that is begun anew each time, so that a broken download goes on.
            partial = self._arriving / f"blob-{attachment.blob.digest.removeprefix('sha256:')}"
            try:
                await self._client.get_attachment(attachment.blob, partial)
            except BlobError as error:
                raise TryLaterError(f"attachment “{name}”: {error}") from error
            await asyncio.to_thread(sync_file, partial)
            await asyncio.to_thread(partial.rename, folder / _free(folder, name))
            failpoint("attachment-written")
            return
        unpacked = await asyncio.to_thread(unpack, attachment)
        if isinstance(unpacked, Rejection):
            kept = _free(folder, f"{name}.raw")
            await asyncio.to_thread(write_new_file, folder / kept, attachment.content)
            await asyncio.to_thread(write_new_file, folder / f"{kept}.note.txt", _not_unpacked(unpacked).encode())
        else:
            await asyncio.to_thread(write_new_file, folder / _free(folder, unpacked.name), unpacked.content)
        failpoint("attachment-written")


def title_of(delivery: Delivery, read: Envelope | None) -> str:
    """Return the name of a delivery's folder: day, number and notation, subject; safe on every system."""
    day = day_of(delivery.note.accepted_at)
    if read is None:
        return f"{day:%Y-%m-%d} {safe_name(delivery.document_key)}"
    header = read.header
    number = "-".join(part for part in (header.code.code_number, header.code.code_notation) if part)
    # A cut in the middle of a composed letter would leave a mark alone.
    subject = unicodedata.normalize("NFC", header.subject)[:_TITLE_LENGTH]
    title = " ".join(part for part in (number, subject) if part) or delivery.document_key
    # What looks like a path, or like an ending, is only text here.
    for character in "/\\.":
        title = title.replace(character, "-" if character != "." else "_")
    return f"{day:%Y-%m-%d} {safe_name(title)}"


def summary_of(delivery: Delivery, read: Envelope | None) -> str:
    """Return what a clerk wants to know first."""
    lines = []
    if read:
        header = read.header
        code = "/".join(part for part in (header.code.code_number, header.code.code_notation) if part)
        lines += [
            f"Số, ký hiệu / code: {_line(code)}",
            f"Trích yếu / subject: {_line(header.subject)}",
            f"Cơ quan gửi / sender: {delivery.note.sender} {_line(header.sender.organ_name)}".rstrip(),
        ]
    lines.append(f"Mã văn bản / document id: {_line(delivery.note.document_id)}")
    for one in delivery.addressees:
        facts = [one.organ_id, one.addressed_as and f"ghi là / written as {one.addressed_as}", one.via, one.note]
        lines.append(f"Nơi nhận / addressee: {'; '.join(_line(fact) for fact in facts if fact)}")
    lines.append(f"Trục chấp nhận lúc / accepted at: {delivery.note.accepted_at.isoformat()}")
    return "\n".join(lines) + "\n"


def _read(body: bytes) -> Envelope | None:
    """Read the envelope; the hub has verified the package, and what it lets pass we keep even if we cannot read it."""
    parsed = parse(body)
    read = parsed if isinstance(parsed, Rejection) else read_envelope(parsed)
    return read if isinstance(read, Envelope) else None


def _free(folder: Path, name: str) -> str:
    """Return a free name in a folder, numbered before its ending."""
    stem, dot, ending = name.rpartition(".")
    return free_name(folder, stem, f".{ending}") if dot else free_name(folder, name)


def _not_unpacked(rejection: Rejection) -> str:
    vi, en = (sentence(rejection.code, language, rejection.detail) for language in ("vi", "en"))
    return f"Tệp đính kèm được giữ nguyên như khi nhận: {vi}\nThe attachment is kept as it came: {en}\n"


def _line(text: str) -> str:
    return " ".join(text.split())
