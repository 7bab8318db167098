"""What a pasted text means in the store: documents, refused packages and single entries, each by an index of its own."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.rows import events_within, log_row
from docaxis.backends.auditor.scope import IS_REFUSED, Scope
from docaxis.backends.auditor.signers import Signers
from docaxis.backends.reading import DOCUMENT_COLUMNS
from docaxis.backends.tables import attachments, documents, events, log_entries, submissions
from docaxis.backends.timeline import read_timeline
from docaxis.domain.folding import fold
from docaxis.hub.ids import first_id
from docaxis.hub.views.audit import Found, LogRow
from docaxis.hub.views.documents import DocumentView

DOCUMENTS_MAX = 20
"""Documents whose entries are shown for one text; a number of which there are more is asked for with its notation."""
ENTRIES_MAX = 500
HASHES_LOOKED_THROUGH = 15_000
"""Newest entries among which a leaf hash is looked for."""


async def find(
    connection: AsyncConnection, scope: Scope, signers: Signers, found: Found, text: str
) -> Sequence[LogRow]:
    """Return the entries that a text of this kind means, in no order; empty where nothing may be read."""
    if found in {Found.LEAF_INDEX, Found.EVENT_ID, Found.LEAF_HASH}:
        return await _entries(connection, scope, found, text)
    certificates: Sequence[str] = ()
    if found is Found.FINGERPRINT:
        certificates = (f"sha256:{text}",)
    elif found is Found.SERIAL:
        certificates = await signers.of_serial(connection, text)
    keys = await _documents(connection, scope, found, text, certificates)
    refused = await _refused(connection, scope, found, text)
    rows = [await _events_of(connection, scope, keys)] if keys else []
    if refused:
        query = events_within(scope).where(events.c.event_id.in_(refused)).order_by(events.c.at)
        rows.append([log_row(row) for row in await connection.execute(query)])
    if len(keys) == 1 and scope.agencies is None:
        rows.append(await _shared(connection, scope, keys[0]))
    return [row for part in rows for row in part]


async def _entries(connection: AsyncConnection, scope: Scope, found: Found, text: str) -> Sequence[LogRow]:
    query = events_within(scope)
    if found is Found.LEAF_INDEX:
        query = query.where(log_entries.c.leaf_index == int(text))
    elif found is Found.EVENT_ID:
        query = query.where(events.c.event_id == UUID(text))
    else:
        # No index holds the hashes: they come in no order, and each would cost every act of the hub a page of the index.
        days = events.c.event_id >= first_id(scope.since)
        newest = (
            select(events.c.event_id)
            .where(days)
            .order_by(events.c.event_id.desc())
            .limit(HASHES_LOOKED_THROUGH)
            .subquery()
        )
        hashed = select(events.c.event_id).join(newest, newest.c.event_id == events.c.event_id)
        wanted = (await connection.execute(hashed.where(events.c.leaf_hash == bytes.fromhex(text)))).scalars().all()
        query = query.where(events.c.event_id.in_(wanted))
    return [log_row(row) for row in await connection.execute(query.limit(DOCUMENTS_MAX))]


async def _documents(
    connection: AsyncConnection, scope: Scope, found: Found, text: str, certificates: Sequence[str]
) -> list[UUID]:
    query = _document_query(found, text, certificates)
    if query is None:
        return []
    # Within the mandate before they are counted.
    query = query.where(scope.document()).order_by(documents.c.accepted_at.desc()).limit(DOCUMENTS_MAX)
    return list((await connection.execute(query)).scalars())


def _document_query(found: Found, text: str, certificates: Sequence[str]) -> Select[Any] | None:
    query = select(documents.c.document_key)
    if found is Found.NUMBER:
        number, notation = number_of(text)
        query = query.where(documents.c.code_number == number)
        beginning = fold(f"{number} {notation}")
        return query.where(documents.c.folded.startswith(beginning, autoescape=True)) if notation else query
    if found is Found.DOCUMENT_ID:
        return query.where(documents.c.document_id == text)
    if found is Found.MESSAGE_ID:
        named = select(submissions.c.submission_id).where(submissions.c.message_id == text)
        return query.where(documents.c.document_key.in_(named))
    if found is Found.DIGEST:
        attached = select(attachments.c.document_key).where(attachments.c.digest == f"sha256:{text}")
        packed = documents.alias("packed")
        same = select(packed.c.document_key).where(packed.c.digest == f"sha256:{text}")
        # One search along each index; of an "or" PostgreSQL would compare all documents.
        return query.where(documents.c.document_key.in_(union_all(attached, same)))
    if certificates:
        return query.where(documents.c.signer.in_(certificates))
    return None


async def _refused(connection: AsyncConnection, scope: Scope, found: Found, text: str) -> Sequence[UUID]:
    column = {Found.DOCUMENT_ID: submissions.c.document_id, Found.MESSAGE_ID: submissions.c.message_id}.get(found)
    if column is None:
        return ()
    query = select(submissions.c.event_id).where(column == text, IS_REFUSED, scope.submission()).limit(DOCUMENTS_MAX)
    return list((await connection.execute(query)).scalars())


async def _events_of(connection: AsyncConnection, scope: Scope, keys: Iterable[UUID]) -> list[LogRow]:
    query = events_within(scope).where(events.c.document_key.in_(list(keys)))
    query = query.order_by(events.c.document_key, events.c.at, events.c.event_id).limit(ENTRIES_MAX)
    return [log_row(row) for row in await connection.execute(query)]


async def _shared(connection: AsyncConnection, scope: Scope, key: UUID) -> list[LogRow]:
    """Return the acts on many copies that concern a document too; who may read all agencies' acts may read these."""
    row = (await connection.execute(select(*DOCUMENT_COLUMNS).where(documents.c.document_key == key))).one()
    try:
        told = await read_timeline(connection, DocumentView(*row))
    except (KeyError, TypeError, ValueError):
        # An act that was damaged: the check of the range names it, and the document's own entries are shown all the same.
        return []
    shared = [one.event_id for one in told.events if one.document_key is None][:ENTRIES_MAX]
    query = events_within(scope).where(events.c.event_id.in_(shared))
    return [log_row(one) for one in await connection.execute(query)]


def number_of(text: str) -> tuple[str, str]:
    """Return number and notation of `8712/CĐ-BNNMT`, `8712 cd bnnmt` or `8712`."""
    number, _, notation = text.strip().replace("/", " ", 1).partition(" ")
    return number, notation.strip()
