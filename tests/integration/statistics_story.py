"""A made-up exchange for the figures: every act as the row that the store keeps and as the event that the log keeps."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from docaxis.backends.flow_tables import deadlines, misses, statuses
from docaxis.backends.registry import Registry
from docaxis.backends.tables import deliveries, documents, events, fetch_ranges, submissions
from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, Level
from docaxis.domain.status import StatusCode, advance, business, is_answered
from docaxis.hub.acts import act
from docaxis.hub.ids import new_id
from docaxis.hub.rows import DeliveryRow, DocumentRow, StatusRow, SubmissionRow
from docaxis.ledger.event import Json

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BEGAN = datetime(2025, 10, 28, 1, 0, tzinfo=UTC)
LEVELS = (Level("central", 0), Level("provincial", 1), Level("communal", 2))
CODES = tuple(code for code in StatusCode if code <= StatusCode.FINISHED)
REASONS = ("SIG.MISSING", "SCH.INVALID", "FLW.NOT_ADDRESSEE")
EDGES = tuple(
    datetime(year, month, day, 17, tzinfo=UTC)
    for year, month, day in (
        (2025, 10, 28), (2025, 10, 29), (2025, 12, 31), (2026, 2, 9), (2026, 6, 3), (2026, 6, 30), (2026, 9, 30),
        (2026, 10, 31),
    )
)  # fmt: skip
"""Midnights in Vietnam at which the periods of the tests begin or end."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def directory() -> Directory:
    """Return two ministries, three provinces, and communes with an endpoint, below one, and reached by nobody."""
    agencies = [Agency("G01", "Bộ A", "central"), Agency("G02", "Bộ B", "central")]
    agencies += [Agency(f"H{n}", f"Tỉnh {n}", "provincial") for n in (31, 32, 33)]
    agencies += [Agency(f"H{n}.0{m}", f"Xã {m}", "communal", parent=f"H{n}") for n in (31, 32, 33) for m in (1, 2)]
    agencies.append(Agency("H31.09", "Xã cũ", "communal", parent="H31", valid_to=BEGAN.date()))
    connections = {"G01": "g01", "G02": "g02", "H31": "h31", "H32": "h32", "H32.02": "h32-02"}
    return Directory.build(agencies, LEVELS, connections)


