"""What the API asks of the database, on both kinds of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from docaxis.backends import tables
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.directory_files import shipped
from docaxis.backends.machines.answers import KEPT, SqlAnswers
from docaxis.backends.machines.changes import MachineChanges
from docaxis.backends.machines.exchange import MachineExchange
from docaxis.backends.machines.figures import AgencyFigures
from docaxis.backends.machines.inbox import Inboxes
from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.backends.machines.uploads import FolderUploads, MachineAttachments
from docaxis.backends.registry import Registry
from docaxis.backends.store import SqlStore
from docaxis.domain import wire
from docaxis.domain.period import Period
from docaxis.domain.status import StatusCode
from docaxis.hub.acts import act
from docaxis.hub.ports import FetchRange
from docaxis.hub.views.documents import Cursor
from docaxis.hub.views.machines import ClientKey, KeptAnswer, PartialUpload, Parties, Place
from tests.integration.clerk_rows import BEGIN, World
from tests.schema import newest


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await newest(database_url)
    opened = Database(database_url)
    registry = Registry(opened.engine)
    await registry.import_agencies(shipped()[0].agencies.values())
    for endpoint, agency in (("e", "H41"), ("e-h01", "H01")):
        await registry.add_endpoint(endpoint, agency, BEGIN)
        await registry.connect(endpoint, [agency])
    yield opened
    await opened.close()


async def test_line_shows_what_is_not_acknowledged(database: Database, database_url: str) -> None:
    world = World()
    keys = [world.document(f"d{n}", {"H01": (StatusCode.ARRIVED,), "H05": ()}, number=str(n)) for n in range(3)]
    world.add(
        tables.lanes, endpoint="e-h01", lane="normal", next_sequence=4, dispatched=3, dispatched_bytes=3, fetched=0,
        fetched_bytes=0, waiting=0,
    )  # fmt: skip
    await world.write(database)
    async with MachineExchange(database_url) as exchange:
        assert await exchange.parties("e-h01", keys) == {key: Parties(False, ("H01",)) for key in keys}
        assert await exchange.parties("e", keys[:1]) == {keys[0]: Parties(True, ())}
        assert await exchange.parties("e", []) == await exchange.parties("other", keys) == {}
        found = await exchange.waiting("e-h01", None, 10)
        assert [(one.document.document_key, one.sequence, one.organ_ids) for one in found] == [
            (key, number, ("H01",)) for number, key in enumerate(keys, start=1)
        ]
        assert [one.sequence for one in await exchange.waiting("e-h01", Place(1, 1), 1)] == [2]
        inboxes = Inboxes(None, "", database, lambda _: None)  # type: ignore[arg-type] # no broker is asked
        told = {"normal": [(2, 2)]}
        assert await inboxes._open("e-h01", told) == 1
        await SqlStore(database).fetched(
            [FetchRange("e-h01", "normal", 2, 2)], BEGIN, lambda _: act("copies:fetched", BEGIN, {})
        )
        assert await inboxes._open("e-h01", told) == 0
        assert await inboxes._done("e-h01", keys) == {keys[1]}
        assert [one.sequence for one in await exchange.waiting("e-h01", None, 10)] == [1, 3]
        assert await exchange.note(keys[0]) == b""
        answer = await exchange.answer("e", "d1H41")
        assert answer is not None
        assert answer.submission_id == keys[1]
        assert await exchange.answer("e-h01", "d1H41") is None
        listed = await exchange.list_submissions("e", "accepted", Cursor(answer.received_at, keys[1]), 10)
        assert [one.submission_id for one in listed] == [keys[0]]


async def test_keys_and_tokens(database: Database) -> None:
    keys = SqlClientKeys(database)
    key = ClientKey("sha256:1", "e", "token", b"key", "server 1", BEGIN)
    await keys.add(key)
    assert await keys.find("sha256:1") == key
    with pytest.raises(KeyError):
        await keys.add(ClientKey("sha256:2", "nobody", "token", b"key", "", BEGIN))
    assert await keys.certificates() == []
    ends_at = BEGIN + timedelta(minutes=5)
    assert await keys.use_token("t", ends_at, BEGIN)
    assert not await keys.use_token("t", ends_at, BEGIN)
    await keys.revoke("e", "sha256:1", ends_at)
    assert await keys.find("sha256:1") is None
    own = await keys.own("e")
    assert own is not None
    assert (own.organ_ids, [one.revoked_at for one in own.keys]) == (("H41",), [ends_at])


async def test_answers_are_kept_for_a_while_and_the_first_one_stays(database: Database) -> None:
    answers = SqlAnswers(database)
    first = KeptAnswer("k", "sha256:1", 202, "{}", BEGIN)
    await answers.keep("e", [first])
    await answers.keep("e", [KeptAnswer("k", "sha256:2", 202, "[]", BEGIN)])
    assert await answers.find("e", "k") == first
    assert await answers.find("e-h01", "k") is None
    await answers.keep("e", [KeptAnswer("later", "sha256:3", 202, "", BEGIN + KEPT + timedelta(hours=1))])
    assert await answers.find("e", "k") is None


async def test_uploads_become_readable_octets(database: Database, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    uploads, attachments = FolderUploads(database, blobs, tmp_path / "up"), MachineAttachments(database, blobs)
    digest = wire.digest_of(b"abc")
    made = PartialUpload("0" * 32, "e", 3, digest, BEGIN, BEGIN + timedelta(hours=1))
    await uploads.create(made)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    assert await uploads.append(made, chunks()) == 3
    assert await uploads.find("e", made.upload_id, BEGIN) == PartialUpload(
        made.upload_id, "e", 3, digest, BEGIN, made.ends_at, 3
    )
    assert await uploads.find("e-h01", made.upload_id, BEGIN) is None
    assert await uploads.finish(made)
    assert await attachments.size_bytes("e", digest) == 3
    assert await attachments.size_bytes("e-h01", digest) is None
    assert b"".join([one async for one in attachments.read_stream(digest, 1, 2)]) == b"bc"


async def test_figures_and_an_empty_log(database: Database) -> None:
    directory, _ = shipped()
    figures = AgencyFigures(database.engine, Registry(database.engine), lambda: directory, lambda: BEGIN)
    try:
        found = await figures.measure("H41", Period.parse("2026-11"), 60)
        assert found is not None
        assert {one.key for one in found[0]} <= {"", "H41"}
        assert "sent" in {one.indicator for one in found[0]}
    finally:
        await figures.close()
    changes = MachineChanges(database)
    size = await changes.size()
    assert await changes.changes("e", size) == ((), size)
