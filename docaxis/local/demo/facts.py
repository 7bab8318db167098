"""What the audit store says of this run, read with plain queries of our own, so that the hub does not judge itself."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, select

from docaxis.backends.engine import open_reader
from docaxis.backends.tables import deliveries, documents, events, fetch_ranges, log_entries, quarantine, submissions


@dataclass(frozen=True, slots=True)
class Submission:
    """A recorded submission."""

    message_id: str
    outcome: str
    code: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recorded delivery, by the digest of its document; fetched: acknowledged by its endpoint."""

    digest: str
    organ_id: str
    endpoint: str
    via: str
    state: str
    is_fetched: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything recorded about the messages of this run; unlogged: events of the store without a place in the log."""

    submissions: tuple[Submission, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    quarantined: int = 0
    unlogged: int = 0

    @property
    def fetched(self) -> int:
        """Return how many addressees' copies have been acknowledged."""
        return sum(one.is_fetched for one in self.deliveries)


async def count_runs(url: str) -> int:
    """Return how many earlier runs this store has seen, by the one decision that each of them begins with."""
    first = select(func.count()).where(documents.c.sender == "G22", documents.c.code_notation == "QĐ-TTg")
    engine = open_reader(url, 1)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(first)).scalar_one())
    finally:
        await engine.dispose()


async def read_facts(url: str, message_ids: Collection[str]) -> Facts:
    """Read the store; `url` as in `[store]`. Raises SQLAlchemy's errors where it cannot be read."""
    fetched = exists().where(
        and_(
            fetch_ranges.c.endpoint == deliveries.c.endpoint,
            fetch_ranges.c.lane == deliveries.c.lane,
            fetch_ranges.c.first_sequence <= deliveries.c.sequence,
            fetch_ranges.c.last_sequence >= deliveries.c.sequence,
        )
    )
    own = submissions.c.message_id.in_(sorted(message_ids))
    engine = open_reader(url, 1)
    try:
        async with engine.connect() as connection:
            sent = await connection.execute(
                select(submissions.c.message_id, submissions.c.outcome, submissions.c.code).where(own)
            )
            copies = await connection.execute(
                select(
                    documents.c.digest,
                    deliveries.c.organ_id,
                    deliveries.c.endpoint,
                    deliveries.c.via,
                    deliveries.c.state,
                    fetched,
                )
                .join(documents, documents.c.document_key == deliveries.c.document_key)
                .join(submissions, and_(submissions.c.submission_id == documents.c.document_key, own))
            )
            # What is set aside for its sender's sake has an answer; what made the hub fail has none.
            answered = submissions.c.event_id == quarantine.c.event_id
            aside = select(func.count()).where(
                quarantine.c.message_id.in_(sorted(message_ids)), ~exists().where(answered)
            )
            missing = select(func.count()).where(~exists().where(log_entries.c.event_id == events.c.event_id))
            return Facts(
                tuple(Submission(*row) for row in sent),
                tuple(Delivery(*row) for row in copies),
                (await connection.execute(aside)).scalar_one(),
                (await connection.execute(missing.select_from(events))).scalar_one(),
            )
    finally:
        await engine.dispose()
