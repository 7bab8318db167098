"""What the pages of the made database are asked about: real keys of each person's documents, words, places of the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

DRAWN = 20
"""Of each kind: a page is asked about one after the other."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Codes seen, as the mask that `domain.status` makes, for each thing that an addressee may say next.
_OPEN = {
    "accept": "statuses = 1", "refuse": "statuses = 0", "assign": "statuses = 5", "progress": "statuses = 5",
    "finish": "statuses = 21", "agree": "statuses = 4101", "decline": "statuses = 4101",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClerkKeys:
    """Documents of a clerk's agency: the newest, sent ones of the whole year, and received ones by what can be said of them.

    pairs are document and addressee of what was sent, entries document and act; view and drafts are the clerk's own.
    """

    sent: Sequence[UUID]
    received: Sequence[UUID]
    old: Sequence[UUID]
    by_act: Mapping[str, Sequence[UUID]]
    pairs: Sequence[tuple[UUID, str]]
    entries: Sequence[tuple[UUID, UUID]]
    open_draft: UUID
    sent_draft: UUID
    year: int


@dataclass(frozen=True, slots=True)
class Keys:
    """What belongs to nobody: the document that went to everybody, what is searched for, and rows of the log."""

    circular: UUID
    common: Sequence[str]
    rare: Sequence[str]
    numbers: Sequence[str]
    documents: Sequence[dict[str, Any]]
    """Document rows: id, digest, signer, sender."""
    entries: Sequence[dict[str, Any]]
    """Places of the log from all of it: event_id, leaf_index, leaf_hash."""
    quarantined: Sequence[UUID]
    proposal: UUID
    people: Sequence[UUID]


async def keys_of_clerk(connection: Connection, organ_id: str, person_id: UUID) -> ClerkKeys:
    """Read what the pages of one clerk are asked about."""
    first = f"LIMIT {DRAWN}"
    sent = "SELECT document_key FROM documents WHERE sender = $1"
    received = "SELECT document_key FROM deliveries WHERE organ_id = $1"
    newest = await _column(
        connection, f"{sent} AND document_id <> 'VB-all' ORDER BY accepted_at DESC {first}", organ_id
    )
    old = await _column(connection, f"{sent} AND abs(hashtext(document_id)) % 50 = 0 {first}", organ_id)
    by_act = {
        name: await _column(connection, f"{received} AND {is_open} ORDER BY document_key DESC {first}", organ_id)
        for name, is_open in _OPEN.items()
    }
    pairs = await connection.fetch(
        "SELECT document_key, organ_id FROM deliveries WHERE document_key = ANY($1) LIMIT $2", newest, DRAWN
    )
    entries = await connection.fetch(
        "SELECT document_key, event_id FROM events WHERE document_key = ANY($1) LIMIT $2", newest, DRAWN
    )
    kept = await connection.fetch("SELECT message_id, draft_id FROM drafts WHERE person_id = $1", person_id)
    drafts: dict[str, UUID] = {row["message_id"]: row["draft_id"] for row in kept}
    return ClerkKeys(
        sent=newest,
        received=await _column(connection, f"{received} ORDER BY document_key DESC {first}", organ_id),
        old=old or newest,
        by_act=by_act,
        pairs=[tuple(row) for row in pairs],
        entries=[tuple(row) for row in entries],
        open_draft=drafts[""],
        sent_draft=next(draft_id for message_id, draft_id in drafts.items() if message_id),
        year=await connection.fetchval("SELECT max(year) FROM register WHERE organ_id = $1", organ_id),
    )


async def keys(connection: Connection) -> Keys:
    """Read what the pages of all others are asked about."""
    rows = await connection.fetch("SELECT * FROM documents ORDER BY hashtext(document_id) LIMIT $1", DRAWN)
    words = [row["folded"].split() for row in rows]
    entries = await connection.fetch(
        "SELECT event_id, leaf_index, encode(leaf_hash, 'hex') AS leaf_hash FROM log_entries JOIN events USING (event_id) "
        "WHERE leaf_index = ANY(SELECT (number * max(leaf_index)) / $1 FROM log_entries, generate_series(1, $1) AS number "
        "GROUP BY number)",
        DRAWN,
    )
    return Keys(
        circular=await connection.fetchval("SELECT document_key FROM documents WHERE document_id = 'VB-all'"),
        common=[one[-1] if not one[-1].startswith("duan") else one[-2] for one in words],
        rare=[f"duan{number * 100}" for number in range(1, DRAWN + 1)],
        numbers=[f"{row['code_number']}/{row['code_notation']}" for row in rows],
        documents=[dict(row) for row in rows],
        entries=[dict(row) for row in entries],
        quarantined=await _column(connection, "SELECT event_id FROM quarantine LIMIT $1", DRAWN),
        proposal=await connection.fetchval("SELECT proposal_id FROM proposals"),
        people=await _column(connection, "SELECT person_id FROM people"),
    )


async def _column(connection: Connection, query: str, *values: object) -> list[Any]:
    return [row[0] for row in await connection.fetch(query, *values)]
