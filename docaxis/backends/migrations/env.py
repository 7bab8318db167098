"""alembic's entry: on the connection that `backends.migrate` hands over, or on one of its own (`-x url=…`)."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from docaxis.backends import directory_tables, flow_tables, people_tables, tables  # noqa: F401 - they fill the metadata
from docaxis.backends.columns import metadata
from docaxis.backends.engine import async_url


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_alone(url: str) -> None:
    engine = create_async_engine(async_url(url), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


def _main() -> None:
    handed_over: Connection | None = context.config.attributes.get("connection")
    if handed_over is not None:
        _run(handed_over)
        return
    url = context.get_x_argument(as_dictionary=True).get("url") or context.config.get_main_option("sqlalchemy.url")
    if not isinstance(url, str):
        message = "which database? alembic -x url=postgresql://…"
        raise SystemExit(message)
    asyncio.run(_run_alone(url))


_main()
