"""Acts as event rows: canonical bytes and leaf hash from the first day."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from docaxis.hub.ids import new_id
from docaxis.hub.rows import EventRow
from docaxis.ledger.event import Event, Json, canonical, leaf_hash


def act(kind: str, at: datetime, body: Mapping[str, Json], document_key: UUID | None = None) -> EventRow:
    """Return the row of an act, `noun:verb`, at an aware instant."""
    event_id = new_id(at)
    octets = canonical(Event(event_id.hex, kind, at, body))
    return EventRow(event_id, kind, at, document_key, octets, leaf_hash(octets))
