"""A child service whose whole process tree ends with this process, however this process ends."""

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_KEEPER = Path(__file__).with_name("keeper.py")
_LOCK_PATIENCE_S = 20.0


class ServiceError(RuntimeError):
    """A private service could not be had; the text says what to do."""


class Service:
    """One running service under a keeper process, holding its folder's lock as long as anything of it runs."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; nothing is started yet."""
        self.folder = folder
        self.scratch: Path | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._stop_after_s = 0.0

    @property
    def running(self) -> bool:
        """Whether the service's keeper is alive."""
        return self._keeper is not None and self._keeper.poll() is None

    def make_scratch(self, targets: Mapping[str, Path]) -> Path:
        """Make a private temporary folder of symlinks with a plain-ASCII path; the keeper deletes it.

        Its path is chosen once for the service's folder and kept: quorum queues write it into their own files.
        Raises `ServiceError`.
        """
        record = self.folder / "scratch"
        if record.exists():
            scratch = Path(record.read_text(encoding="ascii").strip())
            with suppress(FileExistsError):
                scratch.mkdir(mode=0o700)
        else:
            parent = tempfile.gettempdir()
            if not parent.isascii() or " " in parent:
                parent = "/tmp"  # noqa: S108 - the folder made in it is private (0700) and has a random name
            scratch = Path(tempfile.mkdtemp(prefix="docaxis-", dir=parent))
            record.write_text(f"{scratch}\n", encoding="ascii")
        if scratch.is_symlink() or scratch.stat().st_uid != os.getuid():
            message = f"{scratch} belongs to somebody else; delete {record.parent} to begin anew"
            raise ServiceError(message)
        for name, target in targets.items():
            link = scratch / name
            if link.is_symlink() and link.exists() and not link.samefile(target):
                message = (
                    f"{self.folder} is a copy of {link.resolve()}, which may be running: delete {link} or the copy"
                )
                raise ServiceError(message)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        self.scratch = scratch
        return scratch

    def start(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        console: Path,
        stop_signal: signal.Signals,
        stop_name: str = "-",
        stop_after_s: float,
    ) -> None:
        """Start `argv` under a keeper, its output appended to `console`; raises `ServiceError` for a folder in use."""
        lock = self._lock()
        self._stop_after_s = stop_after_s
        keeper_arguments = [str(stop_signal.value), stop_name, str(stop_after_s), str(self.scratch or "")]
        try:
            with console.open("ab") as output:
                # In a session of its own, so that Ctrl-C at the terminal reaches us alone and we stop it in order.
                self._keeper = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_KEEPER), *keeper_arguments, "--", *argv],
                    env=dict(environment),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=[lock],
                    start_new_session=True,
                    cwd=self.folder,
                )
        finally:
            os.close(lock)  # the keeper has its own copy

    def stop(self) -> None:
        """End the service politely within its time, then by force."""
        self._end(b"")

    def kill(self) -> None:
        """End the service's whole tree by SIGKILL at once."""
        self._end(b"k")

    def _end(self, word: bytes) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None and keeper.stdin is not None:
            try:
                keeper.stdin.write(word)
                keeper.stdin.close()
            except BrokenPipeError:
                pass  # it ended by itself
            keeper.wait(self._stop_after_s + 15)
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch = None

    def _lock(self) -> int:
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + _LOCK_PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(descriptor)
                    message = (
                        f"{self.folder} is in use by another running docaxis: stop that one, or choose another folder"
                    )
                    raise ServiceError(message) from None
                time.sleep(0.1)
            else:
                return descriptor


def kept_secret(path: Path) -> str:
    """Give the password kept in `path`, made once and readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(24) + "\n")
    return path.read_text(encoding="ascii").strip()


def tail(path: Path, lines: int = 12) -> str:
    """Give the last lines of a log, or nothing when there is none."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
