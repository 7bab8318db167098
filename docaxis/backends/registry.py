"""The directory as it is kept: endpoints, agencies, connections, signers; every change moves the version on."""

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Row, Text, cast, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.bulk import bulk_for
from docaxis.backends.directory_tables import agencies, connections, endpoints, settings, signer_bindings
from docaxis.backends.transactions import in_transaction
from docaxis.domain.organ import Agency

TOKEN_BYTES = 32
QUEUE_TOKEN_BYTES = 16
_VERSION = "directory_version"
_NOBODY = ""
Along = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connected system: its broker user, the random part of its queue names, and since when it is shut out."""

    endpoint_id: str
    name: str
    broker_user: str
    queue_token: str
    created_at: datetime
    disabled_at: datetime | None = None


class Registry:
    """Reads and changes the directory; raises StoreUnavailable and StoreRefused as the store does."""

    def __init__(self, engine: AsyncEngine, along: Along | None = None) -> None:
        """Work on a writing engine (`Database.engine`).

        along: what every change of this registry does besides in its transaction, as recording the act; where it raises
        nothing is changed.
        """
        self._engine = engine
        self._along = along
        self._bulk = bulk_for(engine.dialect.name)

    async def directory_version(self) -> int:
        """Return a number that grows with every change; 0 before the first."""

        async def work(connection: AsyncConnection) -> int:
            kept = select(settings.c.value).where(settings.c.key == _VERSION)
            return int((await connection.execute(kept)).scalar_one_or_none() or 0)

        return await in_transaction(self._engine, work)

    async def add_endpoint(self, endpoint_id: str, name: str, now: datetime, broker_user: str = "") -> str:
        """Add a connected system; returns its token for the blob API, which is not stored and never shown again.

        Raises ValueError when there is one of this id. The broker user is the id where no other is given.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = (
            endpoint_id, name, broker_user or endpoint_id, secrets.token_hex(QUEUE_TOKEN_BYTES),
            sha256_of(token), now, None,
        )  # fmt: skip

        async def work(connection: AsyncConnection) -> bool:
            await self._change(connection)
            return await self._bulk.insert_new(connection, endpoints, [row]) == 1

        if not await in_transaction(self._engine, work):
            raise ValueError(f"there is an endpoint {endpoint_id}, or one with its broker user, already")
        return token

    async def renew_token(self, endpoint_id: str) -> str:
        """Replace the token for the blob API; returns the new one; raises KeyError for an unknown endpoint."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._update_endpoint(endpoint_id, token_sha256=sha256_of(token))
        return token

    async def disable_endpoint(self, endpoint_id: str, now: datetime | None) -> None:
        """Shut an endpoint out from this moment, or let it in again (None); raises KeyError."""
        await self._update_endpoint(endpoint_id, disabled_at=now)

    async def _update_endpoint(self, endpoint_id: str, **values: str | datetime | None) -> None:
        statement = update(endpoints).where(endpoints.c.endpoint_id == endpoint_id).values(values)

        async def work(connection: AsyncConnection) -> int:
            await self._change(connection)
            return (await connection.execute(statement)).rowcount

        if not await in_transaction(self._engine, work):
            raise KeyError(endpoint_id)

    async def endpoints(self) -> Sequence[Endpoint]:
        """Return all endpoints by id, disabled ones included."""

        async def work(connection: AsyncConnection) -> list[Endpoint]:
            rows = await connection.execute(select(endpoints).order_by(endpoints.c.endpoint_id))
            return [_endpoint(row) for row in rows]

        return await in_transaction(self._engine, work)

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Return one endpoint, or None."""
        return await self._one_endpoint(endpoints.c.endpoint_id == endpoint_id)

    async def endpoint_of_token(self, token_sha256: str) -> str | None:
        """Return the endpoint, not disabled, whose token has this SHA-256 (hex), or None."""
        found = await self._one_endpoint((endpoints.c.token_sha256 == token_sha256) & endpoints.c.disabled_at.is_(None))
        return None if found is None else found.endpoint_id

    async def _one_endpoint(self, condition: ColumnElement[bool]) -> Endpoint | None:
        async def work(connection: AsyncConnection) -> Endpoint | None:
            row = (await connection.execute(select(endpoints).where(condition))).one_or_none()
            return None if row is None else _endpoint(row)

        return await in_transaction(self._engine, work)

    async def import_agencies(self, imported: Iterable[Agency]) -> int:
        """Add agencies, and replace those of the same code; returns how many; the others stay."""
        rows = {agency.organ_id: _agency_row(agency) for agency in imported}

        async def work(connection: AsyncConnection) -> int:
            await self._change(connection)
            held = set(await connection.scalars(select(agencies.c.organ_id)))
            replaced = sorted(held & rows.keys())
            for start in range(0, len(replaced), 1000):
                named = agencies.c.organ_id.in_(replaced[start : start + 1000])
                await connection.execute(delete(agencies).where(named))
            await self._bulk.insert(connection, agencies, [rows[key] for key in sorted(rows)])
            return len(rows)

        return await in_transaction(self._engine, work)

    async def agencies(self) -> Sequence[Agency]:
        """Return all agencies by code."""

        async def work(connection: AsyncConnection) -> list[Agency]:
            return [_agency(row) for row in await connection.execute(select(agencies).order_by(agencies.c.organ_id))]

        return await in_transaction(self._engine, work)

    async def connect(self, endpoint_id: str, organ_ids: Iterable[str]) -> None:
        """Let agencies be reached through an endpoint, whatever reached them before; raises StoreRefused if unknown."""
        wanted = sorted(set(organ_ids))

        async def work(connection: AsyncConnection) -> None:
            await self._change(connection)
            await _delete_where_in(connection, connections.c.organ_id, wanted)
            await self._bulk.insert(connection, connections, [(endpoint_id, organ_id) for organ_id in wanted])

        await in_transaction(self._engine, work)

    async def disconnect(self, organ_ids: Iterable[str]) -> None:
        """Let agencies be reached through their ancestors again."""
        wanted = sorted(set(organ_ids))

        async def work(connection: AsyncConnection) -> None:
            await self._change(connection)
            await _delete_where_in(connection, connections.c.organ_id, wanted)

        await in_transaction(self._engine, work)

    async def connections(self) -> Mapping[str, str]:
        """Return organ id → endpoint, of endpoints that are not disabled."""
        rows = (
            select(connections.c.organ_id, connections.c.endpoint_id)
            .join(endpoints, endpoints.c.endpoint_id == connections.c.endpoint_id)
            .where(endpoints.c.disabled_at.is_(None))
        )

        async def work(connection: AsyncConnection) -> dict[str, str]:
            return {row.organ_id: row.endpoint_id for row in await connection.execute(rows)}

        return await in_transaction(self._engine, work)

    async def bind_signer(self, fingerprint: str, organ_ids: Iterable[str]) -> None:
        """Bind a certificate or key digest (`sha256:<hex>`) to these agencies only; to none: the signer is shut out."""
        rows = [(fingerprint, organ_id) for organ_id in sorted(set(organ_ids)) or [_NOBODY]]

        async def work(connection: AsyncConnection) -> None:
            await self._change(connection)
            await connection.execute(delete(signer_bindings).where(signer_bindings.c.fingerprint == fingerprint))
            await self._bulk.insert(connection, signer_bindings, rows)

        await in_transaction(self._engine, work)

    async def unbind_signer(self, fingerprint: str) -> None:
        """Forget the binding: what the certificate itself says counts again."""

        async def work(connection: AsyncConnection) -> None:
            await self._change(connection)
            await connection.execute(delete(signer_bindings).where(signer_bindings.c.fingerprint == fingerprint))

        await in_transaction(self._engine, work)

    async def signer_bindings(self) -> Mapping[str, frozenset[str]]:
        """Return fingerprint or key digest → organ ids; an empty set shuts the signer out."""

        async def work(connection: AsyncConnection) -> dict[str, set[str]]:
            bound: dict[str, set[str]] = {}
            for row in await connection.execute(select(signer_bindings)):
                bound.setdefault(row.fingerprint, set()).add(row.organ_id)
            return bound

        bound = await in_transaction(self._engine, work)
        return {fingerprint: frozenset(organ_ids - {_NOBODY}) for fingerprint, organ_ids in bound.items()}

    async def _change(self, connection: AsyncConnection) -> None:
        await _bump(connection)
        if self._along:
            await self._along(connection)


