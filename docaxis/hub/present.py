"""What one batch has made of earlier documents so far: the second status in a batch meets what the first has changed."""

from dataclasses import replace
from typing import TypedDict
from uuid import UUID

from docaxis.hub.ports import KnownDelivery, KnownDocument
from docaxis.hub.rows import DeliveryChange


class _Change(TypedDict):
    statuses: int
    state: str


class Present:
    """The facts of the store, and over them the batch's own changes."""

    def __init__(self) -> None:
        self._before: dict[tuple[UUID, str], KnownDelivery] = {}
        self._copies: dict[UUID, dict[str, _Change]] = {}
        self._states: dict[UUID, str] = {}

    def see(self, document: KnownDocument | None) -> KnownDocument | None:
        """Return a document as it is at this point of the batch."""
        if document is None:
            return None
        changed = self._copies.get(document.document_key)
        state = self._states.get(document.document_key, document.state)
        if changed is None:
            return document if state == document.state else replace(document, state=state)
        # Only what was changed: another query may know more of the same copy, as whether it was fetched.
        deliveries = [
            one._replace(**changed[one.organ_id]) if one.organ_id in changed else one for one in document.deliveries
        ]
        return replace(document, state=state, deliveries=tuple(deliveries))

    def change(self, document_key: UUID, delivery: KnownDelivery, statuses: int, state: str) -> None:
        """Note what a copy has become."""
        self._before.setdefault((document_key, delivery.organ_id), delivery)
        changed: _Change = {"statuses": statuses, "state": state}
        self._copies.setdefault(document_key, {})[delivery.organ_id] = changed

    def end(self, document_key: UUID, state: str) -> None:
        """Note that a document is no longer active."""
        self._states[document_key] = state

    @property
    def ended(self) -> list[tuple[UUID, str]]:
        """Return the documents that are no longer active, by key."""
        return sorted(self._states.items())

    @property
    def changes(self) -> list[DeliveryChange]:
        """Return the copies that are no longer as the store has them, by key."""
        changes = []
        for (document_key, organ_id), before in sorted(self._before.items()):
            after = self._copies[document_key][organ_id]
            if (before.statuses, before.state) != (after["statuses"], after["state"]):
                changes.append(DeliveryChange(document_key, organ_id, before.statuses, before.state, **after))
        return changes
