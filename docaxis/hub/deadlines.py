"""Looks at documents when their deadlines have come, in every hub process; the store hands each deadline to one of them.

The same rounds keep the attendance: when at least one hub process had both broker and database. What was due while none
had is laid to nobody else's account.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from docaxis.domain.deadline import DeadlinePolicy, years_in_use
from docaxis.domain.lateness import Interval
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.overdue import DueDocument, Notary, Noticed
from docaxis.hub.rounds import again_and_again
from docaxis.hub.rows import Batch

log = structlog.get_logger(__name__)

AT_ONCE = 50
"""Documents in one transaction: to seal the reports about so many keeps this process from its other tasks for 50 ms."""
ATTEND_INTERVAL_S = 5.0
CLEAR_AT_ONCE = 5_000
CLEAR_AHEAD = timedelta(seconds=60)
"""The documents of a whole day fall due in the same second; those that were answered are put away before."""
CLEAR_INTERVAL_S = 25.0
ROUND_INTERVAL_S = 1.0

Judge = Callable[[Sequence[DueDocument], Sequence[Interval]], Noticed]


class DeadlineStore(Protocol):
    """What the rounds need of the audit store; every method is one transaction and safe to repeat."""

    async def look(self, now: datetime, limit: int, passed_over: Collection[UUID], judge: Judge) -> tuple[int, Noticed]:
        """Take deadlines that have come, longest due first, write what judge makes of them and delete those it is done with.

        Returns how many were taken. Deadlines of `passed_over` documents, and those that another process holds, stay.
        """

    async def clear(self, before: datetime, limit: int) -> int:
        """Delete at most so many deadlines `receipt`, due by then, that every addressee has met; returns how many."""

    async def attend(self, now: datetime) -> None:
        """Record that a hub process is here with broker and database."""


class Deadlines:
    """The rounds of one process."""

    def __init__(
        self,
        store: DeadlineStore,
        settings: Settings,
        clock: Callable[[], datetime],
        metrics: Metrics,
        *,
        is_connected: Callable[[], bool],
        hub_away_share: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._is_connected = is_connected
        self._hub_away_share = hub_away_share
        self._monotonic = monotonic
        self._attend_from = self._clear_from = 0.0
        self._caught_up_at = monotonic()
        self._passed_over: set[UUID] = set()
        self._years: tuple[int, ...] = ()
        metrics.watch({"docaxis_deadlines_behind_seconds": lambda: monotonic() - self._caught_up_at})

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await again_and_again(
            self.one_round, ROUND_INTERVAL_S, log, waits="deadlines wait", failed="deadlines not looked at"
        )

    async def one_round(self) -> None:
        """Keep the attendance, and look until nothing is due."""
        now = self._clock()
        self._warn_of_unknown_years(self._settings.deadlines, now)
        if self._is_connected() and self._monotonic() >= self._attend_from:
            await self._store.attend(now)
            self._attend_from = self._monotonic() + ATTEND_INTERVAL_S
        if self._monotonic() >= self._clear_from:
            cleared = CLEAR_AT_ONCE
            while cleared == CLEAR_AT_ONCE:
                cleared = await self._store.clear(now + CLEAR_AHEAD, CLEAR_AT_ONCE)
            self._clear_from = self._monotonic() + CLEAR_INTERVAL_S
        taken = AT_ONCE
        while taken == AT_ONCE:
            taken = await self._look()
        self._caught_up_at = self._monotonic()

    async def _look(self) -> int:
        now = self._clock()

        def judge(dues: Sequence[DueDocument], present: Sequence[Interval]) -> Noticed:
            notary = Notary(self._settings.hub, self._settings.seal, now, present, self._hub_away_share)
            noticed = Noticed(Batch(changed_at=now))
            for due in dues:
                try:
                    noticed.add(notary.look(due))
                except Exception:
                    # One document that makes us fail must not hold up the others; it is tried again by the next process.
                    self._passed_over.add(due.document_key)
                    log.exception("deadline not judged", document=due.document_key.hex, kind=due.duty)
            return noticed

        taken, noticed = await self._store.look(now, AT_ONCE, self._passed_over, judge)
        for miss in noticed.misses:
            self._metrics.missed(miss.cause)
        if noticed.batch.events:
            log.info("deadlines noticed", documents=len(noticed.batch.events), misses=len(noticed.misses))
        return taken

    def _warn_of_unknown_years(self, policy: DeadlinePolicy, now: datetime) -> None:
        years = years_in_use(now)
        if years != self._years:
            self._years = years
            for year in years:
                if not policy.calendar.knows(year):
                    log.warning("holidays of the year not known; weekends and fixed holidays count", year=year)
