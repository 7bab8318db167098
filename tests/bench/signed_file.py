"""A file of signed packages, each after its length in four octets, made by all cores and kept for the next run."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

LENGTH_BYTES = 4
_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class SignedFile:
    """Packages numbered from 1; `counted` is the file that says how many there are."""

    file: Path
    counted: Path

    def read(self, first: int, count: int) -> Iterator[bytes]:
        """Yield `count` packages after the first `first` ones, one at a time."""
        with self.file.open("rb") as file:
            for number in range(first + count):
                size = int.from_bytes(file.read(LENGTH_BYTES), "big")
                if number < first:
                    file.seek(size, os.SEEK_CUR)
                else:
                    yield file.read(size)

    def provide(self, count: int, sign: Callable[[range], bytes]) -> None:
        """See to it that `count` are there; `sign` makes those of a range of numbers, joined, in another process."""
        there = int(self.counted.read_text()) if self.counted.exists() else 0
        if there >= count:
            return
        numbers = range(there + 1, count + 1)
        parts = [numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE)]
        # A count that was not written leaves a tail in the file that the next call would read as its own: cut it off.
        size = sum(len(body) + LENGTH_BYTES for body in self.read(0, there)) if there else 0
        workers = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
        with workers, self.file.open("r+b" if there else "wb") as file:
            file.seek(size)
            file.truncate()
            for signed in workers.map(sign, parts):
                file.write(signed)
        self.counted.write_text(f"{count}\n")


def joined(packages: Iterable[bytes]) -> bytes:
    """Return packages one behind the other, as the file holds them."""
    return b"".join(len(one).to_bytes(LENGTH_BYTES, "big") + one for one in packages)
