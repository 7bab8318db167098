"""The store in plain dictionaries: the twin of `SqlStore` for unit tests, judged by the same tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from docaxis.backends.commit import REDECIDED
from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.memory_rows import Copy, MemoryRows, copy_of, has_run_out, runs_of
from docaxis.domain.status import is_recall_asked
from docaxis.domain.wire import LANES
from docaxis.hub.ports import (
    Deferred,
    FetchRange,
    GivenBack,
    Known,
    LaneLoad,
    LeaseLost,
    Outgoing,
    Pending,
    Remainder,
    StoreRefused,
    Subject,
    SubmissionKey,
)
from docaxis.hub.rows import Batch, DeliveryRow, EventRow


@dataclass
class MemoryBlobs:
    """Content-addressed octets in a dictionary."""

    held: dict[str, bytes] = field(default_factory=dict)

    async def read(self, digest: str) -> bytes | None:
        """Return a blob whole, or None."""
        return self.held.get(digest)

    async def write(self, digest: str, body: bytes) -> None:
        """Keep octets under their digest."""
        self.held[digest] = body

    async def size_bytes(self, digest: str) -> int | None:
        """Return the size, or None when the blob is not there."""
        body = self.held.get(digest)
        return None if body is None else len(body)


class MemoryStore(MemoryRows):
    """What `hub.ports.Store` asks, without a database."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._next: dict[tuple[str, str], int] = {}
        self._leases: dict[str, tuple[str, int, datetime]] = {}

    async def commit(
        self,
        keys: Sequence[SubmissionKey],
        compose: Callable[[Sequence[Known]], Batch],
    ) -> Batch:
        """Load what is known, compose, and write; raises StoreRefused for one key twice."""
        batch = compose([self.known(key) for key in keys])
        messages = [(row.endpoint, row.message_id, row.digest) for row in batch.submissions]
        messages += [(row.endpoint, row.message_id, row.digest) for row in self.submissions.values()]
        named = [(row.sender, row.document_id) for row in (*batch.documents, *self.documents.values())]
        if len(set(messages)) != len(messages) or len(set(named)) != len(named):
            message = "the batch holds one submission or one document twice"
            raise StoreRefused(message)
        for package in batch.packages:
            self.packages.setdefault(package.digest, package)
        self.submissions.update({row.submission_id: row for row in batch.submissions})
        for row in batch.redecided:
            earlier = self.submissions[row.submission_id]
            self.submissions[row.submission_id] = earlier._replace(**{name: getattr(row, name) for name in REDECIDED})
        self.documents.update({row.document_key: row for row in batch.documents})
        self.attachments.update((row.document_key, row.digest) for row in batch.attachments)
        self.deliveries.extend(batch.deliveries)
        self.write_flows(batch)
        for event in batch.events:
            self.record(event)
        self.outbox.update({row.outbox_id: row for row in batch.outbox})
        return batch

    async def sequences(self, wanted: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
        """Reserve blocks of numbers, from 1 up."""
        first = {lane: self._next.get(lane, 1) for lane in wanted}
        self._next.update({lane: first[lane] + count for lane, count in wanted.items()})
        return first

    async def loads(self) -> Mapping[str, LaneLoad]:
        """Return the use of every endpoint's window."""
        counts = {endpoint: [0, 0, 0] for endpoint, _ in self._next}
        for (endpoint, *_), row in self.copies().items():
            counted = counts.setdefault(endpoint, [0, 0, 0])
            if row.state == "waiting":
                counted[2] += 1
            elif row.state == "dispatched" and copy_of(row) not in self.fetched_at:
                counted[0] += 1
                counted[1] += row.size_bytes
        return {endpoint: LaneLoad(*counted) for endpoint, counted in counts.items()}

    async def pending(self) -> Pending:
        """Return what has not come to its end yet."""
        waiting = {row.document_key for row in self.deliveries if row.state == "waiting"}
        return Pending(
            database_at=datetime.now(UTC),
            outbox=len(self.outbox),
            outbox_at=min((row.created_at for row in self.outbox.values()), default=None),
            waiting_at=min((self.documents[key].accepted_at for key in waiting), default=None),
            deferred=sum(row.outcome == "deferred" for row in self.submissions.values()),
            events=len(self.log_pending),
            events_at=self.events[self.log_pending[0]].at if self.log_pending else None,
        )

    async def published(self, outbox_ids: Sequence[UUID], event: EventRow | None) -> None:
        """Forget outbox rows; the event is written if any was there."""
        gone = [self.outbox.pop(key, None) for key in outbox_ids]
        if event is not None and any(gone):
            self.record(event)

    async def narrow(self, remainders: Sequence[Remainder], event: EventRow | None) -> None:
        """Keep what is left of publications; the event is written if that changed any row."""
        is_changed = False
        for left in remainders:
            row = self.outbox.pop(left.outbox_id, None)
            if row is None:
                continue
            rest = row._replace(targets=left.targets, notices=left.notices, with_receipt=left.with_receipt)
            is_changed |= rest != row
            if not left.done:
                self.outbox[left.outbox_id] = rest
        if event is not None and is_changed:
            self.record(event)

    async def fetched(
        self,
        ranges: Sequence[FetchRange],
        at: datetime,
        record: Callable[[Sequence[FetchRange]], EventRow],
    ) -> Sequence[FetchRange]:
        """Record acknowledgements of dispatched copies; returns the new parts."""
        new = self._new(ranges)
        if not new:
            return ()
        self.fetched_at.update(dict.fromkeys(new, at))
        parts = tuple(runs_of(new))
        self.record(record(parts))
        return parts

    def _new(self, ranges: Sequence[FetchRange]) -> list[Copy]:
        return sorted(
            copy
            for copy, row in self.copies().items()
            if row.state == "dispatched"
            and copy not in self.fetched_at
            and any((one.endpoint, one.lane) == copy[:2] and one.first <= copy[2] <= one.last for one in ranges)
        )

    async def given_back(
        self,
        ranges: Sequence[FetchRange],
        at: datetime,
        compose: Callable[[Sequence[GivenBack], Sequence[FetchRange]], Batch],
    ) -> None:
        """Record copies that an endpoint gives back unread."""
        new = self._new(ranges)
        self.fetched_at.update(dict.fromkeys(new, at))
        asked: list[GivenBack] = []
        others: list[FetchRange] = []
        for row in self.deliveries:
            if copy_of(row) in new:
                document = self.documents[row.document_key]
                known = self.subject(Subject(document.sender, document.document_id, document.sender, row.organ_id))
                if known and is_recall_asked(row.statuses):
                    asked.append(GivenBack(replace(known, deliveries=()), known.deliveries[0]))
                else:
                    others.append(FetchRange(row.endpoint, row.lane, row.sequence, row.sequence))
        if new:
            batch = compose(asked, others)
            self.write_flows(batch)
            for event in batch.events:
                self.record(event)
            self.outbox.update({row.outbox_id: row for row in batch.outbox})

    async def take_outbox(self, holder: str, now: datetime, lease_s: float, limit: int) -> Sequence[Outgoing]:
        """Lease publications whose lease ran out, urgent first, oldest first."""
        due = [row for row in self.outbox.values() if has_run_out(row.leased_until, now, lease_s)]
        due.sort(key=lambda row: (self.submissions[row.submission_id].lane != LANES[0], row.created_at))
        until = now + timedelta(seconds=lease_s)
        leased = [row._replace(leased_by=holder, leased_until=until) for row in due[:limit]]
        self.outbox.update({row.outbox_id: row for row in leased})
        return [self.outgoing(row) for row in leased]

    async def release_waiting(
        self,
        holder: str,
        now: datetime,
        lease_s: float,
        endpoint: str,
        copies: int,
        size_bytes: int,
    ) -> Sequence[Outgoing]:
        """Turn waiting copies into leased publications; the first goes whatever its size."""
        chosen: list[DeliveryRow] = []
        room_bytes = size_bytes
        for row in self.in_order(endpoint, "waiting")[: max(copies, 0)] if size_bytes > 0 else ():
            if chosen and row.size_bytes > room_bytes:
                break
            chosen.append(row)
            room_bytes -= row.size_bytes
        flipped = {copy_of(row) for row in chosen}
        self.deliveries = [
            row._replace(state="dispatched") if copy_of(row) in flipped else row for row in self.deliveries
        ]
        return self.lease(chosen, holder, now, lease_s)

    async def take_unfetched(
        self, holder: str, now: datetime, lease_s: float, endpoint: str, limit: int
    ) -> Sequence[Outgoing]:
        """Make leased publications of dispatched and unfetched copies that no outbox row holds."""
        held = {row.submission_id for row in self.outbox.values() if endpoint in row.targets}
        lost = [
            row
            for row in self.in_order(endpoint, "dispatched")
            if copy_of(row) not in self.fetched_at and row.document_key not in held
        ]
        return self.lease(lost[: max(limit, 0)], holder, now, lease_s)

    async def take_deferred(self, now: datetime, lease_s: float, limit: int) -> Sequence[Deferred]:
        """Return deferred submissions that are due, and push them out of sight for the lease."""
        due = [
            (row.retry_at, row)
            for row in self.submissions.values()
            if row.outcome == "deferred" and row.retry_at is not None and has_run_out(row.retry_at, now, lease_s)
        ]
        taken = [row for _, row in sorted(due, key=lambda pair: pair[0])[:limit]]
        for row in taken:
            self.submissions[row.submission_id] = row._replace(retry_at=now + timedelta(seconds=lease_s))
        deferred = []
        for row in taken:
            package = self.packages.get(row.digest)
            body = None if package is None else package.body
            deferred.append(
                Deferred(row.submission_id, row.endpoint, row.message_id, row.lane, row.digest, body, row.received_at)
            )
        return deferred

    async def quarantine(
        self, origin: str, endpoint: str, message_id: str, body: bytes, reason: str, event: EventRow
    ) -> None:
        """Keep a message that made us fail."""
        if event.event_id not in self.quarantined:
            self.quarantined[event.event_id] = (origin, endpoint, message_id, body, reason)
            self.record(event)

    async def take_lease(self, name: str, holder: str, now: datetime, lease_s: float) -> int | None:
        """Take or renew a lease."""
        held_by, fence, until = self._leases.get(name, (holder, 1, now))
        if held_by != holder:
            if not has_run_out(until, now, lease_s):
                return None
            fence += 1
        self._leases[name] = (holder, fence, now + timedelta(seconds=lease_s))
        return fence

    async def append_log(self, fence: int, limit: int) -> int:
        """Give events their place in the log; raises LeaseLost."""
        if self._leases.get(SEQUENCER_LEASE, ("", 0))[1] != fence:
            message = f"fence {fence} of the sequencer is not the newest"
            raise LeaseLost(message)
        taken, self.log_pending = self.log_pending[:limit], self.log_pending[limit:]
        self.log_entries.extend(taken)
        return len(taken)
