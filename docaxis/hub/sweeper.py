"""What does not come by itself: leases that ran out, windows with room, submissions to decide again, inboxes that lost copies."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from docaxis.domain import wire
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.failpoints import failpoint
from docaxis.hub.intake import Intake, Message
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import BlobStore, Inboxes, Store
from docaxis.hub.rounds import again_and_again
from docaxis.hub.window import Window

log = structlog.get_logger(__name__)

AT_ONCE = 200


class Sweeper:
    """Runs beside the intake, in every hub process; the store hands each piece of work to one of them."""

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        inboxes: Inboxes,
        dispatch: Dispatch,
        intake: Intake,
        settings: Settings,
        window: Window,
        clock: Callable[[], datetime],
        metrics: Metrics,
        interval_s: float,
        inspect_interval_s: float,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._inboxes = inboxes
        self._dispatch = dispatch
        self._intake = intake
        self._settings = settings
        self._window = window
        self._clock = clock
        self._metrics = metrics
        self._interval_s = interval_s
        self._inspect_interval_s = inspect_interval_s
        self._unfetched: dict[str, int] = {}

    async def run(self) -> None:
        """Sweep again and again until cancelled."""
        loop = asyncio.get_running_loop()
        inspect_at = loop.time() + self._inspect_interval_s

        async def one_round() -> None:
            nonlocal inspect_at
            await self.sweep()
            if loop.time() >= inspect_at:
                inspect_at = loop.time() + self._inspect_interval_s
                await self.inspect()

        # One bad row must not end the sweeping of all others: the log names it.
        await again_and_again(one_round, self._interval_s, log, waits="sweeper waits", failed="sweep failed")

    async def sweep(self) -> None:
        """Do one round."""
        await self._refresh_windows()
        for endpoint in sorted(self._window.waiting):
            await self._feed(endpoint)
        await self._resume_outbox()
        await self._decide_again()

    async def inspect(self) -> None:
        """Publish again what stands as dispatched and unfetched for an inbox that is missing or holds too little.

        Only what stood so at the last look is expected in the inbox: the rest may be committed and on its way.
        """
        before = self._unfetched
        loads = await self._store.loads()
        self._unfetched = unfetched = {e: load.unfetched for e, load in loads.items() if load.unfetched}
        expected = {endpoint: min(count, before.get(endpoint, 0)) for endpoint, count in unfetched.items()}
        for endpoint in await self._inboxes.short_of(expected):
            # All of them, at most a window: nobody can tell which ones the inbox has lost.
            lost = await self._store.take_unfetched(
                self._settings.holder, self._clock(), self._lease_s, endpoint, unfetched[endpoint]
            )
            if lost:
                self._metrics.inbox_short(len(lost))
                log.warning("inbox lost copies; publishing them again", endpoint=endpoint, copies=len(lost))
                await self._dispatch.publish(lost)

    async def _refresh_windows(self) -> None:
        async with self._window.lock:
            loads = await self._store.loads()
            self._window.refresh(loads)
        self._metrics.backlog(
            sum(load.waiting for load in loads.values()), sum(load.unfetched for load in loads.values())
        )

    async def _feed(self, endpoint: str) -> None:
        copies, size_bytes = self._window.room(endpoint)
        if not copies or not size_bytes:
            return
        released = await self._store.release_waiting(
            self._settings.holder, self._clock(), self._lease_s, endpoint, min(copies, AT_ONCE), size_bytes
        )
        failpoint("released")
        await self._dispatch.publish(released)

    async def _resume_outbox(self) -> None:
        while batch := await self._store.take_outbox(self._settings.holder, self._clock(), self._lease_s, AT_ONCE):
            failpoint("resumed")
            log.info("publishing again", publications=len(batch))
            await self._dispatch.publish(batch)
            if len(batch) < AT_ONCE:
                return

    async def _decide_again(self) -> None:
        retry_s = self._settings.retry.total_seconds()
        due = await self._store.take_deferred(self._clock(), retry_s, AT_ONCE)
        messages = []
        for one in due:
            octets = one.body
            if octets is None:
                # In the blob store, or not there yet: read by the intake as a claim, which bounds what is read.
                octets = wire.write_claim(wire.Claim(one.digest, await self._blobs.size_bytes(one.digest) or 1))
            message = Message(octets, one.endpoint, one.lane, one.message_id, one.body is None, has_carbon_copies=False)
            messages.append((one.submission_id, message, one.received_at))
        if messages:
            await self._intake.decide_again(messages)

    @property
    def _lease_s(self) -> float:
        return self._settings.lease.total_seconds()
