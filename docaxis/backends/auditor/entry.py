"""One entry in full: everything about it that can be computed again, and the certificate and receipts that belong to it."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.certificates import view_of
from docaxis.backends.auditor.rows import events_within, log_row
from docaxis.backends.auditor.scope import Scope
from docaxis.backends.package_certificate import certificate_in
from docaxis.backends.tables import documents, events, submissions
from docaxis.hub.views.audit import EntryView
from docaxis.hub.views.documents import EventView
from docaxis.ledger.event import canonical_json, leaf_hash

Octets = Callable[[str], Awaitable[bytes | None]]
"""Returns the octets of a digest, None where the hub has none."""

_EVENT_HASH = re.compile(rb"<EventHash>([0-9a-f]{64})</EventHash>")


class Standing(NamedTuple):
    """What can be told of an event from its own row."""

    is_readable: bool
    is_canonical: bool
    columns_agree: bool


async def read_entry(
    connection: AsyncConnection, scope: Scope, event_id: UUID, octets: Octets, bindings: Mapping[str, frozenset[str]]
) -> EntryView | None:
    """Return an entry that may be read, None else."""
    found = (await connection.execute(events_within(scope).where(events.c.event_id == event_id))).one_or_none()
    if found is None:
        return None
    row = log_row(found)
    event, body = row.event, row.event.body
    standing = standing_of(event)
    submission = await submission_of(connection, event, body)
    sent = select(documents.c.signer, documents.c.digest).where(documents.c.document_key == event.document_key)
    signer, digest = (await connection.execute(sent)).one_or_none() or ("", "")
    certificate = certificate_in(await octets(digest) or b"", signer) if digest else None
    return EntryView(
        row=row,
        computed=leaf_hash(event.canonical),
        is_canonical=standing.is_canonical,
        body=body,
        columns_agree=standing.columns_agree,
        certificate=view_of(certificate, bindings) if certificate else None,
        receipts={submission.submission_id.hex: submission.receipt} if submission else {},
        receipt_agrees=agrees(submission.receipt, event.leaf_hash) if submission else None,
        package=submission.digest if submission else "",
        package_bytes=int(body.get("size_bytes") or 0),
        received_at=submission.received_at if submission else None,
    )


def standing_of(event: EventView) -> Standing:
    """Compare an event's octets with their canonical form, and with the columns that say the same."""
    try:
        told = json.loads(event.canonical)
        same = canonical_json(told) == event.canonical
    except (ValueError, RecursionError):
        return Standing(False, False, False)
    if not isinstance(told, dict) or told.keys() != {"at", "body", "event_id", "kind"}:
        return Standing(True, False, False)
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    columns = told["event_id"] == event.event_id.hex and told["kind"] == event.kind and told["at"] == at
    return Standing(True, same, columns and _names_its_document(event, told["body"]))


def agrees(receipt: bytes, leaf: bytes) -> bool:
    """Tell whether a receipt names this leaf as its event."""
    named = _EVENT_HASH.search(receipt)
    return named is not None and bytes.fromhex(named[1].decode()) == leaf


async def submission_of(connection: AsyncConnection, event: EventView, body: Mapping[str, Any]) -> Row[Any] | None:
    """Return the arrival that an event answered, with the receipt that was given for it."""
    received_at = moment_of(body.get("received_at"))
    endpoint = body.get("endpoint")
    query = select(submissions).where(submissions.c.event_id == event.event_id)
    if event.kind == "document:accepted":
        query = query.where(submissions.c.submission_id == event.document_key)
    elif received_at is not None and isinstance(endpoint, str):
        query = query.where(submissions.c.endpoint == endpoint, submissions.c.received_at == received_at)
    else:
        return None
    return (await connection.execute(query.limit(1))).one_or_none()


def moment_of(text: object) -> datetime | None:
    """Return an aware moment that an event's body names, None where it names none."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _names_its_document(event: EventView, body: object) -> bool:
    if not isinstance(body, dict) or event.document_key is None:
        return True
    # Of an acceptance `document` is a commitment to the sender's id, and `key` the hub's own.
    named = body.get("key") if event.kind == "document:accepted" else body.get("document")
    return not isinstance(named, str) or named == event.document_key.hex
