"""The made database with what the pages need, kept from one run to the next: filling takes far longer than asking."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from docaxis.local.postgres import PrivatePostgres
from tests.bench import million, million_log, page_rows
from tests.bench.million import fill
from tests.bench.page_rows import surround
from tests.bench.plan import ROOT, Plan

NAME = "million"
_MADE_BY = (million, million_log, page_rows)
_MIGRATIONS = ROOT / "docaxis" / "backends" / "migrations" / "versions"


@asynccontextmanager
async def kept_million(plan: Plan, tell: Callable[[str], None]) -> AsyncIterator[PrivatePostgres]:
    """Give a running server with the filled database, made anew where what makes it has changed; raises ServiceError."""
    folder = plan.cache / f"kept-{plan.paged}"
    folder.mkdir(parents=True, exist_ok=True)
    server = PrivatePostgres(folder, downloads=plan.downloads, durable=True)
    await asyncio.to_thread(server.start)
    try:
        mark = folder / "filled"
        if not mark.exists() or mark.read_text(encoding="ascii") != made_by():
            mark.unlink(missing_ok=True)
            await asyncio.to_thread(server.drop_database, NAME)
            url = await asyncio.to_thread(server.create_database, NAME)
            tell(f"filling {plan.paged} documents")
            await fill(url, plan.paged, tell)
            await surround(url)
            mark.write_text(made_by(), encoding="ascii")
        yield server
    finally:
        await asyncio.to_thread(server.stop)


def made_by() -> str:
    """Return a digest of all that decides what the database holds."""
    files = sorted([Path(str(module.__file__)) for module in _MADE_BY] + list(_MIGRATIONS.glob("*.py")))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
