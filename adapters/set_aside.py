"""Keeps what could not be trusted, for people to look at: the message, its note and the reason, each in a file."""

from pathlib import Path

from adapters.delivery import SetAside
from adapters.durable import write_folder


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
