"""Which certificates signed: each is looked for once, in a few packages, and found by its serial number."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends import tables
from docaxis.backends.auditor import signers
from docaxis.backends.auditor.signers import LOOKED_THROUGH, Signers
from docaxis.backends.database import Database
from tests.integration.clerk_rows import BEGIN, World

SERIALS = {"sha256:a": 0xA1, "sha256:b": 0xB2, "sha256:c": 0xC3}


@pytest.fixture(autouse=True)
def _certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a package be its certificate."""

    def certificate_in(body: bytes, fingerprint: str) -> SimpleNamespace:
        assert body.decode() == fingerprint
        return SimpleNamespace(serial_number=SERIALS[fingerprint])

    monkeypatch.setattr(signers, "certificate_in", certificate_in)


async def signed(database: Database, documents: int, signer: str, kept: int) -> None:
    """Write documents of a signer; the package of one of them (0: the oldest) lies in the database."""
    world = World()
    for number in range(documents):
        world.document(f"{signer}-{number}", {})
    for number, row in enumerate(world.rows[tables.documents]):
        row |= {"signer": signer, "digest": f"{signer}-{number}", "accepted_at": BEGIN + timedelta(minutes=number)}
    await world.write(database)
    async with database.engine.begin() as connection:
        await connection.execute(
            insert(tables.packages).values(digest=f"{signer}-{kept}", body=signer.encode(), size_bytes=1)
        )


async def test_a_signer_is_found_by_the_serial_number_of_the_certificate(database: Database) -> None:
    await signed(database, 3, "sha256:a", kept=0)
    await signed(database, 2, "sha256:b", kept=1)
    known = Signers()
    async with database.engine.connect() as connection:
        assert await known.of_serial(connection, "b2") == ["sha256:b"]
        assert await known.of_serial(connection, "a1") == ["sha256:a"]
        assert await known.of_serial(connection, "c3") == []


async def test_only_the_newest_packages_of_a_signer_are_tried(database: Database) -> None:
    await signed(database, LOOKED_THROUGH + 1, "sha256:a", kept=0)
    await signed(database, LOOKED_THROUGH + 1, "sha256:b", kept=1)
    known = Signers()
    async with database.engine.connect() as connection:
        assert await known.learn(connection, 10) == 2
        assert await known.of_serial(connection, "a1") == []
        assert await known.of_serial(connection, "b2") == ["sha256:b"]


async def test_each_certificate_is_looked_into_once_and_so_many_at_a_time(database: Database) -> None:
    for signer in SERIALS:
        await signed(database, 2, signer, kept=0)
    async with database.engine.begin() as connection:
        # A document whose signer is not known is no certificate.
        await connection.execute(
            update(tables.documents).where(tables.documents.c.document_id == "sha256:a-1").values(signer="")
        )
    known = Signers()
    async with database.engine.connect() as connection:
        assert [await known.learn(connection, 2) for _ in range(3)] == [2, 1, 0]
        assert await statements_of(connection, known) == 1


async def statements_of(connection: AsyncConnection, known: Signers) -> int:
    """Return how many statements it takes to learn that there is nothing new."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    await known.learn(connection, 10)
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    return len(seen)
