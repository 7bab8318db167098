"""What process trees cost, read from /proc: CPU time of living and reaped children alike, and peak memory."""

import os
from collections.abc import Iterable
from pathlib import Path

from docaxis.local.keeper import descendants

_TICKS_S = os.sysconf("SC_CLK_TCK")


def cpu_s(root: int | None, without: Iterable[int] = ()) -> float:
    """Return the CPU seconds of a process tree so far, user and system; `without` names processes of it to leave out."""
    if root is None:
        return 0.0
    ticks = sum(sum(_times(pid)) for pid in (root, *descendants(root)))
    return (ticks - sum(sum(_times(pid)[:2]) for pid in without)) / _TICKS_S


def ended_s(pid: int) -> float:
    """Return the CPU seconds of a process's children that have ended, user and system, as far as it has waited for them."""
    return sum(_times(pid)[2:]) / _TICKS_S


def memory_mib(root: int | None, field: str = "VmHWM") -> float:
    """Return the memory of the largest process of a tree in MiB: `VmHWM` its peak, `VmRSS` what it has now."""
    if root is None:
        return 0.0
    return max((_status_kib(pid, field) for pid in descendants(root)), default=0) / 1024


def _times(pid: int) -> list[int]:
    """Return user, system, children's user and children's system time in ticks; nothing of a process that has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [int(word) for word in text.rpartition(")")[2].split()[11:15]]


def _status_kib(pid: int, field: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{field}:")), 0)
