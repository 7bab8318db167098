"""CPU of the pages' process and of the database, in nanoseconds: a page takes less than a tick of the usual counters."""

from pathlib import Path

from docaxis.local.keeper import descendants
from tests.bench.processes import ended_s

_NS = 1e9


class Meter:
    """Process trees together; what a process of the database used that has ended meanwhile counts with its parent."""

    def __init__(self, *roots: int | None) -> None:
        self._roots = [root for root in roots if root is not None]

    @property
    def cpu_ms(self) -> float:
        """Return the CPU so far in milliseconds."""
        found = 0.0
        for root in self._roots:
            for pid in (root, *descendants(root)):
                found += _running_ns(pid) / _NS + ended_s(pid)
        return found * 1000


def _running_ns(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text(encoding="ascii").split()[0])
        except (OSError, IndexError):
            continue  # it ended at this moment
    return total
