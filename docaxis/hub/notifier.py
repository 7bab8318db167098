"""Tells subscribers of every change, in the order of the log and signed; one process at a time, off the path of documents.

At least once: a subscription moves on only when its receiver has taken a message. Each has a task of its own while it is
behind, so that a receiver that is down or slow holds up nobody else.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from docaxis.hub.acts import act
from docaxis.hub.log_reading import LogReading
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import Store, StoreUnavailable
from docaxis.hub.rounds import again_and_again, whole
from docaxis.hub.rows import EventRow
from docaxis.hub.runner import end_all
from docaxis.hub.subscription import Place, Subscription, place_of, portions, write_message
from docaxis.ledger.event import Json
from docaxis.trust.jws import sign_detached
from docaxis.trust.seal import Seal

log = structlog.get_logger(__name__)

LEASE_NAME = "notifier"
LEASE_S = 10.0
LEADS_S = 6.0
"""How long after taking the lease a message may still be sent: the rest of it is for the sending."""
KEEP_INTERVAL_S = 30.0
AT_ONCE = 100
RETRY_FIRST_S, RETRY_MOST_S = 1.0, 3600.0


class NotTaken(Exception):
    """A receiver did not take a message; the text says why, and holds nothing of the message."""


class Carrier(Protocol):
    """A way to a receiver."""

    async def deliver(self, to: Subscription, body: bytes, signature: str) -> None:
        """Return when the receiver has taken the message; raises NotTaken."""


class Subscriptions(Protocol):
    """Where subscriptions are kept; every method raises StoreUnavailable."""

    async def enabled(self) -> tuple[Sequence[Subscription], int]:
        """Return the subscriptions that are not disabled, and the size of the log (0 where there is none of them)."""

    async def told(self, one: Subscription, next_index: int) -> bool:
        """Note that a message was taken; False where the subscription has changed meanwhile."""

    async def looked_at(self, reached: Mapping[UUID, tuple[int, int]]) -> None:
        """Note that from told_index (the first number) up to the second the log holds nothing for them."""

    async def failed(self, one: Subscription, at: datetime, next_try_at: datetime, error: str) -> None:
        """Note a failure and when to try again."""

    async def give_up(self, one: Subscription, at: datetime, event: EventRow) -> None:
        """Disable a subscription and record the event."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What the configuration says: the hub's name, who this process is, how often to look, when to give up."""

    hub: str
    holder: str
    interval_s: float
    give_up_after: timedelta


