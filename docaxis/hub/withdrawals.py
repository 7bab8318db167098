"""An endpoint gives copies back unread: what the sender asked for is withdrawn, and he is told. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from docaxis.hub.acts import act
from docaxis.hub.judged import Settings
from docaxis.hub.ports import FetchRange, GivenBack
from docaxis.hub.reporting import add_report
from docaxis.hub.rows import Batch, DeliveryChange
from docaxis.ledger.event import Json


def compose_withdrawals(
    given_back: Sequence[GivenBack], others: Sequence[FetchRange], settings: Settings, at: datetime
) -> Batch:
    """Return what is written for copies given back (in the order of their documents).

    others are numbers that nobody had asked back: the endpoint has done with them, so they count as fetched.
    """
    batch = Batch(changed_at=at)
    if others:
        batch.events.append(act("copies:fetched", at, fetched_event(others)))
    for document, group in groupby(given_back, key=lambda one: one.document):
        copies = [one.delivery for one in group]
        body: dict[str, Json] = {
            "document": document.document_key.hex,
            "withdrawn": [[one.organ_id, one.endpoint, one.lane, one.sequence] for one in copies],
        }
        event = act("copies:withdrawn", at, body, document.document_key)
        batch.events.append(event)
        batch.changes += [
            DeliveryChange(document.document_key, one.organ_id, one.statuses, one.state, one.statuses, "withdrawn")
            for one in copies
        ]
        now = [one._replace(state="withdrawn") for one in copies]
        add_report(batch, settings, "withdrawn", document, now, (document.endpoint,), event)
    return batch


def fetched_event(ranges: Sequence[FetchRange]) -> dict[str, Json]:
    """Return the body of a `copies:fetched` event."""
    return {"fetched": [[one.endpoint, one.lane, one.first, one.last] for one in ranges]}
