"""Files of unknown origin, read within bounds: a verdict about them, never an exception."""

import os
import stat
import sys
from pathlib import Path

from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.limits import DEFAULT_LIMITS

STANDARD_INPUT = Path("-")


class UnreadableError(Exception):
    """A file that cannot be read; the text is the system's reason."""


def read_octets(file: Path, most: int = DEFAULT_LIMITS.package_bytes) -> bytes | Rejection:
    """Return the octets of a file (`-`: standard input), or PKG.TOO_LARGE; raises UnreadableError."""
    try:
        if file == STANDARD_INPUT:
            octets = sys.stdin.buffer.read(most + 1)
            return octets if len(octets) <= most else _too_large(0, most)
        with file.open("rb") as opened:
            state = os.fstat(opened.fileno())
            size = state.st_size if stat.S_ISREG(state.st_mode) else 0
            octets = b"" if size > most else opened.read(most + 1)
    except (OSError, ValueError) as error:
        raise UnreadableError(error.strerror or str(error) if isinstance(error, OSError) else str(error)) from None
    return _too_large(size, most) if size > most or len(octets) > most else octets


def read_file(file: Path, most: int = DEFAULT_LIMITS.package_bytes) -> bytes:
    """Return the octets of a file that a command cannot do without; raises CommandError."""
    try:
        octets = read_octets(file, most)
    except UnreadableError as error:
        code = ExitCode.FAILED if file.exists() else ExitCode.NOT_FOUND
        raise CommandError(f"{file}: {error}", code) from None
    if isinstance(octets, Rejection):
        raise CommandError(f"{file}: {octets.code} {octets.detail}", ExitCode.VERIFICATION_FAILED)
    return octets


def write_octets(file: Path | None, octets: bytes) -> None:
    """Write a result whole or not at all, to standard output where no file is named; raises OSError."""
    if file is None or file == STANDARD_INPUT:
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
        return
    if file.exists() and not file.is_file():
        # A device or a pipe is written to; renaming over it would put a plain file in its place.
        file.write_bytes(octets)
        return
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_bytes(octets)
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _too_large(size: int, most: int) -> Rejection:
    return Rejection(Reason.PKG_TOO_LARGE, f"{size or f'{most + 1}+'} > {most} bytes")
