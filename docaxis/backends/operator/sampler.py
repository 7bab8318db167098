"""Looks at the exchange again and again in the background, so that the operator's pages are read from memory.

What cannot be read at a look keeps its last figures, and is named in `Board.missing`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from docaxis.backends.amqp import BrokerUnavailable
from docaxis.backends.blobs import file_system_of
from docaxis.backends.operator.broker import HUB_QUEUES, BrokerLook, QueueLook
from docaxis.backends.operator.certificates import CertificateEnds, Signers
from docaxis.backends.operator.endpoints import Endpoints
from docaxis.backends.operator.figures import InboxCounts, OperatorFigures, percentile
from docaxis.backends.operator.history import RATE_S, History, Look
from docaxis.backends.operator.queue_views import hub_queue, inbox_queue, stored_queue
from docaxis.backends.operator.traffic import Traffic
from docaxis.domain import wire
from docaxis.hub.ports import Pending, StoreUnavailable
from docaxis.hub.runner import end_all
from docaxis.hub.views.operating import Board, BrokerView, CertificateEnd, Disk, InboxLook, QueueView

log = structlog.get_logger(__name__)

INTERVAL_S = 5.0
FIRST_S = 1.0
END_S = 5.0
"""How long a look under way may go on once the process ends."""
COUNT_EVERY = 3
"""Rates and inboxes are counted at every so many looks."""
SURVEY_EVERY = 12
"""Endpoints, traffic, certificates and the disk at every so many."""
SIGNERS_EVERY = 12 * 60

_TOTAL = ""
"""The name of the history of all inboxes together; no endpoint has it."""


class Sampler:
    """One a process; `board` costs no look-up. clock: the time of the database, monotonic: seconds for rates."""

    def __init__(
        self,
        broker: BrokerLook,
        broker_view: BrokerView,
        figures: OperatorFigures,
        endpoints: Endpoints,
        certificates: CertificateEnds,
        signers: Signers,
        folder: Path,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker = broker
        self._figures = figures
        self._endpoints = endpoints
        self._certificates = certificates
        self._signers = signers
        self._folder = folder
        self._clock = clock
        self._monotonic = monotonic
        self._traffic = Traffic(figures.accepted, figures.rejected)
        self._histories: dict[str, History] = {}
        self._inboxes: Mapping[str, InboxCounts] = {}
        self._received: Mapping[str, float] = {}
        self._looks: Mapping[str, QueueLook] = {}
        self._pending: Pending | None = None
        self._held_at: datetime | None = None
        self._resumes_at: datetime | None = None
        self._files: Sequence[CertificateEnd] = ()
        self._inbox_queues: tuple[QueueView, ...] = ()
        self._counted_s: float | None = None
        self._number = 0
        self._missing: set[str] = set()
        self._seen: set[str] = set()
        self._away: set[str] = set()
        self._board = Board(clock(), clock(), broker_view)

    def board(self) -> Board:
        """Return the figures of the last look."""
        return self._board

    async def inbox(self, endpoint: str) -> Sequence[InboxLook] | None:
        """Ask the broker for an endpoint's queues now; None while it is away or the endpoint is not known."""
        token = self._endpoints.token_of(endpoint)
        if token is None:
            return None
        try:
            return await self._broker.inbox(endpoint, token)
        except BrokerUnavailable as error:
            log.warning("inbox not seen", endpoint=endpoint, error=str(error))
            return None

    async def run(self) -> None:
        """Look until cancelled; the process first gets through its start."""
        try:
            await asyncio.sleep(FIRST_S)
            while True:
                await _whole(self.look())
                await asyncio.sleep(INTERVAL_S)
        finally:
            await self._broker.close()

    async def look(self) -> None:
        """Look once; no trouble ends the looking."""
        self._missing, self._seen = set(), set()
        await self._tried("broker", self._look_at_broker)
        await self._tried("store", self._look_at_store)
        if self._number % COUNT_EVERY == 0:
            await self._tried("store", self._count)
        if self._number % SIGNERS_EVERY == 0:
            await self._tried("store", self._signers.find)
        if self._number % SURVEY_EVERY == 0:
            await self._tried("store", self._survey)
            await self._tried("disk", self._look_at_files)
        if self._number % COUNT_EVERY == 0:
            await self._view_inboxes()
        self._seen_again()
        self._number += 1
        self._board = replace(
            self._board,
            looked_at=self._clock(),
            queues=(*self._hub_queues(), *self._inbox_queues),
            missing=tuple(sorted(self._missing)),
        )

    async def _tried(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
            self._seen.add(name)
        except (StoreUnavailable, BrokerUnavailable, OSError) as error:
            self._not_seen(name, str(error))
        except Exception:
            # Nobody else would notice that this task has ended.
            self._missing.add(name)
            log.exception("not looked at; the last figures stay", what=name)

    def _not_seen(self, name: str, error: str) -> None:
        self._missing.add(name)
        if name not in self._away:
            # It may last for hours: said when it begins, and when it is over.
            self._away.add(name)
            log.warning("not looked at; the last figures stay", what=name, error=error)

    def _seen_again(self) -> None:
        # Not everything is looked at each time: what was not stays as it was.
        back = self._away & self._seen - self._missing
        for name in sorted(back):
            log.info("looked at again", what=name)
        self._away -= back

    async def _look_at_broker(self) -> None:
        self._looks = {}
        self._looks = await self._broker.look()
        for name, look in self._looks.items():
            self._note(name, look.depth, look.came, look.left)

    async def _look_at_store(self) -> None:
        self._pending = pending = await self._figures.pending()
        log_end = await self._figures.log()
        for name, depth in (("outbox", pending.outbox), ("log", pending.events), ("deferred", pending.deferred)):
            self._note(name, depth)
        self._held_at, self._resumes_at = await self._figures.held() if pending.deferred else (None, None)
        self._board = replace(
            self._board,
            log_at=log_end.last_at,
            log_size=log_end.size,
            quarantined=await self._figures.quarantined(),
        )

    async def _count(self) -> None:
        now = self._clock()
        since = now - timedelta(seconds=RATE_S)
        before_s, self._counted_s = self._counted_s, self._monotonic()
        self._inboxes = await self._figures.inboxes()
        for endpoint, counts in self._inboxes.items():
            if before_s is not None and endpoint not in self._histories:
                # It was never sent anything before: at the count before, all of it was nothing.
                self._history(endpoint).add(Look(before_s, 0, 0, 0))
            self._note_inbox(endpoint, counts)
        sums = map(sum, zip(*self._inboxes.values(), strict=True))
        self._note_inbox(_TOTAL, InboxCounts(*sums) if self._inboxes else InboxCounts(0, 0, 0))
        received = await self._figures.received(since, now)
        self._received = {lane: received.get(lane, 0) / RATE_S for lane in wire.LANES}
        latencies = await self._figures.latencies(since)
        self._board = replace(
            self._board,
            accepted_rate=await self._figures.accepted(since, now) / RATE_S,
            dispatched_rate=self._histories[_TOTAL].rates().came,
            rate_s=RATE_S,
            latency_p95_s=percentile(latencies, 0.95),
            latency_base=len(latencies),
        )

    async def _survey(self) -> None:
        await self._endpoints.look(self._inboxes)
        await self._traffic.look(self._clock())
        self._board = replace(self._board, traffic=self._traffic.points())
        await self._signers.read()

    async def _look_at_files(self) -> None:
        self._files = await self._certificates.look()
        room = file_system_of(self._folder)
        free, used = room.f_bavail * room.f_frsize, (room.f_blocks - room.f_bfree) * room.f_frsize
        certificates = sorted((*self._files, *self._signers.ends), key=lambda one: one.ends_at)
        self._board = replace(
            self._board,
            disk=Disk(used, free),
            certificates=tuple(certificates),
            signers_seen=len(self._signers.ends),
        )

    async def _view_inboxes(self) -> None:
        """Make the views of thousands of inboxes, and let others go between."""
        found = []
        for number, (endpoint, counts) in enumerate(sorted(self._inboxes.items())):
            oldest_s = self._endpoints.oldest_s(endpoint)
            found.append(inbox_queue(endpoint, counts.waiting, self._history(endpoint), oldest_s))
            if number % 200 == 0:
                await asyncio.sleep(0)
        self._inbox_queues = tuple(found)
        self._board = replace(self._board, endpoints=tuple(self._endpoints.views(self._inboxes)))

    def _hub_queues(self) -> list[QueueView]:
        found = [
            hub_queue(name, self._looks.get(name), self._history(name), self._received_rate(name))
            for name in HUB_QUEUES
        ]
        if pending := self._pending:
            found += [
                stored_queue("outbox", pending.outbox, pending.outbox_at, pending, self._history("outbox")),
                stored_queue("log", pending.events, pending.events_at, pending, self._history("log")),
                replace(
                    stored_queue("deferred", pending.deferred, self._held_at, pending, self._history("deferred")),
                    resumes_at=self._resumes_at,
                ),
            ]
        return found

    def _received_rate(self, name: str) -> float | None:
        return next((self._received.get(lane) for lane in wire.LANES if wire.ingress_queue(lane) == name), None)

    def _history(self, name: str) -> History:
        return self._histories.setdefault(name, History())

    def _note(self, name: str, depth: int, came: int | None = None, left: int | None = None) -> None:
        self._history(name).add(Look(self._monotonic(), depth, came, left))

    def _note_inbox(self, endpoint: str, counts: InboxCounts) -> None:
        self._note(endpoint, max(0, counts.dispatched - counts.fetched), counts.dispatched, counts.fetched)


async def _whole(work: Coroutine[Any, Any, None]) -> None:
    """Let the work come to its end even when cancelled meanwhile: a statement that is cut off leaves its connection open."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=END_S)
        await end_all([task])
        raise
