"""What an endpoint must not forget: copies written or given back, what it heard, what it owes; one SQLite file, or memory.

Calls block for one synced commit (some milliseconds on a disk); the client makes them in a thread.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

MEMORY = ":memory:"

_TABLES = """
create table if not exists delivered (
    document_key text primary key, lane text not null, sequence integer not null, digest text not null, at text not null
) without rowid;
create table if not exists withdrawn (
    document_key text primary key, lane text not null, sequence integer not null, at text not null
) without rowid;
create table if not exists intended (document_key text primary key) without rowid;
create table if not exists outgoing (
    message_id text primary key, document_key text not null, organ_id text not null, octets blob not null,
    at text not null, outcome text not null default ''
) without rowid;
create index if not exists outgoing_unanswered on outgoing (document_key) where outcome = '';
create table if not exists heard (message text primary key, at text not null) without rowid;
create table if not exists receipts (
    number integer primary key autoincrement, message_id text not null, digest text not null, outcome text not null,
    octets blob not null, octets_digest text not null, at text not null, unique (message_id, octets_digest)
);
create table if not exists notices (notice_id text primary key, octets blob not null, at text not null) without rowid;
create table if not exists set_aside (digest text primary key, at text not null) without rowid;
"""


_AGEING = ("delivered", "withdrawn", "receipts", "notices", "set_aside", "heard", "outgoing")


@dataclass(frozen=True, slots=True)
class Written:
    """A delivery that has been written durably; sequence counts per endpoint and lane."""

    document_key: str
    lane: str
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A copy that its sender took back before it was written: it is never written from then on."""

    document_key: str
    lane: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed status of our own about a delivery; to be sent once that delivery is written."""

    message_id: str
    document_key: str
    organ_id: str
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A verified receipt as it came; number grows with every new one, so that a reader can go on where it stopped.

    message_id is the message that it answers: a repeated receipt names inside the message that was decided first.
    digest is that of the package.
    """

    number: int
    message_id: str
    digest: str
    outcome: str
    octets: bytes


