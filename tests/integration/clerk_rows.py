"""Documents with what happened to them, written straight into the tables: the reading half is tested alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert

from docaxis.backends import flow_tables, tables
from docaxis.backends.database import Database
from docaxis.domain.folding import fold
from docaxis.domain.status import StatusCode, mask_of
from docaxis.hub.ids import new_id

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@dataclass(slots=True)
class World:
    """Rows to write, by table; documents are a minute apart."""

    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)
    count: int = 0

    def add(self, table: Table, **values: object) -> None:
        """Add a row."""
        self.rows.setdefault(table, []).append(values)

    async def write(self, database: Database) -> None:
        """Write all of them."""
        async with database.engine.begin() as connection:
            for table, rows in self.rows.items():
                for row in rows:
                    await connection.execute(insert(table).values(**row))

    def document(
        self,
        document_id: str,
        to: Mapping[str, tuple[StatusCode, ...]],
        *,
        sender: str = "H41",
        number: str = "12",
        notation: str = "QĐ-UBND",
        subject: str = "Về việc quy hoạch",
        finished: bool = False,
        states: Mapping[str, str] | None = None,
    ) -> UUID:
        """Add an accepted document, its addressees (each behind an endpoint `e-<code>`) and the statuses they told."""
        self.count += 1
        at = BEGIN + timedelta(minutes=self.count)
        key = new_id(at)
        self.add(
            tables.submissions, submission_id=key, endpoint="e", message_id=document_id + sender, digest=f"sha256:{self.count}",
            lane="normal", outcome="accepted", code="", detail="", place="", sender=sender, document_id=document_id,
            received_at=at, decided_at=at, event_id=key, receipt=b"receipt",
        )  # fmt: skip
        self.add(
            tables.documents, document_key=key, sender=sender, document_id=document_id, digest=f"sha256:{self.count}",
            size_bytes=1, endpoint="e", lane="normal", priority=0, business_type=0, code_number=number,
            code_notation=notation, type_name="", subject=subject, folded=fold(f"{number} {notation} {subject}"),
            accepted_at=at, signer="", salt=b"", note=b"", finished_at=at if finished else None,
        )  # fmt: skip
        for organ, codes in to.items():
            self.add(
                tables.deliveries, document_key=key, organ_id=organ, addressed_as=organ, endpoint=f"e-{organ.lower()}",
                lane="normal", sequence=self.count, state=(states or {}).get(organ, "dispatched"), size_bytes=1,
                rule="direct", via="", statuses=mask_of(codes),
            )  # fmt: skip
            for hours, code in enumerate(codes, start=1):
                self.status(key, organ, code, at + timedelta(hours=hours), sender)
        return key

    def status(
        self, key: UUID, organ: str, code: StatusCode, at: datetime, sender: str = "H41", *, applied: bool = True
    ) -> None:
        """Add a status, applied or only recorded."""
        author, party = (sender, organ) if code is StatusCode.RECALL_ASKED else (organ, sender)
        self.add(
            flow_tables.statuses, submission_id=new_id(at), document_key=key, organ_id=organ, author=author, party=party,
            code=int(code), applied=applied, current=int(code), description=f"nội dung {code.written}", reported_at=at,
            accepted_at=at, digest="sha256:s",
        )  # fmt: skip

    def deadline(self, key: UUID, kind: str = "receipt") -> None:
        """Add a duty that may still be done in time."""
        self.add(flow_tables.deadlines, document_key=key, kind=kind, start_at=BEGIN, due_at=BEGIN + timedelta(days=9))

    def miss(
        self, key: UUID, organ: str, kind: str = "receipt", sender: str = "H41", cause: str = "addressee"
    ) -> datetime:
        """Add a missed duty; returns when it was due."""
        self.count += 1
        due = BEGIN + timedelta(hours=9, minutes=self.count)
        self.add(
            flow_tables.misses, document_key=key, organ_id=organ, kind=kind, sender=sender, due_at=due, noticed_at=due,
            cause=cause, attributable=cause != "hub-away",
        )  # fmt: skip
        return due

    def link(
        self, key: UUID, kind: str, target: UUID | None, sender: str = "H41", document_id: str = "earlier"
    ) -> None:
        """Add what a package says of an earlier document."""
        self.add(
            flow_tables.links, document_key=key, kind=kind, target_key=target, sender=sender, document_id=document_id
        )

    def event(self, kind: str, at: datetime, body: Mapping[str, object], key: UUID | None = None) -> None:
        """Add an act."""
        event_id = new_id(at)
        canonical = json.dumps({"at": at.isoformat(), "body": body, "event_id": event_id.hex, "kind": kind}).encode()
        self.add(
            tables.events, event_id=event_id, kind=kind, at=at, document_key=key, canonical=canonical, leaf_hash=b"h"
        )  # fmt: skip
