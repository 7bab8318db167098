"""Checks of the log that are under way: each is a task of this process, and what it came to becomes an entry of the log."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import structlog
from aiohttp import web

from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.views.audit import Fault
from docaxis.web.auditor.ports import AuditPort

log = structlog.get_logger(__name__)

PORTION = 1_000
"""Entries that are read and computed at once; progress is told after each."""
FAULTS_KEPT = 100
FAULTS_RECORDED = 20
RUNNING_MOST = 2
"""Checks that may run at once in one process: each keeps a core busy."""
_PATIENCE_S = 2.0

CheckState = Literal["running", "done", "stopped", "failed"]


@dataclass
class Check:
    """One check: entries from first to end (not counted); what was found so far, and when it was last heard of."""

    login: str
    days: tuple[date, date]
    first: int
    end: int
    started_at: datetime
    state: CheckState = "running"
    entries: int = 0
    position: int = 0
    last_at: datetime | None = None
    receipts: int = 0
    faults: list[Fault] = field(default_factory=list)
    by_kind: Counter[str] = field(default_factory=Counter)
    read_s: float = 0.0
    compute_s: float = 0.0
    took_s: float = 0.0
    ended_at: datetime | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def whole(self) -> int:
        """How many entries there are to check."""
        return self.end - self.first

    @property
    def done(self) -> int:
        """How many places were passed."""
        return self.position - self.first

    @property
    def fault_count(self) -> int:
        """How many faults were found; only the first of them are kept."""
        return self.by_kind.total()

    def count(self, names: Iterable[str]) -> int:
        """Count the faults of some kinds."""
        return sum(self.by_kind[name] for name in names)

    @property
    def left_s(self) -> float | None:
        """How long it takes yet at the speed so far, None before anything is known."""
        return self.took_s * (self.whole - self.done) / self.done if self.done else None


class Checks:
    """The checks of this process: of each person the latest one; those before it are told by the log."""

    def __init__(self, audit: AuditPort, clock: Callable[[], datetime]) -> None:
        self._audit = audit
        self._clock = clock
        self._latest: dict[str, Check] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def of(self, login: str) -> Check | None:
        """Return somebody's latest check."""
        return self._latest.get(login)

    @property
    def is_busy(self) -> bool:
        """Whether as many checks are running as may."""
        return sum(one.state == "running" for one in self._latest.values()) >= RUNNING_MOST

    def start(self, login: str, days: tuple[date, date], first: int, end: int) -> Check:
        """Begin a check; the person's earlier one must be over."""
        check = Check(login, days, first, end, self._clock(), position=first)
        self._latest[login] = check
        self._tasks[login] = asyncio.create_task(self._run(check))
        return check

    async def stop(self, login: str) -> None:
        """End somebody's check; what it found so far is recorded."""
        task = self._tasks.get(login)
        if task is not None and not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        """End all checks."""
        for login in tuple(self._tasks):
            await self.stop(login)

    async def _run(self, check: Check) -> None:
        started = time.monotonic()
        try:
            while check.position < check.end:
                await self._portion(check)
                check.took_s = time.monotonic() - started
                _tell(check)
            check.state = "done"
        except asyncio.CancelledError:
            check.state = "stopped"
        except Exception:
            log.exception("check of the log failed", first=check.first, end=check.end, position=check.position)
            check.state = "failed"
        check.ended_at = self._clock()
        await self._record(check)
        _tell(check)

    async def _portion(self, check: Check) -> None:
        end = min(check.position + PORTION, check.end)
        try:
            part = await self._audit.check(check.position, end)
        except StoreUnavailable as error:
            log.warning("check of the log waits", error=str(error))
            await asyncio.sleep(_PATIENCE_S)
            return
        check.position = end
        check.entries += part.entries
        check.receipts += part.receipts
        check.last_at = part.last_at or check.last_at
        check.by_kind.update(one.what for one in part.faults)
        check.faults += part.faults[: FAULTS_KEPT - len(check.faults)]
        check.read_s += part.read_s
        check.compute_s += part.compute_s

    async def _record(self, check: Check) -> None:
        body: dict[str, Any] = {
            "login": check.login,
            "first": check.first,
            "end": check.end,
            "checked": check.done,
            "days": [day.isoformat() for day in check.days],
            "ended": check.state,
            "receipts": check.receipts,
            "faults": check.fault_count,
            "found": [[one.leaf_index, one.what] for one in check.faults[:FAULTS_RECORDED]],
            "milliseconds": int(check.took_s * 1000),
        }
        try:
            await self._audit.record("log:verified", check.ended_at or check.started_at, body)
        except StoreUnavailable:
            log.exception("the result of a check was not recorded", first=check.first, faults=check.fault_count)


def _tell(check: Check) -> None:
    check.changed.set()
    check.changed = asyncio.Event()


CHECKS = web.AppKey("checks", Checks)
