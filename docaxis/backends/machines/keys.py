"""Keys of endpoints: registered and revoked by the operator, looked up at every request; tokens count once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.directory_tables import connections, endpoints
from docaxis.backends.people_tables import client_keys, used_tokens
from docaxis.hub.acts import act
from docaxis.hub.views.machines import ClientKey, OwnEndpoint
from docaxis.ledger.event import Json


class SqlClientKeys:
    """Every method raises StoreUnavailable when the database cannot be used now; changes are acts in the log."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    async def find(self, key_id: str) -> ClientKey | None:
        """Return a key that is in force, of an endpoint that is not disabled."""
        query = (
            select(client_keys)
            .join(endpoints, endpoints.c.endpoint_id == client_keys.c.endpoint)
            .where(
                client_keys.c.key_id == key_id, client_keys.c.revoked_at.is_(None), endpoints.c.disabled_at.is_(None)
            )
        )

        async def work(connection: AsyncConnection) -> ClientKey | None:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else _key(row)

        return await self._database.run(work)

    async def certificates(self) -> list[ClientKey]:
        """Return the certificates that are in force, of all endpoints."""
        query = select(client_keys).where(client_keys.c.kind == "certificate", client_keys.c.revoked_at.is_(None))

        async def work(connection: AsyncConnection) -> list[ClientKey]:
            return [_key(row) for row in await connection.execute(query)]

        return await self._database.run(work)

    async def use_token(self, token_id: str, ends_at: datetime, now: datetime) -> bool:
        """Note that a token was used; its id is of one endpoint. False where it was before. What has run out is forgotten."""

        async def work(connection: AsyncConnection) -> bool:
            # A token that a crash makes unused again has run out within minutes; it is not worth a wait for the disk.
            await self._database.commit_lazily(connection)
            await connection.execute(delete(used_tokens).where(used_tokens.c.ends_at < now))
            return await self._database.bulk.insert_new(connection, used_tokens, [(token_id, ends_at)]) == 1

        return await self._database.run(work)

    async def own(self, endpoint: str) -> OwnEndpoint | None:
        """Return an endpoint with its agencies and keys, revoked ones included."""

        async def work(connection: AsyncConnection) -> OwnEndpoint | None:
            row = (await connection.execute(select(endpoints).where(endpoints.c.endpoint_id == endpoint))).one_or_none()
            if row is None:
                return None
            codes = await connection.scalars(
                select(connections.c.organ_id)
                .where(connections.c.endpoint_id == endpoint)
                .order_by(connections.c.organ_id)
            )
            return OwnEndpoint(endpoint, row.name, row.created_at, tuple(codes), await _keys_of(connection, endpoint))

        return await self._database.run(work)

    async def add(self, key: ClientKey) -> None:
        """Register a key; raises KeyError for an unknown endpoint, ValueError for a key that was registered before."""

        async def work(connection: AsyncConnection) -> None:
            named = select(endpoints.c.endpoint_id).where(endpoints.c.endpoint_id == key.endpoint)
            if (await connection.execute(named)).one_or_none() is None:
                raise KeyError(key.endpoint)
            row = (key.key_id, key.endpoint, key.kind, key.public_key, key.name, key.created_at, None)
            if await self._database.bulk.insert_new(connection, client_keys, [row]) != 1:
                raise ValueError(f"{key.key_id} was registered before; a revoked key does not come back")
            await self._record(connection, "endpoint:key-added", key.created_at, key.endpoint, key.key_id, key.name)

        await self._database.run(work)

    async def revoke(self, endpoint: str, key_id: str, now: datetime) -> None:
        """Revoke a key from this moment on; raises KeyError where the endpoint has no such key in force."""
        changed = (
            update(client_keys)
            .where(
                client_keys.c.endpoint == endpoint, client_keys.c.key_id == key_id, client_keys.c.revoked_at.is_(None)
            )
            .values(revoked_at=now)
        )

        async def work(connection: AsyncConnection) -> None:
            if not (await connection.execute(changed)).rowcount:
                raise KeyError(key_id)
            await self._record(connection, "endpoint:key-revoked", now, endpoint, key_id)

        await self._database.run(work)

    async def _record(
        self, connection: AsyncConnection, kind: str, at: datetime, endpoint: str, key_id: str, name: str = ""
    ) -> None:
        facts: Mapping[str, Json] = {"endpoint": endpoint, "key": key_id, **({"name": name} if name else {})}
        await self._database.record(connection, [act(kind, at, dict(facts))])


async def _keys_of(connection: AsyncConnection, endpoint: str) -> tuple[ClientKey, ...]:
    query = select(client_keys).where(client_keys.c.endpoint == endpoint)
    ordered = query.order_by(client_keys.c.created_at, client_keys.c.key_id)
    return tuple(_key(row) for row in await connection.execute(ordered))


def _key(row: Row[Any]) -> ClientKey:
    return ClientKey(row.key_id, row.endpoint, row.kind, row.public_key, row.name, row.created_at, row.revoked_at)
