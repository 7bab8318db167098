"""Keeps what could not be trusted, for people to look at: the message, its note and the reason, each in a file."""

import asyncio
from pathlib import Path

import structlog

from adapters.consumer import Delivered
from adapters.delivery import Refuse, SetAside, note_of
from adapters.durable import write_folder
from adapters.journal import Journal

log = structlog.get_logger(__name__)


def aside_of(delivered: Delivered, reason: str) -> SetAside:
    """Return a message with the reason why it is not believed."""
    message = delivered.message
    return SetAside(
        queue=delivered.queue.rpartition(".")[2],
        message_id=message.header.properties.message_id or "",
        reason=reason,
        body=bytes(message.body),
        note=note_of(message),
    )


async def set_aside_once(aside: SetAside, journal: Journal, refuse: Refuse) -> None:
    """Hand a message to `refuse`, unless the journal says that the very same one was set aside before."""
    if await asyncio.to_thread(journal.set_aside, aside.digest):
        return
    log.error("set aside", queue=aside.queue, message_id=aside.message_id, reason=aside.reason)
    await refuse(aside)
    await asyncio.to_thread(journal.put_set_aside, aside.digest)


def keep_in(folder: Path, aside: SetAside) -> None:
    """Write it as a folder of its own under `folder`, synced; the same one again changes nothing."""
    reason = (
        f"Thông điệp này không được nhận vì không chứng minh được là của trục: {aside.reason}\n"
        f"This message was not taken, since it is not provably the hub's: {aside.reason}\n"
        f"queue: {aside.queue}\nmessage id: {aside.message_id}\n"
    )
    files = {"reason.txt": reason.encode(), "message.bin": aside.body}
    if aside.note:
        files["delivery-note.xml"] = aside.note
    write_folder(folder / aside.digest.removeprefix("sha256:")[:32], files)
