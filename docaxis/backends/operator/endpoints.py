"""The connected systems as the operator sees them: when each was last seen, and how old the oldest in its inbox is."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from docaxis.backends.operator.certificates import client_end
from docaxis.backends.operator.figures import InboxCounts, OperatorFigures
from docaxis.backends.registry import Endpoint, Registry
from docaxis.hub.views.operating import EndpointView

OLDEST_MAX = 40
"""Inboxes whose oldest copy is looked up in the database at one look, the fullest first."""


class Endpoints:
    """What was found out at the last look."""

    def __init__(self, registry: Registry, figures: OperatorFigures) -> None:
        self._registry = registry
        self._figures = figures
        self._version = -1
        self._endpoints: dict[str, Endpoint] = {}
        self._organ_ids: dict[str, list[str]] = {}
        self._seen: Mapping[str, tuple[datetime | None, datetime | None]] = {}
        self._oldest_at: dict[str, datetime] = {}
        self._looked_at: datetime | None = None
        self._ends: dict[str, datetime] = {}
        self._keys: dict[str, int] = {}

    def token_of(self, endpoint: str) -> str | None:
        """Return the random part of an endpoint's queue names, None where there is none of this id."""
        found = self._endpoints.get(endpoint)
        return found.queue_token if found else None

    def oldest_s(self, endpoint: str) -> float | None:
        """Return the age in seconds of the oldest unfetched copy at the last look, None where it was not asked for."""
        at = self._oldest_at.get(endpoint)
        return max(0.0, (self._looked_at - at).total_seconds()) if at and self._looked_at else None

    async def look(self, inboxes: Mapping[str, InboxCounts]) -> None:
        """Find everything out again; raises StoreUnavailable."""
        version = await self._registry.directory_version()
        if version != self._version:
            self._endpoints = {one.endpoint_id: one for one in await self._registry.endpoints()}
            self._organ_ids = {}
            for organ_id, endpoint in sorted((await self._registry.connections()).items()):
                self._organ_ids.setdefault(endpoint, []).append(organ_id)
            self._version = version
        self._seen = await self._figures.seen(list(self._endpoints))
        self._keys, self._ends = {}, {}
        for endpoint, _, octets in await self._figures.client_keys():
            self._keys[endpoint] = self._keys.get(endpoint, 0) + 1
            if ends_at := client_end(octets):
                self._ends[endpoint] = max(ends_at, self._ends.get(endpoint, ends_at))
        fullest = sorted(inboxes, key=lambda one: inboxes[one].fetched - inboxes[one].dispatched)[:OLDEST_MAX]
        self._oldest_at = {}
        for endpoint in fullest:
            if inboxes[endpoint].dispatched > inboxes[endpoint].fetched and (
                at := await self._figures.oldest_unfetched(endpoint)
            ):
                self._oldest_at[endpoint] = at
        self._looked_at = (await self._figures.pending()).database_at

    def views(self, inboxes: Mapping[str, InboxCounts]) -> Iterator[EndpointView]:
        """Yield every endpoint by id."""
        for endpoint_id, one in sorted(self._endpoints.items()):
            counts = inboxes.get(endpoint_id, InboxCounts(0, 0, 0))
            sent_at, fetched_at = self._seen.get(endpoint_id, (None, None))
            yield EndpointView(
                endpoint_id=endpoint_id,
                name=one.name,
                organ_ids=tuple(self._organ_ids.get(endpoint_id, ())),
                created_at=one.created_at,
                disabled_at=one.disabled_at,
                sent_at=sent_at,
                fetched_at=fetched_at,
                unfetched=max(0, counts.dispatched - counts.fetched),
                waiting=counts.waiting,
                oldest_s=self.oldest_s(endpoint_id),
                certificate_ends_at=self._ends.get(endpoint_id),
                keys=self._keys.get(endpoint_id, 0),
            )