class Journal:
    """The endpoint's memory; safe to use from several threads of one process."""

    def __init__(self, place: Path | str) -> None:
        """Open or make it; `":memory:"` forgets everything at the end."""
        if place != MEMORY:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(place, check_same_thread=False, isolation_level=None, timeout=30)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def forget(self, before: datetime) -> None:
        """Forget what was recorded before an aware moment; intents stay, since each ends with its delivery."""
        limit = _text_of(before)
        with self._transaction() as connection:
            for table in _AGEING:
                connection.execute(f"delete from {table} where at < ?", (limit,))  # noqa: S608 - fixed names

    def written(self, keys: Sequence[str]) -> dict[str, Written]:
        """Return which of these deliveries have been written before."""
        found: dict[str, Written] = {}
        with self._lock:
            for key in keys:
                row = self._connection.execute(
                    "select document_key, lane, sequence, digest from delivered where document_key = ?", (key,)
                ).fetchone()
                if row:
                    found[key] = Written(*row)
        return found

    def withdrawn(self, keys: Sequence[str]) -> dict[str, Withdrawn]:
        """Return which of these copies were taken back before they were written."""
        query = "select document_key, lane, sequence from withdrawn where document_key = ?"
        with self._lock:
            rows = [row for key in keys for row in self._connection.execute(query, (key,))]
        return {row[0]: Withdrawn(*row) for row in rows}

    def put_withdrawn(self, copies: Iterable[Withdrawn]) -> None:
        """Record copies as taken back, in one commit: what was intended with them is so no longer."""
        rows = list(copies)
        keys = [(one.document_key,) for one in rows]
        with self._transaction() as connection:
            connection.executemany(
                "insert into withdrawn values (?, ?, ?, ?) on conflict (document_key) do nothing",
                [(one.document_key, one.lane, one.sequence, _now()) for one in rows],
            )
            connection.executemany("delete from intended where document_key = ?", keys)
            connection.executemany("delete from outgoing where document_key = ?", keys)

    def put_written(self, deliveries: Iterable[Written]) -> None:
        """Record deliveries as written, in one commit; their intents are fulfilled."""
        rows = list(deliveries)
        with self._transaction() as connection:
            connection.executemany(
                "insert into delivered values (?, ?, ?, ?, ?) on conflict (document_key) do nothing",
                [(one.document_key, one.lane, one.sequence, one.digest, _now()) for one in rows],
            )
            connection.executemany("delete from intended where document_key = ?", [(one.document_key,) for one in rows])

    def put_intent(self, document_key: str, outgoing: Iterable[Outgoing] = ()) -> None:
        """Record that the next step makes a delivery visible, so that after a crash this step is not done twice.

        In the same commit, the statuses that are to be sent when it is done.
        """
        with self._transaction() as connection:
            connection.execute("insert into intended values (?) on conflict do nothing", (document_key,))
            connection.executemany(
                "insert into outgoing (message_id, document_key, organ_id, octets, at) values (?, ?, ?, ?, ?)"
                " on conflict do nothing",
                [(one.message_id, one.document_key, one.organ_id, one.octets, _now()) for one in outgoing],
            )

    def intended(self, document_key: str) -> bool:
        """Whether that step has been announced for a delivery not yet recorded as written."""
        with self._lock:
            query = "select 1 from intended where document_key = ?"
            return self._connection.execute(query, (document_key,)).fetchone() is not None

    def outgoing(self) -> list[Outgoing]:
        """Return the statuses of deliveries that are written, as long as they have no final answer."""
        query = (
            "select message_id, document_key, organ_id, octets from outgoing join delivered using (document_key)"
            " where outcome = '' order by outgoing.at"
        )
        with self._lock:
            return [Outgoing(*row) for row in self._connection.execute(query)]

    def put_outcome(self, message_id: str, outcome: str) -> None:
        """Record the final answer to a status of our own; its octets are kept no longer."""
        with self._transaction() as connection:
            connection.execute(
                "update outgoing set outcome = ?, octets = '' where message_id = ?", (outcome, message_id)
            )

    def put_receipts(self, receipts: Iterable[tuple[str, str, str, bytes]]) -> None:
        """Record (message_id, digest, outcome, octets), in one commit; those that are known already change nothing."""
        rows = [(*row, sha256(row[3]).hexdigest(), _now()) for row in receipts]
        with self._transaction() as connection:
            connection.executemany(
                "insert into receipts (message_id, digest, outcome, octets, octets_digest, at)"
                " values (?, ?, ?, ?, ?, ?) on conflict (message_id, octets_digest) do nothing",
                rows,
            )

    def receipts_after(self, number: int, most: int = 500) -> list[KeptReceipt]:
        """Return the receipts that came after a number, oldest first."""
        return self._receipts("number > ? order by number limit ?", (number, most))

    def receipts_of(self, message_id: str) -> list[KeptReceipt]:
        """Return all answers to one message, oldest first: at most a few deferrals, then the decision."""
        return self._receipts("message_id = ? order by number", (message_id,))

    def last_receipt_number(self) -> int:
        """Return the number of the newest receipt, 0 without any."""
        with self._lock:
            row = self._connection.execute("select max(number) from receipts").fetchone()
        return int(row[0] or 0)

    def put_notice(self, notice_id: str, octets: bytes) -> bool:
        """Record a notice; False when it is known already."""
        return self._put_once(
            "insert into notices values (?, ?, ?) on conflict do nothing", (notice_id, octets, _now())
        )

    def heard(self, message: str) -> bool:
        """Whether a message of the control queue, by kind and id, has been handed over before."""
        with self._lock:
            return self._connection.execute("select 1 from heard where message = ?", (message,)).fetchone() is not None

    def put_heard(self, messages: Iterable[str]) -> None:
        """Record that messages of the control queue have been handed over, in one commit."""
        with self._transaction() as connection:
            connection.executemany(
                "insert into heard values (?, ?) on conflict do nothing", [(one, _now()) for one in messages]
            )

    def set_aside(self, digest: str) -> bool:
        """Whether a message of this digest has been set aside before."""
        with self._lock:
            query = "select 1 from set_aside where digest = ?"
            return self._connection.execute(query, (digest,)).fetchone() is not None

    def put_set_aside(self, digest: str) -> None:
        """Record that a message of this digest has been set aside."""
        self._put_once("insert into set_aside values (?, ?) on conflict do nothing", (digest, _now()))

    def _receipts(self, condition: str, values: tuple[object, ...]) -> list[KeptReceipt]:
        query = f"select number, message_id, digest, outcome, octets from receipts where {condition}"  # noqa: S608 - fixed texts
        with self._lock:
            return [KeptReceipt(*row) for row in self._connection.execute(query, values)]

    def _put_once(self, statement: str, values: tuple[object, ...]) -> bool:
        with self._transaction() as connection:
            return connection.execute(statement, values).rowcount > 0

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")


def _now() -> str:
    return _text_of(datetime.now(UTC))


def _text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