def sha256_of(token: str) -> str:
    """Return the hex digest that is stored in a token's place."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _bump(connection: AsyncConnection) -> None:
    """Move the version on; the first statement of every change, so that two changes go one after the other."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    first = make(settings).values(key=_VERSION, value="1")
    raised = cast(cast(settings.c.value, BigInteger) + 1, Text)
    await connection.execute(first.on_conflict_do_update(index_elements=[settings.c.key], set_={"value": raised}))


async def _delete_where_in(connection: AsyncConnection, column: Column[str], values: Sequence[str]) -> None:
    for start in range(0, len(values), 1000):
        await connection.execute(delete(column.table).where(column.in_(values[start : start + 1000])))


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(row.endpoint_id, row.name, row.broker_user, row.queue_token, row.created_at, row.disabled_at)


def _agency_row(agency: Agency) -> tuple[Any, ...]:
    return (
        agency.organ_id, agency.name, agency.level, agency.branch, agency.parent, json.dumps(agency.aliases),
        agency.valid_from, agency.valid_to, json.dumps(agency.successors), agency.source, agency.statistical_code,
    )  # fmt: skip


def _agency(row: Row[Any]) -> Agency:
    return Agency(
        organ_id=row.organ_id,
        name=row.name,
        level=row.level,
        branch=row.branch,
        parent=row.parent,
        aliases=tuple(json.loads(row.aliases)),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successors=tuple(json.loads(row.successors)),
        source=row.source,
        statistical_code=row.statistical_code,
    )
