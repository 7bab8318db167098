"""Changes of the directory from the pages: checked whole before they are written, recorded in the same transaction."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.registry import Registry
from docaxis.domain.directory import Directory
from docaxis.domain.organ import Agency, Branch, Level
from docaxis.hub.acts import act
from docaxis.ledger.event import Json


class DirectoryActs:
    """Each method raises StoreUnavailable, and ValueError where the directory would no longer be one; login is who acts."""

    def __init__(
        self,
        database: Database,
        structure: tuple[tuple[Level, ...], tuple[Branch, ...]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._structure = structure
        self._clock = clock

    async def signer_bindings(self) -> Mapping[str, frozenset[str]]:
        """Return fingerprint or key digest → organ ids; an empty set shuts the signer out."""
        return await self._registry().signer_bindings()

    async def endpoints(self) -> Mapping[str, str]:
        """Return endpoint → name, of those that are not shut out."""
        return {one.endpoint_id: one.name for one in await self._registry().endpoints() if one.disabled_at is None}

    async def add(self, agency: Agency, login: str) -> None:
        """Add an agency; ValueError where its code is taken."""
        if agency.organ_id in (await self._known()):
            raise ValueError(f"{agency.organ_id}: given twice, as code or alias")
        await self._import(agency, "agency:added", login, {"name": agency.name, "level": agency.level})

    async def change(self, agency: Agency, login: str) -> None:
        """Replace what is known of an agency; KeyError for one that is not there."""
        before = (await self._known())[agency.organ_id]
        changed = sorted(name for name in Agency.__slots__ if getattr(before, name) != getattr(agency, name))
        if changed:
            await self._import(agency, "agency:changed", login, {"changed": list(changed), "name": agency.name})

    async def close(self, organ_id: str, valid_to: date, successor: str, login: str) -> None:
        """Let an agency end before this day; successor may be empty. KeyError for an agency that is not there."""
        before = (await self._known())[organ_id]
        agency = replace(before, valid_to=valid_to, successors=(successor,) if successor else ())
        facts: dict[str, Json] = {"valid_to": valid_to.isoformat(), "successor": successor}
        await self._import(agency, "agency:closed", login, facts)

    async def connect(self, organ_id: str, endpoint: str, login: str) -> None:
        """Let an agency be reached through this endpoint; KeyError for an agency or an endpoint that is not there."""
        if organ_id not in await self._known():
            raise KeyError(organ_id)
        if endpoint not in await self.endpoints():
            raise KeyError(endpoint)
        facts: dict[str, Json] = {"organ_id": organ_id, "endpoint": endpoint}
        await self._registry("agency:connected", login, facts).connect(endpoint, [organ_id])

    async def disconnect(self, organ_id: str, login: str) -> None:
        """Let an agency be reached through its ancestors again; KeyError for one that has no endpoint of its own."""
        endpoint = (await self._registry().connections())[organ_id]
        facts: dict[str, Json] = {"organ_id": organ_id, "endpoint": endpoint}
        await self._registry("agency:disconnected", login, facts).disconnect([organ_id])

    async def _import(self, agency: Agency, kind: str, login: str, facts: Mapping[str, Json]) -> None:
        known = await self._known()
        connections = await self._registry().connections()
        await asyncio.to_thread(self._check, (known | {agency.organ_id: agency}).values(), connections)
        recorded = self._registry(kind, login, {"organ_id": agency.organ_id, **facts})
        await recorded.import_agencies([agency])

    async def _known(self) -> dict[str, Agency]:
        return {one.organ_id: one for one in await self._registry().agencies()}

    def _check(self, agencies: Iterable[Agency], connections: Mapping[str, str]) -> None:
        """Raise ValueError for what the hub could not load: it would go on with the old directory."""
        levels, branches = self._structure
        Directory.build(agencies, levels, connections, branches)

    def _registry(self, kind: str = "", login: str = "", facts: Mapping[str, Json] | None = None) -> Registry:
        if not kind:
            return Registry(self._database.engine)
        row = act(kind, self._clock(), {"login": login, **(facts or {})})

        async def record(connection: AsyncConnection) -> None:
            await self._database.record(connection, [row])

        return Registry(self._database.engine, record)
