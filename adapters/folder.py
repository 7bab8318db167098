"""An agency's whole program: a folder to put documents into, and a folder in which they arrive.

Run as `python -m adapters.folder --settings endpoint.toml FOLDER`. FOLDER gets `outbox/`, `sending/`, `sent/`, `refused/`,
`inbox/`, `statuses/`, `recalls/`, `reports/`, `notices/` and `set-aside/`; all must lie on one file system. With `--once` it
sends what is there, receives what waits, and ends. It may be killed at any moment: started again, it goes on without losing
or doubling anything.
"""

import argparse
import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.arrivals import Arrivals
from adapters.client import Client
from adapters.flow_folder import FlowFolder
from adapters.inbox_folder import ARRIVING, InboxFolder
from adapters.outbox_folder import OutboxFolder
from adapters.sender_key import load_sender_key
from adapters.sending_folder import SendingFolder
from adapters.settings import EndpointSettings, SettingsError, read_settings

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
SETTLE_S = 1.0
TROUBLE_WAIT_S = 5.0
ANSWERS_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one endpoint."""

    root: Path

    def __getitem__(self, name: str) -> Path:
        """Return one of them, made if it is not there."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class FolderAdapter:
    """Keeps one folder and the hub in step."""

    def __init__(self, settings: EndpointSettings, root: Path, client: Client, settle_s: float = SETTLE_S) -> None:
        folders = Folders(root)
        key = load_sender_key(settings.signing) if settings.signing else None
        self._client = client
        self._answered = asyncio.Event()
        self._outbox = OutboxFolder(folders["outbox"], folders["sending"], key, settle_s)
        self._sending = SendingFolder(client, folders["sending"], folders["sent"], folders["refused"])
        self._arrivals = Arrivals(client, key if settings.tells_arrival else None, folders["refused"])
        self._inbox = InboxFolder(client, folders["inbox"], folders["notices"], folders["set-aside"], self._arrivals)
        self._flows = FlowFolder(client.journal, root, folders[f"inbox/{ARRIVING}"])

    async def run(self) -> None:
        """Run until cancelled."""
        await asyncio.to_thread(self._outbox.recover)
        number = self._client.journal.last_receipt_number()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_again_and_again("sending", self._send))
            tasks.create_task(_again_and_again("receipts", lambda: self._follow(number)))
            tasks.create_task(_again_and_again("receiving", self._receive))

    async def once(self, patience_s: float) -> bool:
        """Send what is there, receive what waits; whether all was sent and has its final answer after patience_s."""
        await asyncio.to_thread(self._outbox.recover)
        await self._take_outbox()
        while self._outbox.is_settling():
            await asyncio.sleep(0.1)
            await self._take_outbox()
        await self._sending.advance()
        inbox, flows = self._inbox, self._flows
        await self._client.receive_waiting(
            inbox.write, inbox.refuse, inbox.notice, patience_s=patience_s,
            status=flows.status, recall=flows.recall, report=flows.report, seen=flows.seen,
        )  # fmt: skip
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                settled = False
                while not settled or self._waiting():
                    await asyncio.sleep(0.1)
                    if settled := await self._client.receipts_settled():
                        await self._advance()
        left = self._outbox.left()
        for name in left:
            # For whoever started it, as the exit status is.
            print(f"{name}: left in outbox/: it, or a file that it names, is not whole", file=sys.stderr)  # noqa: T201
        return not left and not self._waiting()

    def _waiting(self) -> int:
        return self._sending.waiting() + self._arrivals.waiting()

    async def _advance(self) -> None:
        await self._sending.advance()
        await self._arrivals.advance()

    async def _send(self) -> None:
        while True:
            await self._take_outbox()
            self._answered.clear()
            await self._advance()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._answered.wait()

    async def _take_outbox(self) -> None:
        await asyncio.to_thread(lambda: list(self._outbox.take()))

    async def _follow(self, number: int) -> None:
        async for _ in self._client.receipts(after=number):
            self._answered.set()

    async def _receive(self) -> None:
        inbox, flows = self._inbox, self._flows
        await self._client.receive(
            inbox.write, inbox.refuse, inbox.notice,
            status=flows.status, recall=flows.recall, report=flows.report, seen=flows.seen,
        )  # fmt: skip


async def _again_and_again(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do endless work; trouble (a full disk, a folder taken away) is told and the work begun anew."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("trouble", work=name)
        await asyncio.sleep(TROUBLE_WAIT_S)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the folder's lock; raises SettingsError when another program has it."""
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(f"{root}: another program is at work in this folder") from None
        yield
    finally:
        os.close(descriptor)


async def run_folder(settings: EndpointSettings, root: Path, *, once: bool, patience_s: float) -> bool:
    """Run the adapter until SIGINT or SIGTERM, or once; whether nothing was left open."""
    running = asyncio.current_task()
    if running:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    async with Client(settings) as client:
        adapter = FolderAdapter(settings, root, client)
        if once:
            return await adapter.once(patience_s)
        try:
            await adapter.run()
        except asyncio.CancelledError:
            log.info("ending")
    return True


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when all is done, 1 when `--once` left something unsent or without an answer, 2 for unusable settings."""
    parser = argparse.ArgumentParser(prog="python -m adapters.folder", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--settings", type=Path, required=True, help="endpoint.toml")
    parser.add_argument("--once", action="store_true", help="send what is there, receive what waits, end")
    parser.add_argument(
        "--patience", type=float, default=ANSWERS_PATIENCE_S, metavar="S", help="for answers, with --once"
    )
    options = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        settings = read_settings(options.settings)
        with alone(options.folder):
            done = asyncio.run(run_folder(settings, options.folder, once=options.once, patience_s=options.patience))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the answer to whoever started it
        return 2
    except (TimeoutError, asyncio.CancelledError):
        return 1
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