class Notifier:
    """Runs beside the intake, in every hub process; the lease lets one of them tell."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        reading: LogReading,
        carriers: Mapping[str, Carrier],
        store: Store,
        seal: Seal,
        telling: Telling,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._subscriptions = subscriptions
        self._reading = reading
        self._carriers = carriers
        self._store = store
        self._seal = seal
        self._telling = telling
        self._clock = clock
        self._metrics = metrics
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._wanted: frozenset[UUID] = frozenset()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._leads_until = 0.0
        # By subscription: from which told_index on the log was found empty, and up to where.
        self._empty: dict[UUID, tuple[int, int]] = {}
        self._kept_at = 0.0

    async def run(self) -> None:
        """Tell until cancelled."""
        try:
            await again_and_again(
                lambda: whole(self.look()),
                self._telling.interval_s,
                log,
                waits="notifier waits",
                failed="notifying failed",
            )
        finally:
            await end_all([*self._tasks.values()])

    async def look(self) -> None:
        """Start a task for each subscription that is behind; nothing is read or written while none is."""
        # What a task that ends meanwhile has told is not in what is read here: those are left to the next look.
        running = set(self._tasks)
        enabled, size = await self._subscriptions.enabled()
        placed = [self._placed(one) for one in enabled]
        behind = [one for one in placed if one.next_index < size]
        self._wanted = frozenset(one.subscription_id for one in enabled)
        if not behind or not await self._lead():
            self._metrics.behind(0, 0.0)
            return
        self._reading.endpoints = frozenset(one.endpoint for one in enabled)
        now = self._clock()
        for one in behind:
            if one.subscription_id not in running and (one.next_try_at is None or one.next_try_at <= now):
                self._start(one)
        furthest = min(one.next_index for one in behind)
        since = await self._reading.time_of(furthest)
        self._metrics.behind(size - furthest, max(0.0, (now - since).total_seconds()) if since else 0.0)
        await self._keep()

    def _placed(self, one: Subscription) -> Subscription:
        """Put a subscription where we know that the log holds nothing for it, unless it was moved meanwhile."""
        told_index, reached = self._empty.get(one.subscription_id, (-1, 0))
        return replace(one, next_index=max(one.next_index, reached)) if told_index == one.told_index else one

    async def _lead(self) -> bool:
        asked_at = time.monotonic()
        fence = await self._store.take_lease(LEASE_NAME, self._telling.holder, self._clock(), LEASE_S)
        if fence is None:
            self._leads_until = 0.0
            return False
        self._leads_until = asked_at + LEADS_S
        return True

    def _may_tell(self, one: Subscription) -> bool:
        """Whether it is still wanted and the lease has time: asked before each message, since a process may have slept."""
        return one.subscription_id in self._wanted and time.monotonic() < self._leads_until

    def _start(self, one: Subscription) -> None:
        key = one.subscription_id
        task = self._tasks[key] = asyncio.create_task(self._tell_quietly(one))
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _tell_quietly(self, one: Subscription) -> None:
        try:
            try:
                await self._tell(one)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.exception("telling failed", subscription=one.subscription_id.hex)
                await whole(self._failed(one, type(error).__name__))
        except StoreUnavailable as error:
            log.warning("notifier waits", error=str(error))

    async def _tell(self, one: Subscription) -> None:
        """Tell one subscription until it is up to date, a message is not taken, or another process leads."""
        while self._may_tell(one):
            changes, end = await whole(self._reading.changes(one.endpoint, one.next_index))
            if end == one.next_index:
                return
            if not changes:
                one = replace(one, next_index=end)
                self._empty[one.subscription_id] = (one.told_index, end)
                continue
            moved = await self._send(one, [place_of(change) for change in changes], end)
            if moved is None:
                return
            one = moved

    async def _send(self, one: Subscription, places: Sequence[Place], end: int) -> Subscription | None:
        """Send changes in messages; returns the subscription where it stands then, None where it goes no further now."""
        for changes, next_index in portions(places, end):
            if not self._may_tell(one):
                return None
            body = write_message(self._telling.hub, one, changes, next_index, self._clock())
            signature = sign_detached(body, self._seal)
            try:
                async with self._slots:
                    await self._carriers[one.kind].deliver(one, body, signature)
            except NotTaken as error:
                await whole(self._failed(one, str(error)))
                return None
            self._metrics.told(len(changes))
            if not await whole(self._subscriptions.told(one, next_index)):
                log.info("subscription was changed meanwhile", subscription=one.subscription_id.hex)
                return None
            one = replace(one, next_index=next_index, told_index=next_index, failures=0, failing_since=None)
        return one

    async def _failed(self, one: Subscription, error: str) -> None:
        now = self._clock()
        since = one.failing_since or now
        self._metrics.not_told()
        facts = {"subscription": one.subscription_id.hex, "endpoint": one.endpoint}
        if now - since >= self._telling.give_up_after:
            body: dict[str, Json] = {
                **facts,
                "kind": one.kind,
                "failing_since": since.isoformat(),
                "next_index": one.next_index,
            }
            await self._subscriptions.give_up(one, now, act("subscription:disabled", now, body))
            self._metrics.gave_up()
            log.error("subscription disabled: not taken for too long", **facts, since=since.isoformat(), error=error)
            return
        wait_s = retry_s(one.failures)
        await self._subscriptions.failed(one, now, now + timedelta(seconds=wait_s), error)
        log.warning("message not taken", **facts, error=error, wait_s=round(wait_s, 1))

    async def _keep(self) -> None:
        """Write now and then how far the log was read for those whom it does not concern."""
        if time.monotonic() - self._kept_at >= KEEP_INTERVAL_S:
            self._kept_at = time.monotonic()
            await self._subscriptions.looked_at(self._empty)
            self._empty = {key: value for key, value in self._empty.items() if key in self._tasks}


def retry_s(failures: int) -> float:
    """Return how long to wait after so many failures before: 1 s doubling to 1 h, less up to a half by chance."""
    return min(RETRY_MOST_S, RETRY_FIRST_S * 2.0 ** min(failures, 12)) * (0.5 + random.random() / 2)  # noqa: S311 - spreads load
