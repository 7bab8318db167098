"""The one path, in its order: decide, commit, publish, acknowledge. Everything that can fail is retried or kept, never lost."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from docaxis.domain import wire
from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.hub.acts import act
from docaxis.hub.apply import Accept, Defer, Outcome, Refuse
from docaxis.hub.apply_flows import Advanced, TakenBack
from docaxis.hub.compose import compose
from docaxis.hub.decide import Accepted, Arrival, Deferred, Rejected, decide
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.failpoints import failpoint
from docaxis.hub.judged import Judged, Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import BlobStore, BlobsUnavailable, Known, Store, StoreUnavailable
from docaxis.hub.rows import Batch
from docaxis.hub.scribe import Composed
from docaxis.hub.sequences import Sequences, SequencesShort
from docaxis.hub.snapshot import Snapshot
from docaxis.hub.trial import DiedInTrial, find_killers
from docaxis.hub.window import Window
from docaxis.ledger.event import Json

log = structlog.get_logger(__name__)

ACK_PATIENCE_S = 2.0
"""How long a committed batch waits for its publications before it is acknowledged all the same."""
REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Message:
    """An ingress message as the broker gave it; endpoint and lane come from the proven routing key."""

    body: bytes
    endpoint: str
    lane: str
    message_id: str
    is_claim: bool
    has_carbon_copies: bool
    is_suspect: bool = False
    """Whether it was delivered before without an acknowledgement, so often that it may have ended those who read it."""


class Intake:
    """Takes batches of messages through the path; several batches may be in work at once, committed in their order."""

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        dispatch: Dispatch,
        snapshot: Callable[[], Snapshot],
        settings: Settings,
        window: Window,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._dispatch = dispatch
        self._snapshot = snapshot
        self._settings = settings
        self._sequences = Sequences(store)
        self._window = window
        self._clock = clock
        self._metrics = metrics

    async def handle(self, messages: Sequence[Message]) -> None:
        """Return when every message is committed, and published or left to the outbox: then it may be acknowledged."""
        received_at = self._clock()
        failpoint("received")
        judged: list[Judged] = []
        failed: list[tuple[Message, Exception]] = []
        killers = await self._killers(messages)
        for message in messages:
            if id(message) in killers:
                failed.append((message, DiedInTrial("reading it ended a process")))
                continue
            try:
                judged.append(await self._judge(message, received_at))
            except StoreUnavailable:
                raise
            except Exception as error:
                # One that makes us fail must not take the others with it.
                log.exception("decision failed", endpoint=message.endpoint, message_id=message.message_id)
                failed.append((message, error))
        async with self._window.lock:
            composed = await self._commit(judged)
        for message, fault in failed:
            await self.set_aside(message, fault)
        failpoint("committed")
        await asyncio.wait({self._dispatch.start(composed.outgoing)}, timeout=ACK_PATIENCE_S)
        failpoint("published")

    async def _killers(self, messages: Sequence[Message]) -> set[int]:
        """Return the ids of the suspects that a process does not survive reading."""
        suspects = [message for message in messages if message.is_suspect]
        if not suspects:
            return set()
        log.warning("suspects are tried alone", messages=len(suspects))
        return {id(suspects[place]) for place in await find_killers([suspect.body for suspect in suspects])}

    async def decide_again(self, deferred: Sequence[tuple[UUID, Message, datetime]]) -> None:
        """Take submissions that were deferred through the same path; each keeps its id and its time of reception."""
        judged = []
        for submission_id, message, received_at in deferred:
            try:
                one = await self._judge(message, received_at, self._clock())
            except StoreUnavailable:
                raise
            except Exception:
                # It stays deferred, with its octets, and its time comes again.
                log.exception("decision failed again", endpoint=message.endpoint, message_id=message.message_id)
                continue
            judged.append(replace(one, submission_id=submission_id))
        async with self._window.lock:
            composed = await self._commit(judged)
        failpoint("redecided")
        await self._dispatch.publish(composed.outgoing)

    async def set_aside(self, message: Message, error: Exception) -> None:
        """Keep a message that made us fail, with its origin and reason: our own fault, never told to the sender as his."""
        now = self._clock()
        reason = _storable(f"{type(error).__name__}: {error}"[:REASON_LENGTH_MAX])
        endpoint, message_id = _storable(message.endpoint), _storable(message.message_id)
        body: dict[str, Json] = {"endpoint": endpoint, "message": wire.digest_of(message.body)}
        row = act("message:quarantined", now, body)
        await self._store.quarantine(_storable(message.lane), endpoint, message_id, message.body, reason, row)
        self._metrics.quarantined()

    async def _judge(self, message: Message, received_at: datetime, decided_at: datetime | None = None) -> Judged:
        """Decide one message; raises BlobsUnavailable."""
        if message.lane not in wire.LANES:
            raise ValueError(f"{message.lane} is no lane for packages")
        try:
            arrival = await self._arrival(message, received_at)
        except BlobsUnavailable:
            self._metrics.blobs_unavailable()
            raise
        if isinstance(arrival, Judged):
            return arrival
        if decided_at:
            arrival = replace(arrival, decided_at=decided_at)
        with self._metrics.deciding():
            return Judged(arrival, decide(arrival, self._snapshot()))

    async def _arrival(self, message: Message, received_at: datetime) -> Arrival | Judged:
        """Return the arrival with its octets; of a claim, those of the blob, or the refusal of the claim."""
        arrival = Arrival(
            body=message.body,
            endpoint=message.endpoint,
            message_id=message.message_id,
            lane=message.lane,
            digest=wire.digest_of(message.body),
            received_at=received_at,
            has_carbon_copies=message.has_carbon_copies,
        )
        if not message.is_claim:
            if len(message.body) > self._settings.inline_limit_bytes:
                await self._blobs.write(arrival.digest, message.body)
            return arrival
        try:
            claim = wire.parse_claim(message.body)
        except wire.WireError as error:
            return Judged(arrival, Rejected(Rejection(Reason.PKG_CLAIM_INVALID, str(error))))
        arrival = replace(arrival, body=b"", digest=claim.digest)
        if claim.size_bytes > self._snapshot().limits.package_bytes:
            return Judged(arrival, Rejected(Rejection(Reason.PKG_TOO_LARGE, f"{claim.size_bytes}")))
        size_bytes = await self._blobs.size_bytes(claim.digest)
        # The size first: a claim of one byte must not make us read two gigabytes.
        if size_bytes is not None and size_bytes != claim.size_bytes:
            return Judged(arrival, Rejected(Rejection(Reason.PKG_CLAIM_MISMATCH, f"{claim.size_bytes}, {size_bytes}")))
        body = await self._blobs.read(claim.digest)
        if body is None:
            return Judged(arrival, Deferred(Deferral(Reason.PKG_ATTACHMENT_MISSING, claim.digest)))
        return replace(arrival, body=body)

    async def _commit(self, judged: Sequence[Judged]) -> Composed:
        wanted = [
            (endpoint, one.arrival.lane)
            for one in judged
            if isinstance(one.decision, Accepted)
            for endpoint in one.decision.route.copies
        ]
        composed = Composed()

        def write(known: Sequence[Known]) -> Batch:
            nonlocal composed
            composed = compose(judged, known, self._settings, self._sequences, self._window, self._clock())
            failpoint("composed")
            return composed.batch

        with self._metrics.committing():
            while True:
                await self._sequences.reserve(wanted)
                try:
                    await self._store.commit([one.key for one in judged], write)
                    break
                except SequencesShort:
                    # Composed anew after a lost race, the batch used more numbers than it had reserved.
                    continue
        for outcome in composed.outcomes:
            self._metrics.decided(*_label(outcome))
        return composed


def _storable(text: str) -> str:
    """Return text that any database and the canonical JSON take: what cannot be printed becomes a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _label(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Accept() | Advanced() | TakenBack():
            return "accepted", ""
        case Refuse():
            return "rejected", outcome.rejection.code.value
        case Defer():
            return "deferred", outcome.deferral.code.value
        case _:
            return "repeated", ""
