"""What the database knows of a batch of arrivals, asked in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, Text, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.blob_rights import readable
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.subjects import KnownOrders, KnownSubjects
from docaxis.backends.tables import documents, submissions
from docaxis.hub.ports import Known, Recorded, SubmissionKey


class KnownFacts:
    """The query, built once for a dialect."""

    def __init__(self, dialect: str) -> None:
        """Build the statements."""
        self._earlier = _earlier(dialect)
        self._subjects = KnownSubjects(dialect)
        self._orders = KnownOrders(dialect)
        wanted = rowset(dialect, {"endpoint": Text(), "digest": Text()})
        # Present for this sender: a reference to octets that it may not read must not become the right to read them.
        self._present = select(wanted.c.endpoint, wanted.c.digest).where(readable(wanted.c.endpoint, wanted.c.digest))

    async def load(self, connection: AsyncConnection, keys: Sequence[SubmissionKey]) -> list[Known]:
        """Return one Known a key, in their order."""
        parameter = json_rows(
            (
                place, key.endpoint, key.message_id, key.digest, key.sender,
                # NULL, for which no index is even entered: a status and a refusal look for neither.
                None if key.is_order else key.document_id or None, key.number_key or None,
            )
            for place, key in enumerate(keys)
        )  # fmt: skip
        earlier = {row.place: row for row in await connection.execute(self._earlier, parameter)}
        orders = await self._orders.load(connection, keys)
        subjects = await self._subjects.load(connection, keys)
        present = await self._present_blobs(connection, keys)
        standing = await self._subjects.standing(connection, _conflicts(keys, earlier))
        known = []
        for place, key in enumerate(keys):
            row = earlier.get(place)
            facts = Known() if row is None else _known(row)
            missing = tuple(digest for digest in key.blobs if (key.endpoint, digest) not in present)
            named = tuple([subjects.get(subject) for subject in key.subjects])
            if missing or named or place in orders or standing:
                kept = facts.same_document or facts.same_number
                facts = replace(
                    facts,
                    missing_blobs=missing,
                    subjects=named,
                    same_document=facts.same_document or orders.get(place),
                    standing=standing.get(kept.submission_id) if kept else None,
                )
            known.append(facts)
        return known

    async def _present_blobs(self, connection: AsyncConnection, keys: Sequence[SubmissionKey]) -> set[tuple[str, str]]:
        named = {(key.endpoint, digest) for key in keys for digest in key.blobs}
        if not named:
            return set()
        found = await connection.execute(self._present, json_rows(sorted(named)))
        return {(row.endpoint, row.digest) for row in found}


def _conflicts(keys: Sequence[SubmissionKey], earlier: Mapping[int, Row[Any]]) -> list[UUID]:
    """Return the documents that stand against another one with their id or their number."""
    conflicts = set()
    for place, row in earlier.items():
        if row.message_submission is None:
            if row.document_key is not None and row.document_digest != keys[place].digest:
                conflicts.add(row.document_key)
            elif row.document_key is None and row.number_submission is not None:
                conflicts.add(row.number_submission)
    return sorted(conflicts)


def _known(row: Row[Any]) -> Known:
    message = document = number = None
    if row.message_submission is not None:
        message = Recorded(row.message_submission, row.message_digest, row.message_outcome, row.message_receipt)
    if row.document_key is not None:
        document = Recorded(row.document_key, row.document_digest, row.document_outcome, row.document_receipt)
    if row.number_submission is not None:
        # What is refused for its number is answered with a receipt of its own.
        number = Recorded(row.number_submission, row.number_digest, "accepted", b"")
    return Known(message, document, number)


def _earlier(dialect: str) -> Select[Any]:
    wanted = rowset(
        dialect,
        {
            "place": Integer(),
            "endpoint": Text(),
            "message_id": Text(),
            "digest": Text(),
            "sender": Text(),
            "document_id": Text(),
            "number_key": Text(),
        },
    )
    numbered = documents.alias("numbered")
    message = submissions.alias("message")
    bringer = submissions.alias("bringer")
    return (
        select(
            wanted.c.place,
            message.c.submission_id.label("message_submission"),
            message.c.digest.label("message_digest"),
            message.c.outcome.label("message_outcome"),
            message.c.receipt.label("message_receipt"),
            documents.c.document_key,
            documents.c.digest.label("document_digest"),
            bringer.c.outcome.label("document_outcome"),
            bringer.c.receipt.label("document_receipt"),
            numbered.c.document_key.label("number_submission"),
            numbered.c.digest.label("number_digest"),
        )
        .select_from(wanted)
        .outerjoin(
            message,
            and_(
                message.c.message_id == wanted.c.message_id,
                message.c.digest == wanted.c.digest,
                # As an expression, so that no index on the endpoint alone can serve: see tables.
                message.c.endpoint + "" == wanted.c.endpoint,
            ),
        )
        .outerjoin(
            documents,
            and_(
                documents.c.document_id == wanted.c.document_id,
                # Likewise: the planner would walk all documents of a busy sender.
                documents.c.sender + "" == wanted.c.sender,
            ),
        )
        .outerjoin(bringer, bringer.c.submission_id == documents.c.document_key)
        .outerjoin(numbered, numbered.c.number_key == wanted.c.number_key)
        .where(
            or_(
                message.c.submission_id.is_not(None),
                documents.c.document_key.is_not(None),
                numbered.c.document_key.is_not(None),
            )
        )
    )
