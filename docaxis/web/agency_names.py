"""Names of agencies as people type them, folded and in short; what is made of all names is made once for a directory."""

from collections.abc import Callable
from typing import Generic, TypeVar

from docaxis.domain.directory import Directory

COMMITTEE = ("uy ban nhan dan", "ubnd")
COUNCIL = ("hoi dong nhan dan", "hdnd")
CITY = ("thanh pho", "tp")
_SHORT = (COMMITTEE, COUNCIL, CITY)
"""What everybody writes short, folded."""

Made = TypeVar("Made")


class OncePerDirectory(Generic[Made]):
    """Keeps what was made of the directory in use: to fold its names takes up to a second, and it seldom changes."""

    def __init__(self, make: Callable[[Directory], Made]) -> None:
        self._make = make
        self._kept: tuple[Directory, Made] | None = None

    def of(self, directory: Directory) -> Made:
        """Return what is made of a directory."""
        if self._kept is None or self._kept[0] is not directory:
            self._kept = directory, self._make(directory)
        return self._kept[1]


def in_short(folded: str) -> str:
    """Return folded text with the words in short that everybody writes short: `UBND xã` finds `Ủy ban nhân dân xã`."""
    for long, short in _SHORT:
        folded = folded.replace(long, short)
    return folded
