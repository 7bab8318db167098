"""What the database knows of a batch of arrivals, asked in one query."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Row, Select, Text, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.blob_rights import readable
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import documents, submissions
from docaxis.hub.ports import Known, Recorded, SubmissionKey


class KnownFacts:
    """The query, built once for a dialect."""

    def __init__(self, dialect: str) -> None:
        """Build the statements."""
        self._earlier = _earlier(dialect)
        wanted = rowset(dialect, {"endpoint": Text(), "digest": Text()})
        # Present for this sender: a reference to octets that it may not read must not become the right to read them.
        self._present = select(wanted.c.endpoint, wanted.c.digest).where(readable(wanted.c.endpoint, wanted.c.digest))

    async def load(self, connection: AsyncConnection, keys: Sequence[SubmissionKey]) -> list[Known]:
        """Return one Known a key, in their order."""
        parameter = json_rows(
            (place, key.endpoint, key.message_id, key.digest, key.sender, key.document_id)
            for place, key in enumerate(keys)
        )
        earlier = {row.place: row for row in await connection.execute(self._earlier, parameter)}
        named = {(key.endpoint, digest) for key in keys for digest in key.blobs}
        present: set[tuple[str, str]] = set()
        if named:
            found = await connection.execute(self._present, json_rows(sorted(named)))
            present = {(row.endpoint, row.digest) for row in found}
        known = []
        for place, key in enumerate(keys):
            missing = tuple(digest for digest in key.blobs if (key.endpoint, digest) not in present)
            row = earlier.get(place)
            known.append(Known(missing_blobs=missing) if row is None else _known(row, missing))
        return known


def _known(row: Row[Any], missing_blobs: tuple[str, ...]) -> Known:
    message = document = None
    if row.message_submission is not None:
        message = Recorded(row.message_submission, row.message_digest, row.message_outcome, row.message_receipt)
    if row.document_key is not None:
        document = Recorded(row.document_key, row.document_digest, row.document_outcome, row.document_receipt)
    return Known(message, document, missing_blobs)


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
        },
    )
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
                documents.c.sender == wanted.c.sender,
                documents.c.document_id == wanted.c.document_id,
                wanted.c.document_id != "",
            ),
        )
        .outerjoin(bringer, bringer.c.submission_id == documents.c.document_key)
        .where(or_(message.c.submission_id.is_not(None), documents.c.document_key.is_not(None)))
    )
