"""A file system of a few megabytes that can be filled and made read-only, without being root: a tmpfs in a namespace."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from docaxis.local.service import ServiceError

CHUNK_BYTES = 64 * 1024


class SmallDisk:
    """Lives while the block lasts, held by a process whose mounts are its own; `path` leads there from anywhere.

    `within` is what must stand before a command that shall see it at `point`.
    """

    def __init__(self, point: Path, size_bytes: int, inodes: int = 4096) -> None:
        self.point = point.absolute()
        self._size_bytes = size_bytes
        self._inodes = inodes
        self._holder: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Mount it; raises ServiceError where the system gives nobody a namespace of his own."""
        self.point.mkdir(parents=True, exist_ok=True)
        options = f"size={self._size_bytes},nr_inodes={self._inodes},mode=700"
        # `cat` ends when our end of its pipe does, so nothing is left behind whatever becomes of us.
        script = f'mount -t tmpfs -o {options} tmpfs "$0" && echo mounted && exec cat'
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(self.point)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._holder.stdout
        said = self._holder.stdout.readline().decode().strip()
        if said != "mounted":
            self._end()
            raise ServiceError(f"no file system of our own: {said}; user namespaces are needed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it go, with all that is on it."""
        self._end()

    @property
    def path(self) -> Path:
        """Return its root as every process of this user can reach it."""
        assert self._holder
        return Path(f"/proc/{self._holder.pid}/root{self.point}")

    @property
    def within(self) -> Sequence[str]:
        """Return the words before a command that shall see it at `point`."""
        assert self._holder
        return ("nsenter", f"--target={self._holder.pid}", "--user", "--preserve-credentials", "--mount", "--")

    def fill(self) -> None:
        """Leave not one byte free."""
        with (self.path / "filler").open("ab", buffering=0) as filler:
            size = CHUNK_BYTES
            while size:
                try:
                    filler.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def use_up_inodes(self) -> None:
        """Leave room for bytes and for no file."""
        folder = self.path / "files"
        folder.mkdir(exist_ok=True)
        number = 0
        with suppress(OSError):
            while True:
                (folder / str(number)).touch(exist_ok=False)
                number += 1

    def empty(self) -> None:
        """Give back what `fill` and `use_up_inodes` took."""
        (self.path / "filler").unlink(missing_ok=True)
        folder = self.path / "files"
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def make(self, *, writable: bool) -> None:
        """Mount it anew as read-only or not; ServiceError while a file is open for writing."""
        # Not merged with the options that it has: one of them names our user, who is unknown in there.
        change = ["--options-mode=ignore", "-o", f"remount,{'rw' if writable else 'ro'}"]
        words = [*self.within, "mount", *change, "-t", "tmpfs", "tmpfs", str(self.point)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(done.stderr.strip())

    def take_in(self, name: str) -> None:
        """Copy a file to it that lies at the same place beneath it, where everybody else looks."""
        shutil.copyfile(self.point / name, self.path / name)

    def bring_out(self, name: str) -> None:
        """Copy an SQLite database from it to the place beneath it; SQLite itself does not follow `path`."""
        copy = self.point.with_name(f"{name}.copy")
        script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))"
        words = [*self.within, sys.executable, "-c", script, str(self.point / name), str(copy)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(done.stderr.strip())
        copy.replace(self.point / name)

    def _end(self) -> None:
        if self._holder:
            self._holder.communicate()
            self._holder = None
