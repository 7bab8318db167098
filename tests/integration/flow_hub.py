"""A hub reduced to its one transaction: what agencies sign is decided, composed and committed on a real database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import deliveries, documents, lanes
from docaxis.domain import wire
from docaxis.domain.envelope import Business, Envelope
from docaxis.domain.receipt import Receipt
from docaxis.domain.status import StatusCode, mask_of
from docaxis.hub.acts import act
from docaxis.hub.compose import compose
from docaxis.hub.decide import Accepted, Arrival, decide
from docaxis.hub.judged import Judged, Settings
from docaxis.hub.ports import FetchRange, Known
from docaxis.hub.rows import Batch
from docaxis.hub.scribe import Composed
from docaxis.hub.sequences import Sequences
from docaxis.hub.snapshot import Snapshot
from docaxis.hub.window import Window
from docaxis.hub.withdrawals import compose_withdrawals
from docaxis.trust.receipts import read_receipt
from tests.simulator import Country, endpoint_of


@dataclass
class FlowHub:
    """Takes packages one batch at a time; `window` copies fit into each endpoint's inbox."""

    country: Country
    database: Database
    store: SqlStore
    window: int = 1000
    snapshot: Snapshot = field(init=False)
    settings: Settings = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.snapshot = self.country.snapshot
        self.settings = self.country.settings()
        self.sequences = Sequences(self.store)
        self.now = self.country.now

    def package(self, envelope: Envelope, lane: str = "normal") -> Judged:
        """Return a signed document, decided."""
        return self.judged(self.country.signed(envelope), envelope.header.sender.organ_id, lane)

    def status(self, code: str, author: str, other: str, document_id: str, lane: str = "") -> Judged:
        """Return a signed status, decided."""
        body = self.country.signed_status(code, author, other, document_id)
        return self.judged(body, author, lane or wire.lane_of_status(code))

    def judged(self, body: bytes, sender: str, lane: str = "normal") -> Judged:
        """Return a package of an agency's endpoint, decided, with a message id of its own."""
        message_id = f"m-{next(self.numbers)}"
        arrival = Arrival(body, endpoint_of(sender), message_id, lane, wire.digest_of(body), self.now)
        return Judged(arrival, decide(arrival, self.snapshot))

    async def commit(self, *judged: Judged, now: datetime | None = None) -> Composed:
        """Commit a batch as `intake` does."""
        composed = Composed()
        wanted = [
            (endpoint, one.arrival.lane)
            for one in judged
            if isinstance(one.decision, Accepted)
            for endpoint in one.decision.route.copies
        ]

        def write(known: Sequence[Known]) -> Batch:
            nonlocal composed
            window = Window(self.window, 10**9)
            composed = compose(judged, known, self.settings, self.sequences, window, now or self.now)
            return composed.batch

        # A batch that lost a race is composed anew, with new numbers.
        await self.sequences.reserve(wanted * 8)
        await self.store.commit([one.key for one in judged], write)
        return composed

    async def take(self, *judged: Judged, now: datetime | None = None) -> Receipt:
        """Commit a batch and return the last one's receipt."""
        composed = await self.commit(*judged, now=now)
        return self.receipt([one.receipt for one in composed.outgoing if one.receipt][-1])

    def receipt(self, octets: bytes) -> Receipt:
        """Return a receipt, verified."""
        return read_receipt(octets, self.country.hub.certificate)

    async def send(self, number: int = 1, to: Sequence[str] = ("H01", "H05"), **options: Any) -> Receipt:
        """Accept a document of the sender to some."""
        receipt = await self.take(self.package(self.country.envelope(number, to, **options)))
        assert receipt.outcome == "accepted", receipt
        return receipt

    def flow(
        self, number: int, business: Business | None, to: Sequence[str] = ("H01",), document_id: str = ""
    ) -> Judged:
        """Return a later package of the sender that does something to earlier ones."""
        envelope = self.country.envelope(number, to)
        header = replace(envelope.header, document_id=document_id or envelope.header.document_id)
        return self.package(replace(envelope, header=header, business=business))

    async def fetch(self, *copies: tuple[str, int]) -> None:
        """Acknowledge copies, given as agency and sequence number."""
        ranges = [FetchRange(endpoint_of(organ_id), "normal", number, number) for organ_id, number in copies]
        await self.store.fetched(ranges, self.now, lambda _: act("copies:fetched", self.now, {}))

    async def give_back(self, *copies: tuple[str, int, int]) -> None:
        """Give back unread copies, as agency, first and last sequence number."""
        ranges = [FetchRange(endpoint_of(organ_id), "normal", first, last) for organ_id, first, last in copies]
        await self.store.given_back(
            ranges, self.now, lambda asked, others: compose_withdrawals(asked, others, self.settings, self.now)
        )

    async def rows(self, table: Table, *order: Any) -> list[Any]:
        """Return the rows of a table."""
        async with self.database.engine.begin() as connection:
            return list((await connection.execute(select(table).order_by(*order))).all())

    async def copies(self, key: str = "") -> dict[str, tuple[str, int]]:
        """Return state and mask by addressee, of one document or of the only one."""
        rows = await self.rows(deliveries, deliveries.c.organ_id)
        return {row.organ_id: (row.state, row.statuses) for row in rows if not key or row.document_key == UUID(key)}

    async def finished(self, key: str = "") -> bool:
        """Whether nothing more is expected of a document."""
        rows = await self.rows(documents)
        (row,) = [row for row in rows if not key or row.document_key == UUID(key)]
        return row.finished_at is not None

    async def lane(self, organ_id: str) -> tuple[int, int, int]:
        """Return the dispatched, fetched and waiting copies of an agency's normal lane."""
        (row,) = [
            row for row in await self.rows(lanes) if (row.endpoint, row.lane) == (endpoint_of(organ_id), "normal")
        ]
        return row.dispatched, row.fetched, row.waiting


def mask(*codes: int) -> int:
    """Return the mask of codes."""
    return mask_of(map(StatusCode, codes))