@dataclass
class Story:
    """What happens, drawn from a seed; rows by table."""

    seed: int
    number_of_documents: int = 60
    rows: dict[Table, list[Mapping[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Tell it."""
        self.draw = random.Random(self.seed)
        self.directory = directory()
        self.sequences: dict[tuple[str, str], int] = {}
        self.ranges: list[tuple[datetime, str, str, int]] = []
        for _ in range(self.number_of_documents):
            self._document()
        for _ in range(self.number_of_documents // 2):
            self._refuse()
        for at, endpoint, lane, sequence in self.ranges:
            part = (endpoint, lane, sequence, sequence)
            self._add(fetch_ranges, dict(zip(fetch_ranges.c.keys(), (*part, at), strict=True)))
            self._event("copies:fetched", at, {"fetched": [list(part)]})

    async def write(self, engine: AsyncEngine) -> None:
        """Register the directory and write all rows; the last endpoint is disabled."""
        registry = Registry(engine)
        await registry.import_agencies(self.directory.agencies.values())
        for organ_id, endpoint in self.directory.connections.items():
            await registry.add_endpoint(endpoint, endpoint, BEGAN)
            await registry.connect(endpoint, [organ_id])
        await registry.disable_endpoint("g02", NOW - 40 * DAY)
        async with engine.begin() as connection:
            for table, rows in self.rows.items():
                await connection.execute(insert(table), list(rows))

    def _add(self, table: Table, row: Mapping[str, Any]) -> None:
        self.rows.setdefault(table, []).append(row)

    def _event(self, kind: str, at: datetime, body: Mapping[str, Json], key: UUID | None = None) -> UUID:
        row = act(kind, at, body, key)
        self._add(events, row._asdict())
        return row.event_id

    def _moment(self) -> datetime:
        """Return a moment, BEGAN at first; every third lies on an edge or a microsecond beside it."""
        if not self.rows:
            return BEGAN
        return self._on_edge(BEGAN) if not self.draw.randrange(3) else BEGAN + (NOW - HOUR - BEGAN) * self.draw.random()

    def _on_edge(self, after: datetime) -> datetime:
        edges = [edge for edge in EDGES if edge > after] or [after + HOUR]
        return self.draw.choice(edges) + self.draw.choice((-1, 0, 1)) * timedelta(microseconds=1)

    def _document(self) -> None:
        draw, at = self.draw, self._moment()
        received_at, key = at - draw.choice((0, draw.random())) * 3 * DAY, new_id(at)
        sender = draw.choice(["G01", "G02", "H31", "H32", "H32.02", "H31.01"])
        lane, business_type = draw.choice(["normal", "urgent"]), draw.choice([0, 0, 0, 2, 3])
        paper, signer = draw.random() < 0.3, draw.choice(["fingerprint", "fingerprint", ""])
        organs = draw.sample([code for code in self.directory.agencies if code != sender], draw.randint(1, 4))
        states, copies = {}, []
        for organ in sorted(organs):
            reached = self.directory.connected(organ)
            endpoint = reached[0] if reached else "g01"
            if endpoint not in states:
                states[endpoint] = draw.choice(["dispatched", "dispatched", "waiting"])
                self.sequences[endpoint, lane] = self.sequences.get((endpoint, lane), 0) + 1
            row = DeliveryRow(
                key, organ, organ, endpoint, lane, self.sequences[endpoint, lane], states[endpoint], 9, "r", ""
            )
            copies.append(row)
        told: dict[str, Json] = {
            "lane": lane, "received_at": received_at.isoformat(), "sender": sender, "signer": signer, "paper": paper,
            "business_type": business_type,
            "addressees": [[one.organ_id, one.endpoint, one.rule, one.state, one.sequence] for one in copies],
        }  # fmt: skip
        event_id = self._event("document:accepted", at, told, key)
        self._submission(key, sender, "accepted", "", received_at, at, event_id)
        document = DocumentRow(
            key, sender, key.hex, "digest", 9, "e", lane, 0, business_type, "1", "QĐ", None, "t", "s", "s", None, at,
            signer, b"", b"", None, paper,
        )  # fmt: skip
        self._add(documents, document._asdict())
        self._later(document, copies)

    def _later(self, document: DocumentRow, copies: Sequence[DeliveryRow]) -> None:
        """Let the waiting copies leave, be taken back or expire; then answers, the deadline, and fetching."""
        draw, key, at = self.draw, document.document_key, document.accepted_at
        states = {one.endpoint: one.state for one in copies}
        for endpoint in [endpoint for endpoint, state in states.items() if state == "waiting"]:
            fate = draw.choice(["waiting", "dispatched", "withdrawn", "withdrawn-unread", "expired"])
            if fate == "expired" and list(states.values()).count("waiting") > 1:
                fate = "waiting"  # a document expires as a whole
            states[endpoint] = fate.partition("-")[0]
            mine = [one for one in copies if one.endpoint == endpoint]
            if fate == "dispatched":
                self._event("copies:dispatched", at + HOUR, {"dispatched": [[key.hex, [endpoint]]]})
            elif fate == "withdrawn":
                self._recall(document, mine, "withdrawn")
            elif fate == "withdrawn-unread":
                given: list[Json] = [[one.organ_id, endpoint, one.lane, one.sequence] for one in mine]
                self._event("copies:withdrawn", at + HOUR, {"document": key.hex, "withdrawn": given}, key)
                # It makes room in the window as a fetched one does, and is not one.
                part = (endpoint, mine[0].lane, mine[0].sequence, mine[0].sequence, at + HOUR)
                self._add(fetch_ranges, dict(zip(fetch_ranges.c.keys(), part, strict=True)))
            elif fate == "expired":
                self._event("document:expired", at + HOUR, {"document": key.hex}, key)
        masks = {one.organ_id: self._answer(document, one) for one in copies if states[one.endpoint] == "dispatched"}
        self._judge(document, copies, masks)
        for one in copies:
            mask = masks.get(one.organ_id, 0)
            self._add(deliveries, one._replace(state=states[one.endpoint], statuses=mask)._asdict())
        for one in {one.endpoint: one for one in copies}.values():
            if states[one.endpoint] == "dispatched" and draw.random() < 0.3:
                fetched_at = draw.choice((self._on_edge(at), at + draw.random() * 30 * DAY))
                self.ranges.append((fetched_at, one.endpoint, one.lane, one.sequence))

    def _recall(self, document: DocumentRow, copies: Sequence[DeliveryRow], fate: str) -> None:
        at = document.accepted_at + HOUR
        effects: list[Json] = [[document.document_key.hex, one.organ_id, one.endpoint, fate] for one in copies]
        body: dict[str, Json] = {"received_at": at.isoformat(), "effects": effects}
        event_id = self._event("recall:accepted", at, body, document.document_key)
        self._submission(new_id(at), document.sender, "accepted", "", at, at, event_id)

    def _answer(self, document: DocumentRow, copy: DeliveryRow) -> int:
        """Send some statuses, in any order and some twice; returns the mask."""
        mask, at = 0, document.accepted_at
        for _ in range(self.draw.choice([0, 0, 1, 2, 3, 5])):
            at += self.draw.choice([timedelta(microseconds=1), HOUR, 5 * HOUR, 3 * DAY]) * self.draw.random()
            at += timedelta(microseconds=1)
            code = self.draw.choice(CODES)
            mask, applied = advance(mask, code)
            current = business(mask) or code
            body: dict[str, Json] = {
                "document": document.document_key.hex, "received_at": at.isoformat(), "author": copy.organ_id,
                "organ": copy.organ_id, "code": code.written, "applied": applied, "current": current.written,
            }  # fmt: skip
            event_id, submission_id = self._event("status:accepted", at, body, document.document_key), new_id(at)
            self._submission(submission_id, copy.organ_id, "accepted", "", at, at, event_id)
            row = StatusRow(
                submission_id, document.document_key, copy.organ_id, copy.organ_id, document.sender, int(code),
                applied, int(current), "", None, at, "digest",
            )  # fmt: skip
            self._add(statuses, row._asdict())
        return mask

    def _judge(self, document: DocumentRow, copies: Sequence[DeliveryRow], masks: Mapping[str, int]) -> None:
        """Look at the deadline, or leave it where it is still to come; every fifth document has none."""
        key, due_at = document.document_key, document.accepted_at + DAY
        fate = self.draw.choice(["none", "running", "looked at", "looked at", "looked at"])
        if fate == "running":
            self._add(deadlines, {"document_key": key, "kind": "receipt", "start_at": due_at - DAY, "due_at": due_at})
        if self.draw.random() < 0.3:  # another duty, which must not count
            self._miss(document, due_at, "reply", [(one, True) for one in copies])
        # Some had answered, too late: the miss stands.
        late = [one for one in copies if not is_answered(masks.get(one.organ_id, 0)) or self.draw.random() < 0.2]
        if fate == "looked at" and late:
            self._miss(document, due_at, "receipt", [(one, self.draw.random() < 0.7) for one in late])

    def _miss(
        self, document: DocumentRow, due_at: datetime, kind: str, late: Sequence[tuple[DeliveryRow, bool]]
    ) -> None:
        for one, attributable in late:
            row = (
                document.document_key,
                one.organ_id,
                kind,
                document.sender,
                due_at,
                due_at,
                "addressee",
                attributable,
            )
            self._add(misses, dict(zip(misses.c.keys(), row, strict=True)))
        told: list[Json] = [[one.organ_id, one.endpoint, "addressee", mine] for one, mine in late]
        self._event("deadline:missed", due_at, {"kind": kind, "addressees": told}, document.document_key)

    def _refuse(self) -> None:
        at, fate = self._moment(), self.draw.choice(["rejected", "rejected", "deferred", "repeated"])
        received_at, code = at - self.draw.choice((0, self.draw.random())) * DAY, self.draw.choice(REASONS)
        body: dict[str, Json] = {"received_at": received_at.isoformat(), "code": code}
        event_id = self._event(f"submission:{fate}", at, body)
        code = "" if fate == "repeated" else code
        self._submission(new_id(at), self.draw.choice(["G01", "nobody"]), fate, code, received_at, at, event_id)

    def _submission(
        self, key: UUID, sender: str, outcome: str, code: str, received_at: datetime, at: datetime, event_id: UUID
    ) -> None:
        row = SubmissionRow(
            key, "e", key.hex, "digest", "normal", outcome, code, "", "", sender, "id", received_at, at, None,
            event_id, b"",
        )  # fmt: skip
        self._add(submissions, row._asdict())
