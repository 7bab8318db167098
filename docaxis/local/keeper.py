"""A small parent for one service, run as a script: once it has ended, the service's whole tree has.

    python -I -S keeper.py STOP_SIGNAL NAME STOP_AFTER_S SCRATCH -- ARGV ...

It adopts every descendant that turns itself into a daemon (Erlang's epmd does). It ends the tree when its standard
input is closed (`stop`), when it reads a `k` there (`kill`), when its own parent is gone, or when the service ends by
itself. The polite signal goes to the processes called NAME (RabbitMQ's shell wrapper would not hand it on), to ARGV's
own process when NAME is `-`. SCRATCH is a folder to delete at the end.
Standard library only, and none of this package, so that it starts in some 20 ms.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_ORPHAN_STOP_S = 1.0  # whoever lost its parent to kill -9 must be gone soon; both services survive SIGKILL by design


def descendants(ancestor: int) -> dict[int, str]:
    """Give the pid and name of every living process below `ancestor`."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while we looked
        head, _, tail = text.rpartition(")")
        state, parent = tail.split()[:2]
        if state not in "ZX":
            parents[int(entry.name)] = int(parent)
            names[int(entry.name)] = head.partition("(")[2]
    below = {ancestor}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        below |= more
        grown = bool(more)
    return {pid: names[pid] for pid in below - {ancestor}}


def send(pid: int, number: int) -> None:
    """Signal a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def reap() -> dict[int, int]:
    """Give the exit status by pid of every dead child, adopted ones included; pid 0 stands for "no child is left"."""
    ended: dict[int, int] = {}
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])
    except ChildProcessError:
        ended[0] = 0
    return ended


def end_tree(stop_signal: int, name: str, child: int, patience_s: float) -> None:
    """Ask politely, wait at most `patience_s`, then SIGKILL until nothing is left."""
    me = os.getpid()
    if patience_s > 0:
        below = descendants(me)
        for pid in [pid for pid, called in below.items() if called == name] or [child] * (child in below):
            send(pid, stop_signal)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            reap()
            # The service has gone once the process we asked has; what is left then (epmd) never ends by itself.
            below = descendants(me)
            if child not in below and name not in below.values():
                break
            time.sleep(0.02)
    until = time.monotonic() + 10
    while 0 not in reap() and time.monotonic() < until:
        for pid in descendants(me):
            send(pid, signal.SIGKILL)
        time.sleep(0.01)


def main(stop_signal: int, name: str, stop_after_s: float, scratch: str, argv: list[str]) -> int:
    """Run `argv` until it ends or is to end."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL).pid
    status: int | None = None
    patience_s = 0.0
    while status is None:
        if asked:
            patience_s = stop_after_s
            break
        word = os.read(0, 1) if select.select([0], [], [], 0.25)[0] else None
        if os.getppid() != parent:
            patience_s = min(stop_after_s, _ORPHAN_STOP_S)
            break
        if word is not None:
            patience_s = 0.0 if word == b"k" else stop_after_s
            break
        status = reap().get(child)
    end_tree(stop_signal, name, child, patience_s)
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return abs(status or 0)


if __name__ == "__main__":
    divider = sys.argv.index("--")
    number_text, called, wait_text, folder = sys.argv[1:divider]
    sys.exit(main(int(number_text), called, float(wait_text), folder, sys.argv[divider + 1 :]))
