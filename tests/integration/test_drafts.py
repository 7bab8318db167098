"""Drafts and what a sender wants to know, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from docaxis.backends.database import Database
from docaxis.backends.drafts import SqlDrafts
from docaxis.backends.endpoint_leases import EndpointLeases
from docaxis.backends.people_tables import draft_files
from docaxis.backends.sending_facts import SendingFacts
from docaxis.backends.tables import events, lanes, submissions
from docaxis.domain.envelope import Code, PromulgationInfo
from docaxis.hub.acts import act
from docaxis.hub.views.drafts import SENDING, Draft, DraftFile, Finding, Refused
from tests.integration.clerk_rows import BEGIN, World

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CLERK, OTHER = uuid4(), uuid4()
FILE = DraftFile("Công văn.pdf", "application/pdf", "sha256:" + "1" * 64, 12, Finding.SIGNED)


@pytest.fixture
async def port(database: Database, database_url: str) -> AsyncIterator[SqlDrafts]:
    async with SqlDrafts(database_url, database) as opened:
        yield opened


@pytest.fixture
async def facts(database: Database, database_url: str) -> AsyncIterator[SendingFacts]:
    async with SendingFacts(database_url) as opened:
        yield opened


def draft(**changed: object) -> Draft:
    plain = Draft(
        uuid4(), CLERK, "G22", NOW, "update", {"subject": "V/v “thử”"}, ("H01", "LIST.PROVINCES"), ("H05",),
        (uuid4(),), (FILE, replace(FILE, name="b.pdf", digest="sha256:2", finding=Finding.MACRO)),
    )  # fmt: skip
    return replace(plain, **changed)  # type: ignore[arg-type]


async def test_a_draft_comes_back_as_it_was_kept(port: SqlDrafts, database: Database) -> None:
    one = draft()
    assert await port.save(one)
    assert await port.draft(one.draft_id, CLERK) == one
    later = replace(one, texts={"subject": "khác"}, files=(FILE,), changed_at=NOW + timedelta(minutes=1))
    assert await port.save(later)
    assert await port.draft(one.draft_id, CLERK) == later
    assert await port.draft(one.draft_id, OTHER) is None
    assert not await port.save(replace(later, person_id=OTHER))
    assert not await port.save(replace(later, organ_id="H01"))
    listed = await port.drafts(CLERK, "G22")
    assert [item.draft_id for item in listed] == [one.draft_id]
    assert await port.drafts(CLERK, "H01") == []
    await port.discard(one.draft_id, OTHER)
    assert await port.draft(one.draft_id, CLERK) is not None
    await port.discard(one.draft_id, CLERK)
    assert await port.draft(one.draft_id, CLERK) is None
    async with database.engine.connect() as connection:
        assert (await connection.execute(select(draft_files))).all() == []


async def test_only_one_request_takes_a_draft_for_sending(port: SqlDrafts, database: Database) -> None:
    one = draft()
    await port.save(one)
    taken = await asyncio.gather(*(port.begin_sending(one.draft_id, CLERK, NOW) for _ in range(5)))
    assert sorted(taken) == [False, False, False, False, True]
    assert not await port.save(one)
    await port.discard(one.draft_id, CLERK)
    held = await port.draft(one.draft_id, CLERK)
    assert held is not None
    assert (held.message_id, held.is_open) == (SENDING, False)
    await port.sent(one.draft_id, "m-1", act("person:send", NOW, {"login": "a"}))
    sent = replace(one, message_id="m-1")
    assert await port.draft(one.draft_id, CLERK) == sent
    assert not await port.reopen(replace(one, message_id="m-2"), None)
    assert await port.reopen(sent, Refused("SIG.REVOKED", "thẻ", "/a"))
    assert await port.draft(one.draft_id, CLERK) == replace(one, refused=Refused("SIG.REVOKED", "thẻ", "/a"))
    async with database.engine.connect() as connection:
        assert (await connection.scalars(select(events.c.kind))).all() == ["person:send"]


async def test_usual_addressees_numbers_lines_and_earlier_documents(facts: SendingFacts, database: Database) -> None:
    world = World()
    keys: list[UUID] = [
        world.document(f"d-{number}", {"H05": (), **({"H01": ()} if number else {})}, sender="G22", number=str(number))
        for number in range(3)
    ]
    world.document("G22,2026/11/20,77/CV-VP", {"H26": ()}, sender="H41")
    taken = world.document("G22,2026/11/20,12/CV-VP", {"H01": ()}, sender="G22", number="12", notation="CV-VP")
    waiting = world.document("w", {"H41": ()}, sender="G22", states={"H41": "waiting"})
    for endpoint, count in (("e-h01", 2), ("e-h05", 0), ("e-h41", 5)):
        world.add(
            lanes, endpoint=endpoint, lane="normal", next_sequence=9, dispatched=0, dispatched_bytes=0, fetched=0,
            fetched_bytes=0, waiting=count,
        )  # fmt: skip
    await world.write(database)
    assert await facts.usual("G22", NOW) == ["H01", "H05", "H41"]
    assert await facts.usual("G22", NOW + timedelta(days=400)) == []
    issued = PromulgationInfo("", date(2026, 11, 20))
    assert await facts.is_number_taken("G22", Code("12", "CV-VP"), issued, NOW)
    for code in (Code("77", "CV-VP"), Code("", ""), Code("12", "QĐ-VP")):
        assert not await facts.is_number_taken("G22", code, issued, NOW)
    assert await facts.waiting({"e-h01", "e-h05"}) == {"e-h01": 2}
    assert await facts.waiting(()) == {}
    found = await facts.earlier([taken, keys[0], waiting], "H01")
    assert [(one.document_key, list(to)) for one, to in found] == [(taken, ["H01"])]
    assert await facts.earlier([waiting], "H41") == []
    assert len(await facts.earlier([taken, *keys], "G22")) == 4


async def test_the_last_answer_to_a_message_counts(facts: SendingFacts, database: Database) -> None:
    assert await facts.answer("m") is None
    async with database.engine.begin() as connection:
        for minute, outcome in ((0, "deferred"), (1, "accepted")):
            key = uuid4()
            await connection.execute(
                insert(submissions).values(
                    submission_id=key, endpoint="e", message_id="m", digest=f"sha256:{minute}", lane="normal",
                    outcome=outcome, code="", detail="", place="", sender="G22", document_id="",
                    received_at=BEGIN + timedelta(minutes=minute), decided_at=BEGIN, event_id=key, receipt=b"",
                )
            )  # fmt: skip
    answer = await facts.answer("m")
    assert answer is not None
    assert (answer.outcome, answer.document_key) == ("accepted", key)


async def test_a_lease_of_a_web_endpoint_is_one_processes_alone(database: Database) -> None:
    first, second = EndpointLeases(database, "one", 60), EndpointLeases(database, "two", 60)
    assert await first.take("e-h01")
    assert await first.take("e-h01")
    assert not await second.take("e-h01")
    assert await second.take("e-h05")
    await second.release("e-h01")
    assert not await second.take("e-h01")
    await first.release("e-h01")
    assert await second.take("e-h01")
    assert not await first.take("e-h01")
