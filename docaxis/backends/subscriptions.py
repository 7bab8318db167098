"""Where subscriptions are kept: who is told of changes, how far, and what went wrong the last time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.directory_tables import endpoints
from docaxis.backends.flow_tables import subscriptions
from docaxis.backends.tables import log_entries
from docaxis.hub.rows import EventRow
from docaxis.hub.subscription import Subscription

_SIZE = select(func.coalesce(func.max(log_entries.c.leaf_index) + 1, 0))
_WELL = {"failures": 0, "failing_since": None, "next_try_at": None, "last_error": ""}
ERROR_LENGTH_MAX = 300


class SqlSubscriptions:
    """Every method raises StoreUnavailable when the database cannot be used now."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    async def enabled(self) -> tuple[Sequence[Subscription], int]:
        """Return who is to be told, with an endpoint that is not disabled either, and the size of the log (0 for nobody)."""
        shut_out = select(endpoints.c.endpoint_id).where(
            endpoints.c.endpoint_id == subscriptions.c.endpoint, endpoints.c.disabled_at.is_not(None)
        )
        query = (
            select(subscriptions)
            .where(subscriptions.c.disabled_at.is_(None), ~shut_out.exists())
            .order_by(subscriptions.c.created_at)
        )

        async def work(connection: AsyncConnection) -> tuple[Sequence[Subscription], int]:
            found = [_subscription(row) for row in await connection.execute(query)]
            return found, (await connection.execute(_SIZE)).scalar_one() if found else 0

        return await self._database.run(work)

    async def told(self, one: Subscription, next_index: int) -> bool:
        """Note that a message was taken; False where the subscription has changed meanwhile."""
        moved = (
            update(subscriptions)
            .where(
                subscriptions.c.subscription_id == one.subscription_id,
                subscriptions.c.told_index == one.told_index,
                subscriptions.c.disabled_at.is_(None),
            )
            .values(next_index=next_index, told_index=next_index, **_WELL)
        )

        async def work(connection: AsyncConnection) -> bool:
            # What a crash takes back is told again, and receivers drop repeats.
            await self._database.commit_lazily(connection)
            return (await connection.execute(moved)).rowcount == 1

        return await self._database.run(work)

    async def looked_at(self, reached: Mapping[UUID, tuple[int, int]]) -> None:
        """Note that from told_index (the first number) up to the second the log holds nothing for them."""

        async def work(connection: AsyncConnection) -> None:
            await self._database.commit_lazily(connection)
            for key, (told_index, next_index) in sorted(reached.items()):
                await connection.execute(
                    update(subscriptions)
                    .where(
                        subscriptions.c.subscription_id == key,
                        subscriptions.c.told_index == told_index,
                        subscriptions.c.next_index < next_index,
                    )
                    .values(next_index=next_index)
                )

        if reached:
            await self._database.run(work)

    async def failed(self, one: Subscription, at: datetime, next_try_at: datetime, error: str) -> None:
        """Note a failure and when to try again."""
        await self._change(
            one.subscription_id,
            failures=subscriptions.c.failures + 1,
            failing_since=one.failing_since or at,
            next_try_at=next_try_at,
            last_error=error[:ERROR_LENGTH_MAX],
        )

    async def give_up(self, one: Subscription, at: datetime, event: EventRow) -> None:
        """Disable a subscription and record the event."""
        ended = (
            update(subscriptions)
            .where(subscriptions.c.subscription_id == one.subscription_id, subscriptions.c.disabled_at.is_(None))
            .values(disabled_at=at)
        )

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(ended)).rowcount:
                await self._database.record(connection, [event])

        await self._database.run(work)

    async def add(
        self, key: UUID, endpoint: str, kind: str, url: str, at: datetime, *, from_start: bool
    ) -> Subscription:
        """Subscribe an endpoint, from the present end of the log or from its start."""

        async def work(connection: AsyncConnection) -> Subscription:
            first = 0 if from_start else (await connection.execute(_SIZE)).scalar_one()
            added = Subscription(key, endpoint, kind, url, first, first, at)
            await connection.execute(
                subscriptions.insert().values(
                    subscription_id=key, endpoint=endpoint, kind=kind, url=url, created_at=at,
                    next_index=first, told_index=first, **_WELL,
                )
            )  # fmt: skip
            return added

        return await self._database.run(work)

    async def all(self) -> tuple[Sequence[Subscription], int]:
        """Return every subscription, oldest first, and the size of the log."""
        query = select(subscriptions).order_by(subscriptions.c.created_at, subscriptions.c.subscription_id)

        async def work(connection: AsyncConnection) -> tuple[Sequence[Subscription], int]:
            found = [_subscription(row) for row in await connection.execute(query)]
            return found, (await connection.execute(_SIZE)).scalar_one()

        return await self._database.run(work)

    async def disable(self, key: UUID, at: datetime) -> bool:
        """Let a subscription rest where it stands; False where there is none of this id."""
        return await self._change(key, disabled_at=at)

    async def enable(self, key: UUID, first: int | None = None) -> bool:
        """Go on where it stopped, or at entry `first` of the log; False where there is none of this id."""
        place = {} if first is None else {"next_index": first, "told_index": first}
        return await self._change(key, disabled_at=None, **_WELL, **place)

    async def remove(self, key: UUID) -> bool:
        """Forget a subscription; False where there is none of this id."""

        async def work(connection: AsyncConnection) -> bool:
            gone = delete(subscriptions).where(subscriptions.c.subscription_id == key)
            return (await connection.execute(gone)).rowcount == 1

        return await self._database.run(work)

    async def _change(self, key: UUID, **values: object) -> bool:
        changed = update(subscriptions).where(subscriptions.c.subscription_id == key).values(**values)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(changed)).rowcount == 1

        return await self._database.run(work)


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    return Subscription(**row._mapping)  # noqa: SLF001 - the columns by their names
