"""A hub process: its tasks, how they end, and what happens when the database or a message makes trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from docaxis.hub.deadlines import Deadlines
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.failpoints import failpoint
from docaxis.hub.fetches import Fetches
from docaxis.hub.intake import Intake, Message
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.sequencer import Sequencer
from docaxis.hub.sweeper import Sweeper

log = structlog.get_logger(__name__)

Work = TypeVar("Work")
STORE_PATIENCE_S = 1.0
DRAIN_PATIENCE_S = 15.0
SETTLE_PATIENCE_S = 2.0
FETCHES_AT_ONCE = 500
FETCHES_WAIT_S = 0.05
CANCEL_AGAIN_S = 0.5
CANCEL_TRIES = 10


@dataclass(frozen=True, slots=True)
class Taken(Generic[Work]):
    """A batch from the broker and the way to acknowledge it."""

    work: Sequence[Work]
    acknowledge: Callable[[], Awaitable[None]]


class Source(Protocol[Work]):
    """Where batches come from; both coroutines run until cancelled."""

    async def run(self) -> None:
        """Keep consuming, whatever the broker does."""

    async def take(self, most: int, wait_s: float) -> Taken[Work]:
        """Return the next batch: 1 to `most` items, waiting up to wait_s for more after the first."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The tasks of one hub process."""

    intake: Intake
    fetches: Fetches
    dispatch: Dispatch
    sweeper: Sweeper
    deadlines: Deadlines
    sequencer: Sequencer
    ingress: Source[Message]
    acknowledgements: Source[tuple[str, bytes]]
    workers: int
    batch_size: int
    batch_wait_s: float

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then drain: take nothing new, finish what was taken, settle."""
        background = [
            asyncio.create_task(work)
            for work in (
                self.ingress.run(),
                self.acknowledgements.run(),
                self.dispatch.run(),
                self.sweeper.run(),
                self.deadlines.run(),
                self.sequencer.run(),
            )
        ]
        workers = [asyncio.create_task(self._take_in(stop)) for _ in range(self.workers)]
        workers.append(asyncio.create_task(self._take_fetches(stop)))
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({stopping, *background, *workers}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            for task in done - {stopping}:
                # None of them ends by itself: its exception ends the process, loudly.
                task.result()
            # What is not finished in time is not acknowledged: the broker gives it to another process.
            finished, late = await asyncio.wait(workers, timeout=DRAIN_PATIENCE_S)
            if late:
                log.warning("not drained in time; another process goes on", workers=len(late))
            for task in finished:
                task.result()
        finally:
            stop.set()
            await end_all((stopping, *background, *workers))
            await self._last_words()

    async def _take_in(self, stop: asyncio.Event) -> None:
        while (taken := await until(stop, self.ingress.take(self.batch_size, self.batch_wait_s))) is not None:
            if not await self._finish(self.intake.handle, self.intake.set_aside, taken.work, stop):
                return
            failpoint("unacknowledged")
            await taken.acknowledge()

    async def _take_fetches(self, stop: asyncio.Event) -> None:
        while (taken := await until(stop, self.acknowledgements.take(FETCHES_AT_ONCE, FETCHES_WAIT_S))) is not None:
            if not await self._finish(self.fetches.handle, self.fetches.set_aside, taken.work, stop):
                return
            failpoint("fetched")
            await taken.acknowledge()

    async def _finish(
        self,
        handle: Callable[[Sequence[Work]], Awaitable[None]],
        set_aside: Callable[[Work, Exception], Awaitable[None]],
        work: Sequence[Work],
        stop: asyncio.Event,
    ) -> bool:
        """Handle a batch, or each of it alone where the batch fails; False: stopped while the store was away."""
        try:
            error = await self._insist(lambda: handle(work), stop)
            if error is None:
                return True
            if len(work) > 1:
                return all([await self._finish(handle, set_aside, [one], stop) for one in work])
            if (fault := await self._insist(lambda: set_aside(work[0], error), stop)) is not None:
                # It can neither be handled nor be kept: unacknowledged, it stays in the broker.
                raise fault
        except StoreUnavailable as error:
            log.warning("stopped while the store is away; the broker delivers again", error=str(error))
            return False
        return True

    async def _insist(self, step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> Exception | None:
        """Repeat until the store takes it; returns what else it failed of; raises StoreUnavailable when `stop` comes."""
        while True:
            try:
                await step()
            except StoreUnavailable as error:
                log.warning("store unavailable; waiting", error=str(error))
                if await until(stop, asyncio.sleep(STORE_PATIENCE_S, result=True)) is None:
                    raise
            except Exception as error:
                log.exception("batch failed")
                return error
            else:
                return None

    async def _last_words(self) -> None:
        try:
            async with asyncio.timeout(SETTLE_PATIENCE_S):
                await self.dispatch.drain()
                await self.sequencer.step_down()
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("not settled at the end; leases run out", error=str(error) or "too slow")


Result = TypeVar("Result")


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Return what `work` returns, or None when `stop` is set first; the work is then cancelled."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        await end_all((working, stopping))


async def end_all(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Cancel tasks until they have ended: a library that is closing a connection may swallow the first cancellation."""
    pending = {task for task in tasks if not task.done()}
    for _ in range(CANCEL_TRIES):
        if not pending:
            break
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
    # Retrieved, so that none is reported as forgotten.
    await asyncio.gather(*(task for task in tasks if task.done()), return_exceptions=True)


async def end_strays(known: Collection[asyncio.Future[Any]]) -> None:
    """End every task of this loop but the known ones and the caller's: what a library left running would hold up the end."""
    await end_all(asyncio.all_tasks() - {*known, asyncio.current_task()})
